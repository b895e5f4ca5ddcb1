//! Event files: the games of a home team or a series, each an `id` and what follows it until the next.

use crate::event;
use crate::fields;
use crate::records::{Broken, Sink};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A game: who, when, where, all that `info` says, and the score that its plays make.
#[derive(Serialize)]
struct Game {
    game: String,
    visitor: String,
    home: String,
    date: String,
    site: Option<String>,
    visitor_score: u32,
    home_score: u32,
    plays: u32,
    info: BTreeMap<String, String>,
}

/// One line of play. `play` counts those that are plays; a line `NP` (no play) is none.
#[derive(Serialize)]
struct Play<'a> {
    game: &'a str,
    play: Option<u32>,
    inning: u32,
    half: u32,
    batter: &'a str,
    count: &'a str,
    pitches: &'a str,
    event: &'a str,
    runs: u32,
}

/// Somebody who starts, or comes in after so many plays. `half`: 0 for the visitors; `order`: 0 for a pitcher who does not bat.
#[derive(Serialize)]
struct Entry<'a> {
    game: &'a str,
    after: u32,
    kind: &'a str,
    person: &'a str,
    name: &'a str,
    half: u32,
    order: u32,
    position: u32,
}

/// A comment, earned runs, or an adjustment, as it stands there.
#[derive(Serialize)]
struct Note<'a> {
    game: &'a str,
    after: u32,
    kind: &'a str,
    fields: &'a [Cow<'a, str>],
}

const ENTRIES: usize = 2;

/// Reads a file; the record sets of `sink` are those of the feed `event`.
pub fn read(bytes: &[u8], sink: &mut Sink) -> Result<(), Broken> {
    let mut game: Option<Game> = None;
    for (number, line) in fields::lines(bytes) {
        let broken = |what: String| Broken::new(number, what, &line);
        let row = fields::split(&line).map_err(&broken)?;
        if row[0] == "id" {
            finish(game.take(), sink)?;
            game = Some(begin(&row).map_err(&broken)?);
            continue;
        }
        let current = game.as_mut().ok_or_else(|| broken("it stands before any game's id".to_string()))?;
        take(current, &row, sink).map_err(&broken)?;
    }
    if game.is_none() {
        return Err(Broken::new(0, "it has no game".to_string(), ""));
    }
    finish(game, sink)
}

fn begin(row: &[Cow<'_, str>]) -> Result<Game, String> {
    let id = row.get(1).map(|id| id.trim()).unwrap_or_default();
    let date = id.get(3..11).filter(|date| date.bytes().all(|byte| byte.is_ascii_digit()));
    let (Some(home), Some(date), 12, true) = (id.get(..3), date, id.len(), id.is_ascii()) else {
        return Err(format!("{id:?} is no id of a game, such as ANA202007280"));
    };
    Ok(Game {
        game: id.to_string(),
        visitor: String::new(),
        home: home.to_string(),
        date: format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..]),
        site: None,
        visitor_score: 0,
        home_score: 0,
        plays: 0,
        info: BTreeMap::new(),
    })
}

