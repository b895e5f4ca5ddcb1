"""Small worlds of football and baseball, said in a line each, and the denormalized datasets built from them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest

from fieldhouse import contracts, plan
from fieldhouse.lake import duck, schema

Row = dict[str, object]


@dataclass
class World:
    """What sources know; `build` answers with a denormalized dataset's rows, in the contract's order."""

    rows: dict[str, dict[tuple, Row]] = field(default_factory=dict)
    sources: list[tuple[str, str]] = field(default_factory=list)

    def put(self, dataset: str, **values: object) -> None:
        """One row of a normalized dataset; columns that are not named are null, and an equal key is put once."""
        contract = contracts.load_all()[dataset]
        assert set(values) <= set(contract.names), dataset
        key = tuple(values[name] for name in contract.grain)
        self.rows.setdefault(dataset, {})[key] = {name: values.get(name) for name in contract.names}

    def build(self, dataset: str, threads: int = 2) -> list[Row]:
        """The rows of a denormalized dataset in the contract's order; its columns and types are the contract's."""
        with duck.connect() as con:
            con.execute(f"set threads = {threads}")
            self._fill(con)
            contract = contracts.load_all()[dataset]
            for name in (*_needed(contract), dataset):
                con.execute(f"create table {name} as {contracts.load_all()[name].sql_path.read_text('utf-8')}")
            described = con.execute(f"describe {dataset}").fetchall()
            got = [(name, kind.replace(" WITH TIME ZONE", "TZ")) for name, kind, *_ in described]
            assert got == [(c.name, schema.DUCKDB[c.type]) for c in contract.columns]
            rows = con.sql(f"from {dataset} order by {', '.join(contract.order)}").to_arrow_table().to_pylist()
        _keeps(contract, rows)
        return rows

    def _fill(self, con):
        import pyarrow as pa

        for domain in plan.domains(contracts.load_all()):
            con.execute(f"create schema {domain}")
        for name in [n for n, c in contracts.load_all().items() if c.layer == "normalized"]:
            arrow = schema.arrow(contracts.load_all()[name].columns)
            con.register("given", pa.Table.from_pylist(list(self.rows.get(name, {}).values()), schema=arrow))
            con.execute(f"create table {name} as from given")
        con.execute("create table core.match_source(match_id varchar, source varchar)")
        if self.sources:
            con.executemany("insert into core.match_source values (?, ?)", self.sources)


@dataclass
class Football(World):
    """A world of football, told season by season."""

    competition: str = "en.1"
    label: str = "2018-19"
    kind: str = "league"

    def team(self, name: str) -> str:
        """A team's id; it is made on first use."""
        team = {"team_id": f"team:{name}", "name": name, "sport": "football", "gender": "men", "kind": "club"}
        self.put("core.team", **team)
        return f"team:{name}"

    def season(self) -> str:
        """The id of the season that is being told; its competition is made, too."""
        season = f"{self.competition}/{self.label}"
        known = {"slug": self.competition, "name": self.competition, "sport": "football", "gender": "men"}
        self.put("core.competition", competition_id=self.competition, kind=self.kind, **known)
        self.put("core.season", season_id=season, competition_id=self.competition, label=self.label)
        return season

    def match(  # one line a match is what makes these tests readable
        self,
        day: str | date,
        home: str,
        away: str,
        score: tuple[int, int] | None = None,
        *,
        phase: tuple[str, str] | None = ("Regular", "regular"),
        sides: Row | None = None,
        sources: tuple[str, ...] = ("openfootball",),
        **match: object,
    ) -> str:
        """One match. `phase` is name and kind; `sides` gives columns of participation as pairs (home, away)."""
        season = self.season()
        match_id = f"match:{len(self.rows.get('core.match', {})):04}"
        told = {"status": "scheduled" if score is None else "played", **match}
        if phase:
            told["phase_id"] = f"{season}/{phase[0]}"
            self.put("core.phase", phase_id=told["phase_id"], season_id=season, name=phase[0], kind=phase[1])
        keys = {"match_id": match_id, "competition_id": self.competition, "season_id": season}
        self.put("core.match", **keys, sport="football", date=_date(day), **told)
        pairs = {"score": score or (None, None), **(sides or {})}
        for n, (side, name) in enumerate((("home", home), ("away", away))):
            own = {column: pair[n] for column, pair in pairs.items()}
            team = {"participant_id": self.team(name), "participant_kind": "team", "side": side}
            self.put("core.participation", match_id=match_id, **team, **own)
        self.sources += [(match_id, source) for source in sources]
        return match_id

    def rule(self, competition: str = "*", first: str = "0000", last: str = "9999", **values: object) -> None:
        """A rule of tables; without more: three points for a win, then goal difference and goals for."""
        usual = {"points_win": 3, "points_draw": 1, "ranked_by": "points", "reference": ""}
        order = {"tie_breakers": ["goal_difference", "goals_for"]}
        span = {"competition": competition, "first_season": first, "last_season": last}
        self.put("football.rule", **{**usual, **order, **span, **values})

    def adjust(self, team: str, points: int, decided_on: str | None = None) -> None:
        """Points given to (or, negative, taken from) a team."""
        season = {"competition": self.competition, "season": self.label, "team_id": self.team(team)}
        ordinal = sum(key[:3] == tuple(season.values()) for key in self.rows.get("football.adjustment", {})) + 1
        decided = decided_on and _date(decided_on)
        told = {"points": points, "reason": "", "decided_on": decided, "reference": ""}
        self.put("football.adjustment", **season, ordinal=ordinal, **told)

    def ruling(self, day: str, home: str, away: str, goals: tuple[int, int], points: tuple[int, int]) -> None:
        """A result that an authority set."""
        sides = {"home_team_id": self.team(home), "away_team_id": self.team(away)}
        told = {"home_goals": goals[0], "away_goals": goals[1], "home_points": points[0], "away_points": points[1]}
        season = {"competition": self.competition, "season": self.label, "date": _date(day)}
        self.put("football.ruling", **season, **sides, **told, reason="", reference="")

    def goal(self, match_id: str, team: str, scorer: str | None, person: str | None = None, **told: object) -> None:
        """A goal; the person, where one is known, is made under its canonical name."""
        number = sum(key[0] == match_id for key in self.rows.get("football.goal", {})) + 1
        if person:
            self.put("core.person", person_id=f"person:{person}", name=person)
        keys = {"match_id": match_id, "goal_no": number, "team_id": self.team(team), "scorer": scorer}
        usual = {"scorer_id": person and f"person:{person}", "own_goal": False, "penalty": False}
        self.put("football.goal", **{**keys, **usual, **told})

    def without_results_after(self, day: date) -> "Football":
        """The same world as it was known on the evening of `day`: fixtures stand, later results are open."""
        later = {k for k, m in self.rows["core.match"].items() if _date(m["date"]) > day}
        open_sides = {"score": None, "score_90": None, "score_ht": None, "result": None}
        known = dict(self.rows)
        known["core.match"] = {
            k: {**m, "status": "scheduled"} if k in later and m["status"] in ("played", "awarded") else m
            for k, m in self.rows["core.match"].items()
        }
        known["core.participation"] = {
            k: {**p, **open_sides} if k[:1] in later else p for k, p in self.rows["core.participation"].items()
        }
        return replace(self, rows=known)

    def build(self, dataset: str, threads: int = 2) -> list[Row]:
        """The rows of a denormalized dataset; where no rule is told, the usual one holds."""
        if not self.rows.get("football.rule"):
            self.rule()
        return super().build(dataset, threads)


