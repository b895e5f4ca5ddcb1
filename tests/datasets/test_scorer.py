"""Scorers: who counts as one, and which goals count."""


def found(rows, *columns):
    """These columns of each row."""
    return [tuple(row[column] for column in columns) for row in rows]


def worldcup(football, label="2018"):
    """A World Cup."""
    return football(competition="worldcup", kind="tournament", label=label)


def test_goals_of_a_known_person_count_together_whatever_the_spelling(football):
    world = worldcup(football)
    first = world.match("2018-06-18", "Tunisia", "England", (1, 2))
    second = world.match("2018-07-03", "Colombia", "England", (1, 1))
    world.goal(first, "England", "Kane", person="Harry Kane")
    world.goal(second, "England", "Harry Kane", person="Harry Kane", penalty=True)
    assert found(world.build("football.scorer"), "scorer_key", "scorer", "person_id", "goals", "penalties") == [
        ("person:Harry Kane", "Harry Kane", "person:Harry Kane", 2, 1)
    ]


def test_a_name_without_a_person_counts_within_its_team(football):
    world = worldcup(football, "2002")
    match_id = world.match("2002-06-30", "Germany", "Brazil", (0, 2))
    other = world.match("2002-07-01", "Portugal", "Brazil", (1, 0))
    world.goal(match_id, "Brazil", "Ronaldo")
    world.goal(match_id, "Brazil", "Ronaldo")
    world.goal(other, "Portugal", "Ronaldo")
    rows = world.build("football.scorer")
    assert found(rows, "scorer_key", "scorer", "person_id", "team_id", "goals") == [
        ("team:Brazil|Ronaldo", "Ronaldo", None, "team:Brazil", 2),
        ("team:Portugal|Ronaldo", "Ronaldo", None, "team:Portugal", 1),
    ]


def test_own_goals_and_goals_of_nobody_known_are_left_out(football):
    world = worldcup(football)
    match_id = world.match("2018-06-15", "Morocco", "Iran", (0, 2))
    world.goal(match_id, "Iran", "Aziz Bouhaddouz", own_goal=True)
    world.goal(match_id, "Iran", None)
    assert world.build("football.scorer") == []


def test_two_equal_goals_are_two_goals(football):
    world = worldcup(football)
    match_id = world.match("1963-11-26", "Ghana", "Ethiopia", (2, 0))
    world.goal(match_id, "Ghana", "Edward Acquah")
    world.goal(match_id, "Ghana", "Edward Acquah")
    assert found(world.build("football.scorer"), "goals", "penalties") == [(2, 0)]


def test_seasons_and_competitions_are_counted_apart(football):
    world = worldcup(football, "2018")
    world.goal(world.match("2018-06-16", "France", "Australia", (1, 0)), "France", "Kylian Mbappé")
    world.label = "2022"
    world.goal(world.match("2022-11-22", "France", "Australia", (1, 0)), "France", "Kylian Mbappé")
    world.competition = "intl.uefa-euro"
    world.goal(world.match("2022-11-23", "France", "Poland", (1, 0)), "France", "Kylian Mbappé")
    assert found(world.build("football.scorer"), "competition", "season", "goals") == [
        ("intl.uefa-euro", "2022", 1),
        ("worldcup", "2018", 1),
        ("worldcup", "2022", 1),
    ]


def test_a_person_of_two_teams_in_one_season_stands_with_the_latest(football):
    world = football()
    late = world.match("2019-02-01", "Hull", "Derby", (1, 0))
    early = world.match("2018-09-01", "Stoke", "Derby", (1, 0))
    world.goal(late, "Hull", "Smith", person="Ann Smith")
    world.goal(early, "Stoke", "Smith", person="Ann Smith")
    assert found(world.build("football.scorer"), "team_id", "goals") == [("team:Hull", 2)]