fn take(game: &mut Game, row: &[Cow<'_, str>], sink: &mut Sink) -> Result<(), String> {
    match (row[0].as_ref(), row.len()) {
        ("version", 2) => {}
        ("info", 2..) => inform(game, &row[1], &row[2..].join(",")),
        ("play", 7) => play(game, row, sink)?,
        ("start" | "sub", 6) => enter(game, row, sink)?,
        ("com" | "data" | "badj" | "padj" | "ladj" | "radj" | "presadj", 2..) => {
            let note = Note { game: &game.game, after: game.plays, kind: &row[0], fields: &row[1..] };
            sink.put(3, &note);
        }
        ("version" | "info" | "play" | "start" | "sub", found) => {
            return Err(format!("a record {:?} of {found} fields", row[0]));
        }
        _ => return Err(format!("{:?} is no kind of record", row[0])),
    }
    Ok(())
}

fn inform(game: &mut Game, name: &str, value: &str) {
    match name {
        "visteam" => game.visitor = value.to_string(),
        "site" if !value.is_empty() => game.site = Some(value.to_string()),
        _ => {}
    }
    game.info.insert(name.to_string(), value.to_string());
}

fn play(game: &mut Game, row: &[Cow<'_, str>], sink: &mut Sink) -> Result<(), String> {
    let half = half_of(&row[2])?;
    let event = row[6].as_ref();
    let runs = event::runs(event);
    if half == 0 {
        game.visitor_score += runs;
    } else {
        game.home_score += runs;
    }
    let is_play = event != "NP";
    game.plays += u32::from(is_play);
    sink.put(
        1,
        &Play {
            game: &game.game,
            play: is_play.then_some(game.plays),
            inning: whole(&row[1], "inning")?,
            half,
            batter: &row[3],
            count: &row[4],
            pitches: &row[5],
            event,
            runs,
        },
    );
    Ok(())
}

fn enter(game: &Game, row: &[Cow<'_, str>], sink: &mut Sink) -> Result<(), String> {
    let entry = Entry {
        game: &game.game,
        after: game.plays,
        kind: &row[0],
        person: &row[1],
        name: &row[2],
        half: half_of(&row[3])?,
        order: whole(&row[4], "place in the order")?,
        position: whole(&row[5], "position")?,
    };
    sink.put(ENTRIES, &entry);
    Ok(())
}

fn finish(game: Option<Game>, sink: &mut Sink) -> Result<(), Broken> {
    if let Some(game) = game {
        if game.visitor.is_empty() {
            return Err(Broken::new(0, format!("the game {} has no visitors", game.game), ""));
        }
        sink.put(0, &game);
    }
    Ok(())
}

fn half_of(text: &str) -> Result<u32, String> {
    match text {
        "0" => Ok(0),
        "1" => Ok(1),
        _ => Err(format!("{text:?} is no half of an inning: 0 or 1 is expected")),
    }
}

fn whole(text: &str, what: &str) -> Result<u32, String> {
    text.trim().parse().map_err(|_| format!("{text:?} is no {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{json, Value};

    const FILE: &str = "id,BAL195908060\nversion,1\ninfo,visteam,CHA\ninfo,hometeam,BAL\ninfo,site,BAL11\n\
        info,inputprogvers,\"version 7RS(19), of old\"\nstart,berte101,\"Reno Bertoia\",0,1,5\ncom,\"$a, b\"\n\
        play,1,0,berte101,??,,HR/F7\nplay,1,0,x,??,,NP\nsub,x,\"X\",0,1,11\nradj,x,2\nplay,1,1,y,01,CX,S8.3-H\n\
        data,er,z,2\nid,BAL195908061\ninfo,visteam,CHA\n";

    fn sets(text: &str) -> Result<Vec<Vec<Value>>, Broken> {
        let mut sink = Sink::new(4);
        read(text.as_bytes(), &mut sink)?;
        let parsed = |set: &[u8]| {
            let text = String::from_utf8(set.to_vec()).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        Ok(sink.sets.iter().map(|set| parsed(set)).collect())
    }

    #[test]
    fn games_plays_entries_and_notes_are_told_apart() {
        let found = sets(FILE).unwrap();
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 3, 2, 3]);
        let game = &found[0][0];
        assert_eq!(
            [&game["game"], &game["date"], &game["visitor"], &game["home"], &game["site"], &game["plays"]],
            [&json!("BAL195908060"), &json!("1959-08-06"), &json!("CHA"), &json!("BAL"), &json!("BAL11"), &json!(2)]
        );
        assert_eq!([&game["visitor_score"], &game["home_score"]], [1, 1]);
        assert_eq!(game["info"]["inputprogvers"], "version 7RS(19), of old");
        assert_eq!(
            [&found[1][0]["play"], &found[1][1]["play"], &found[1][2]["play"]],
            [&json!(1), &json!(null), &json!(2)]
        );
        assert_eq!([&found[2][1]["after"], &found[2][1]["position"]], [1, 11]);
        assert_eq!(found[3][1], json!({"game": "BAL195908060", "after": 1, "kind": "radj", "fields": ["x", "2"]}));
    }

    #[test]
    fn carriage_returns_make_no_difference() {
        assert_eq!(sets(FILE).unwrap(), sets(&FILE.replace('\n', "\r\n")).unwrap());
    }

    #[test]
    fn a_broken_line_is_named() {
        let cases = [
            ("play,1,0,a,??,\n", "a record \"play\" of 6 fields"),
            ("play,1,2,a,??,,K\n", "no half"),
            ("play,x,1,a,??,,K\n", "no inning"),
            ("start,a,\"A,0,1,1\n", "not closed"),
            ("plya,1\n", "no kind of record"),
            ("id,BAL1959\n", "no id of a game"),
        ];
        for (line, what) in cases {
            let broken = sets(&format!("{FILE}{line}")).unwrap_err();
            assert!(broken.found.contains(what) && broken.found.starts_with("line 17: "), "{}", broken.found);
            assert_eq!(broken.value, line.trim_end());
        }
    }

    #[test]
    fn a_file_without_a_game_is_broken() {
        assert!(sets("").is_err());
        assert!(sets("play,1,0,a,??,,K\n").unwrap_err().found.contains("before any game"));
        assert!(sets("id,BAL195908061\n").unwrap_err().found.contains("no visitors"));
    }
}