@dataclass
class Baseball(World):
    """A world of baseball, told stint by stint; what is not told of a stint is not recorded."""

    def player(self, name: str, **known: object) -> str:
        """A player's id; what is known of the person may be told before or after the first stint."""
        if known or (f"person:{name}",) not in self.rows.get("core.person", {}):
            self.put("core.person", person_id=f"person:{name}", name=name, **known)
        return f"person:{name}"

    def team(self, name: str, season: int | None = None, **known: object) -> str:
        """A team's id; with a season, this is told of it, too."""
        self.put("core.team", team_id=f"team:{name}", name=name, sport="baseball", gender="men", kind="franchise")
        if season:
            code = {"team": name, "team_code": name, "franchise_id": name}
            self.put("baseball.team_season", team_id=f"team:{name}", season=season, **{**code, **known})
        return f"team:{name}"

    def stint(self, dataset: str, player: str, season: int, team: str, stint: int = 1, **counts: object) -> None:
        """One stint of a player: `batting`, `pitching` or `fielding`."""
        keys = {"person_id": self.player(player), "season": season, "stint": stint, "team_id": self.team(team)}
        self.put(f"baseball.{dataset}_season", **keys, **counts)

    def pay(self, player: str, season: int, team: str, salary: int) -> None:
        """What a team paid a player."""
        keys = {"person_id": self.player(player), "season": season, "team_id": self.team(team)}
        self.put("baseball.salary", **keys, salary=salary)

    def award(self, player: str, award: str, season: int, ordinal: int = 1) -> None:
        """An award that was won."""
        keys = {"person_id": self.player(player), "award": award, "season": season, "league": "AL"}
        self.put("baseball.award", **keys, ordinal=ordinal, tied=False)

    def vote(self, player: str, season: int, voted_by: str = "BBWAA", *, inducted: bool | None = None) -> None:
        """A vote for the Hall of Fame."""
        keys = {"person_id": self.player(player), "season": season, "voted_by": voted_by}
        self.put("baseball.hall_of_fame", **keys, inducted=inducted)


def _needed(contract: contracts.Contract) -> Iterator[str]:
    """The denormalized datasets that one reads, each after those that it reads itself."""
    for name in sorted(contracts.reads(contract.sql_path.read_text("utf-8")) & set(contracts.load_all())):
        if (read := contracts.load_all()[name]).layer == "denormalized":
            yield from _needed(read)
            yield name


def _keeps(contract: contracts.Contract, rows: list[Row]) -> None:
    """What every dataset promises of every row: the grain is unique, and nothing is null or out of range."""
    keys = [tuple(row[name] for name in contract.grain) for row in rows]
    assert len(set(keys)) == len(keys), contract.grain
    for column in contract.columns:
        found = {value for row in rows if not isinstance(value := row[column.name], list)}
        assert column.null or None not in found, column.name
        if column.range:
            assert all(column.range[0] <= value <= column.range[1] for value in found - {None}), column.name
        if column.values:
            assert found - {None} <= set(column.values), column.name


def _date(day: object) -> date:
    if isinstance(day, str):
        return date.fromisoformat(day)
    assert isinstance(day, date)
    assert not isinstance(day, datetime)
    return day


@pytest.fixture(scope="session")
def football() -> Callable[..., Football]:
    """Makes a new, empty world of football."""
    return Football


@pytest.fixture(scope="session")
def baseball() -> Callable[..., Baseball]:
    """Makes a new, empty world of baseball."""
    return Baseball
