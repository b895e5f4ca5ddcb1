"""A small lake of Wyscout's files with their quirks, beside two other sources that know some of the same matches."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping

import pytest

RUSSIA, FRANCE, KOREA, ARSENAL, LEICESTER, GENT = 14358, 4418, 14855, 1609, 1631, 555
KEEPER, SCORER, DEFENDER, BENCH, MASCOT, UNKNOWN = 11, 12, 13, 14, 15, 379199


def player(number: int, **said: object) -> dict[str, object]:
    """One of a line-up; numbers are texts there."""
    plain = {"playerId": number, "assists": "0", "goals": "0", "ownGoals": "0", "redCards": "0", "yellowCards": "0"}
    return {**plain, **said}


def side(team: int, where: str, score: int, half: int = 0, **more: object) -> dict[str, object]:
    """One side of a match; `lineup`, `bench`, `substitutions` as its formation has them."""
    formation = {key: more.pop(key, []) for key in ("lineup", "bench", "substitutions")}
    plain = {"teamId": team, "side": where, "score": score, "scoreHT": half, "scoreET": 0, "scoreP": 0, "coachId": 0}
    return {**plain, "hasFormation": 1, "formation": formation, **more}


def match(
    number: int, competition: int, date: str, utc: str, *sides: dict[str, object], **more: object
) -> dict[str, object]:
    """One match; the away side may stand first."""
    return {
        "wyId": number,
        "competitionId": competition,
        "seasonId": 900 + competition,
        "roundId": 1,
        "gameweek": 1,
        "date": date,
        "dateutc": utc,
        "label": "",
        "status": "Played",
        "duration": "Regular",
        "winner": 0,
        "venue": "",
        "referees": [],
        "teamsData": {str(s["teamId"]): s for s in sides},
        **more,
    }


ENGLAND = [
    match(
        1001, 364, "August 11, 2017 at 8:45:00 PM GMT+2", "2017-08-11 18:45:00",
        side(
            LEICESTER, "away", 3, half=2,
            lineup=[player(SCORER, goals="2"), player(DEFENDER, ownGoals="1", yellowCards="92", redCards="93")],
            bench=[player(BENCH, goals="1"), player(MASCOT, goals="null"), player(UNKNOWN)],
            substitutions=[
                {"playerIn": BENCH, "playerOut": SCORER, "minute": 60, "assists": "0"},
                {"playerIn": UNKNOWN, "playerOut": DEFENDER, "minute": 94},
            ],
        ),
        side(ARSENAL, "home", 4, half=2, lineup=[player(KEEPER, ownGoals="2", goals="null")],
             bench=[player(MASCOT, yellowCards="80")], substitutions="null"),
        venue="Emirates",
    ),
    match(
        1002, 364, "May 13, 2018 at 4:00:00 PM GMT+2", "2018-05-13 14:00:00",
        side(ARSENAL, "home", 0), side(LEICESTER, "away", 0,
        lineup=[player(SCORER)], substitutions=[{"playerIn": 0, "playerOut": SCORER, "minute": 56}]), gameweek=38,
    ),
]  # fmt: skip
WORLD_CUP = [
    match(
        2001, 28, "July 1, 2018 at 4:00:00 PM GMT+2", "2018-07-01 14:00:00",
        side(RUSSIA, "away", 1, half=1, scoreET=1, scoreP=4), side(FRANCE, "home", 1, half=1, scoreET=1, scoreP=3),
        gameweek=0, groupName="", duration="Penalties", winner=RUSSIA, venue=r"Arena Kaz\u00e1n",
    ),
    match(
        2002, 28, "June 27, 2018 at 4:00:00 PM GMT+2", "2018-06-27 14:00:00",
        side(KOREA, "home", 2), side(FRANCE, "away", 0), groupName="Group F", winner=KOREA,
    ),
]  # fmt: skip
EURO = [
    match(
        3001, 102, "July 10, 2016 at 9:00:00 PM GMT+2", "2016-07-10 19:00:00",
        side(FRANCE, "home", 0), side(RUSSIA, "away", 0, scoreET=1),
        gameweek=0, groupName="Group F", duration="ExtraTime", winner=RUSSIA,
    ),
]  # fmt: skip
BELGIUM = [
    match(
        4001, 777, "February 1, 2019 at 8:00:00 PM GMT+1", "2019-02-01 19:00:00",
        side(GENT, "home", 1), side(ARSENAL, "away", 0),
    ),
]  # fmt: skip


def archive(members: Mapping[str, object]) -> bytes:
    """A zip of JSON files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content if isinstance(content, str) else json.dumps(content))
    return packed.getvalue()


