//! Tables without a header line: rosters, teams of a season, game logs.

use crate::fields;
use crate::records::{Broken, Sink};
use serde_json::{json, Map, Value};
use std::borrow::Cow;

type Row<'a> = [Cow<'a, str>];
type Reads = fn(&Row<'_>) -> Result<Value, String>;

/// `id,last,first,bats,throws,team,position`; rosters of all-star teams may end after `throws`.
pub fn player(row: &Row<'_>) -> Result<Value, String> {
    if row.len() != 5 && row.len() != 7 {
        return Err(format!("{} fields; a player has 7, or 5", row.len()));
    }
    Ok(named(row, &["id", "last", "first", "bats", "throws", "team", "position"]))
}

/// `code,league,city,nickname`.
pub fn club(row: &Row<'_>) -> Result<Value, String> {
    if row.len() != 4 {
        return Err(format!("{} fields; a team has 4", row.len()));
    }
    Ok(named(row, &["team", "league", "city", "nickname"]))
}

/// The columns of a game log that somebody needs, by their numbers from 0.
const LOGGED: [(&str, usize); 16] = [
    ("number", 1),
    ("visitor", 3),
    ("visitor_league", 4),
    ("home", 6),
    ("home_league", 7),
    ("visitor_score", 9),
    ("home_score", 10),
    ("outs", 11),
    ("day_night", 12),
    ("completed", 13),
    ("forfeit", 14),
    ("protest", 15),
    ("park", 16),
    ("attendance", 17),
    ("additional", 159),
    ("acquired", 160),
];

/// The 161 columns of a game.
pub fn logged_game(row: &Row<'_>) -> Result<Value, String> {
    if row.len() != 161 {
        return Err(format!("{} fields; a game has 161", row.len()));
    }
    let date = row[0].as_ref();
    if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("{date:?} is no date"));
    }
    let mut found = Map::new();
    found.insert("date".into(), json!(format!("{}-{}-{}", &date[..4], &date[4..6], &date[6..])));
    found.extend(LOGGED.iter().map(|&(name, place)| (name.to_string(), value(&row[place]))));
    Ok(Value::Object(found))
}

/// Reads a file, a record a line.
pub fn read(bytes: &[u8], sink: &mut Sink, reads: Reads) -> Result<(), Broken> {
    for (number, line) in fields::lines(bytes) {
        let broken = |what: String| Broken::new(number, what, &line);
        let row = fields::split(&line).map_err(&broken)?;
        sink.put(0, &reads(&row).map_err(&broken)?);
    }
    Ok(())
}

fn named(row: &Row, names: &[&str]) -> Value {
    let at = |place: usize| row.get(place).map_or(Value::Null, |text| value(text));
    Value::Object(names.iter().enumerate().map(|(place, name)| (name.to_string(), at(place))).collect())
}

fn value(text: &str) -> Value {
    let bare = text.trim();
    if bare.is_empty() {
        Value::Null
    } else {
        json!(bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str, reads: Reads) -> Result<Value, Broken> {
        let mut sink = Sink::new(1);
        read(text.as_bytes(), &mut sink, reads)?;
        Ok(serde_json::from_slice(&sink.sets[0]).unwrap())
    }

    #[test]
    fn a_player_has_seven_fields_or_five() {
        let whole = only("adelj001,Adell,Jo,R,R,ANA,OF\r\n", player).unwrap();
        assert_eq!([&whole["first"], &whole["team"]], ["Jo", "ANA"]);
        let short = only("andet001,Anderson,Tim,R,R\n", player).unwrap();
        assert_eq!([&short["last"], &short["team"]], [&json!("Anderson"), &Value::Null]);
        assert!(only("a,b,c\n", player).unwrap_err().found.starts_with("line 1: 3 fields"));
    }

    #[test]
    fn a_team_has_a_league_a_city_and_a_nickname() {
        assert_eq!(only("KC1,A,Kansas City,Athletics\n", club).unwrap()["city"], "Kansas City");
        assert!(only("KC1,A\n", club).is_err());
    }

    #[test]
    fn of_a_logged_game_the_columns_that_are_needed_are_named() {
        let mut row = vec![String::new(); 161];
        for (place, text) in
            [(0, "19590602"), (1, "0"), (3, "SLN"), (6, "PIT"), (9, "2"), (13, "\"19590603,PIT06,2,1,39\"")]
        {
            row[place] = text.to_string();
        }
        row[160] = "D".to_string();
        let found = only(&row.join(","), logged_game).unwrap();
        assert_eq!([&found["date"], &found["visitor_score"], &found["acquired"]], ["1959-06-02", "2", "D"]);
        assert_eq!([&found["completed"], &found["forfeit"]], [&json!("19590603,PIT06,2,1,39"), &Value::Null]);
        assert!(only("19590602,0\n", logged_game).is_err());
    }
}