def area(name: str, number: object) -> dict[str, object]:
    return {"name": name, "id": number, "alpha2code": "", "alpha3code": ""}


def team(number: int, name: str, official: str, kind: str, where: dict[str, object]) -> dict[str, object]:
    return {"wyId": number, "name": name, "officialName": official, "type": kind, "city": "", "area": where}


TEAMS = [
    team(RUSSIA, "Russia", "Russia", "national", area("Russia", 643)),
    team(FRANCE, "France", "France", "national", area("France", 250)),
    team(KOREA, "Korea Republic", "Korea Republic", "national", area("Korea Republic", 410)),
    team(ARSENAL, "Arsenal", "Arsenal FC", "club", area("England", "0")),
    team(LEICESTER, "Leicester City", "Leicester City FC", "club", area("England", "0")),
    team(GENT, r"G\u00e9nt", r"KAA G\u00e9nt", "club", area("Belgium", "56")),
]


def person(number: int, name: str, **more: object) -> dict[str, object]:
    plain = {"firstName": "", "middleName": "", "lastName": "", "birthDate": "1990-01-02", "foot": "right"}
    parts = {"role": {"name": "Defender", "code2": "DF", "code3": "DEF"}, "height": 180, "weight": 0}
    areas = {"birthArea": area("Mali", "466"), "passportArea": area("Mali", 466)}
    return {
        "wyId": number,
        "shortName": name,
        "currentTeamId": 1,
        "currentNationalTeamId": "null",
        **plain,
        **parts,
        **areas,
        **more,
    }


PLAYERS = [
    person(KEEPER, r"I. Konat\u00e9 ", lastName=r" Konat\u00e9", firstName="Ibrahima", middleName="B."),
    person(SCORER, "J. Smith", currentTeamId="null", foot="null", birthDate=None),
    person(DEFENDER, "J. Smith", currentTeamId=None, foot="", height=0),
    person(BENCH, r'The "Tank" L\u00fcck'),
    person(MASCOT, r"\"Z\" \u00c4"),
]


def event(number: int, second: float, kind: str, **more: object) -> dict[str, object]:
    plain = {"matchPeriod": "1H", "teamId": LEICESTER, "playerId": SCORER, "eventId": 8, "subEventId": 85}
    said = {"subEventName": "Simple", "tags": [], "positions": [{"x": 50, "y": 25}, {"x": 100, "y": 100}], **more}
    said["tags"] = [{"id": tag} for tag in said["tags"]]
    return {"id": number, "matchId": 1001, "eventName": kind, "eventSec": second, **plain, **said}


def per_match(*events: dict[str, object], flat: bool = False) -> dict[str, object]:
    """A file of events as the repository publishes it; `flat`: teams and players as its first edition has them."""
    who = TEAMS[4] if flat else {"team": TEAMS[4]}
    return {
        "events": list(events),
        "teams": {str(LEICESTER): who},
        "players": {str(LEICESTER): [{"player": PLAYERS[1]}]},
    }


EVENTS = [
    event(90, 1.5, "Pass", tags=[1801, 301]),
    event(70, 2, "Duel", subEventName="Air duel", playerId=0, tags=[1802]),
    event(71, 3.25, "Offside", subEventId="", subEventName="", positions=[{"x": 0, "y": 101}]),
    event(72, 4.0, "Foul", tags=[1702], positions=[{"x": 10, "y": 0}]),
    event(73, 5.0, "Shot", tags=[101, 1801]),
    event(74, 6.0, "Save attempt", tags=[101], teamId=ARSENAL, playerId=KEEPER),
    event(75, 7.0, "Touch", tags=[102], playerId=DEFENDER, matchPeriod="2H"),
    event(76, 8.0, "Free Kick", subEventName="Penalty", tags=[101], matchPeriod="P"),
    event(77, 9.0, "Foul", tags=[1703], positions=[]),
    event(78, 9.5, "Foul", tags=[1701], playerId=KEEPER, teamId=ARSENAL),
]
FILES = {
    "matches/raw_data/matches.zip": archive({
        "matches_World_Cup.json": WORLD_CUP, "matches_England.json": ENGLAND,
        "matches_European_Championship.json": EURO, "matches_Belgium.json": BELGIUM, "__MACOSX/._matches_England.json": "no",
    }),
    "players/raw_data/players.json": PLAYERS,
    "teams/raw_data/teams.json": TEAMS,
    "competitions/data/competitions.json": [
        {"name": "English first division", "wyId": 364, "format": "Domestic league", "type": "club",
         "area": area("England", "0")},
    ],
    "referees/data/referees.json": '[{"wyId": 1, "shortName": "M. Oli',
    "events/processed-v2/files/1001.json": per_match(*EVENTS),
    "events/processed-v2/files/2002.json": per_match(
        *(event(80 + n, n, "Pass", matchId=2002, teamId=KOREA) for n in range(3)), flat=True
    ),
}  # fmt: skip
LEAGUE = {
    "name": "English Premier League",
    "matches": [
        {"round": "Matchday 1", "date": "2017-08-11", "team1": "Arsenal FC", "team2": "Leicester City FC",
         "score": {"ht": [2, 1], "ft": [4, 3]}},
        {"round": "Matchday 38", "date": "2018-05-13", "team1": "Arsenal FC", "team2": "Leicester City FC",
         "score": {"ft": [0, 0]}},
    ],
}  # fmt: skip
CUP = {
    "name": "World Cup 2018",
    "matches": [
        {"round": "Round of 16", "date": "2018-07-01", "time": "17:00 UTC+3", "team1": "France", "team2": "Russia",
         "score": {"ht": [1, 1], "ft": [1, 1], "et": [1, 1], "p": [3, 4]}, "ground": "Kazan Arena, Kazan"},
        {"round": "Matchday 14", "date": "2018-06-27", "team1": "South Korea", "team2": "France", "group": "Group F",
         "score": {"ft": [2, 0]}},
    ],
}  # fmt: skip
RESULTS = """date,home_team,away_team,home_score,away_score,tournament,city,country,neutral
2018-07-01,Russia,France,1,1,FIFA World Cup,Kazan,Russia,FALSE
2018-06-27,South Korea,France,2,0,FIFA World Cup,Kazan,Russia,TRUE
2016-07-10,France,Russia,0,1,UEFA Euro,Saint-Denis,France,FALSE
"""


@pytest.fixture(scope="session")
def wyscout(world) -> Callable[[str], list[tuple]]:
    """Answers SQL over the tables of the small lake."""
    made = world()
    made.land("wyscout", FILES)
    made.land("openfootball", {"league/2017-18/en.1.json": LEAGUE, "worldcup/2018/worldcup.json": CUP})
    made.land("international_results", {"results/results.csv": RESULTS})
    return made.tables().sql


@pytest.fixture
def files() -> dict[str, object]:
    """The source's files, to be changed by a test that lands them itself."""
    return dict(FILES)


@pytest.fixture
def packed() -> Callable[[Mapping[str, object]], bytes]:
    """Packs JSON files."""
    return archive


@pytest.fixture
def england() -> list[dict]:
    """A competition's matches, to be changed."""
    found: list[dict] = json.loads(json.dumps(ENGLAND))
    return found
