//! From raw files to files of records: one a raw file and record set, and the seal that names them.

use crate::protocol::{write_seal, Failure, Kind, Log, RawFile, Request, Sealed};
use crate::{game_file, tables};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const ASIDE: &str = "aside";
const SPEAK_EVERY: Duration = Duration::from_secs(5);

/// Why a file cannot be read: which line, what is wrong with it, and the line itself.
#[derive(Debug)]
pub struct Broken {
    pub found: String,
    pub value: String,
}

impl Broken {
    /// `line` 0 is the file as a whole.
    pub fn new(line: usize, what: String, text: &str) -> Broken {
        let found = if line == 0 { what } else { format!("line {line}: {what}") };
        Broken { found, value: text.chars().take(200).collect() }
    }
}

/// The records of one raw file, as lines of JSON, by record set.
pub struct Sink {
    pub sets: Vec<Vec<u8>>,
}

impl Sink {
    pub fn new(sets: usize) -> Sink {
        Sink { sets: vec![Vec::new(); sets] }
    }

    pub fn put(&mut self, set: usize, record: &impl Serialize) {
        let into = &mut self.sets[set];
        serde_json::to_writer(&mut *into, record).expect("records are made of text and numbers");
        into.push(b'\n');
    }
}

/// The record sets of a feed.
fn sets_of(feed: &str) -> Result<&'static [&'static str], Failure> {
    match feed {
        "event" => Ok(&["game", "play", "entry", "note"]),
        "roster" => Ok(&["player"]),
        "team" => Ok(&["club"]),
        "game_log" => Ok(&["logged_game"]),
        _ => Err(Failure::new(Kind::Usage, format!("the feed {feed:?} is not known"))),
    }
}

fn read(feed: &str, bytes: &[u8], sink: &mut Sink) -> Result<(), Broken> {
    match feed {
        "event" => game_file::read(bytes, sink),
        "roster" => tables::read(bytes, sink, tables::player),
        "team" => tables::read(bytes, sink, tables::club),
        _ => tables::read(bytes, sink, tables::logged_game),
    }
}

/// Reads every file that is asked for, and seals the records. A file that cannot be read is set aside, and says why.
pub fn read_all(request: &Request, out: &Path) -> Result<(), Failure> {
    let sets = sets_of(&request.feed)?;
    for set in sets.iter().chain([&ASIDE]) {
        fs::create_dir_all(out.join("files").join(set))?;
    }
    let mut sealed = Vec::new();
    let mut spoke = Instant::now();
    Log::info("reading", 0, request.files.len());
    for (number, file) in request.files.iter().enumerate() {
        let bytes = fs::read(&file.path)
            .map_err(|error| Failure::new(Kind::Io, format!("{}/{}: {error}", request.feed, file.key)))?;
        let mut sink = Sink::new(sets.len());
        match read(&request.feed, &bytes, &mut sink) {
            Ok(()) => {
                for (set, records) in sets.iter().zip(&sink.sets) {
                    sealed.push(write(out, set, file, records)?);
                }
            }
            Err(broken) => {
                let why = json!({"rule": "not read", "found": broken.found, "value": broken.value});
                sealed.push(write(out, ASIDE, file, format!("{why}\n").as_bytes())?);
            }
        }
        if spoke.elapsed() > SPEAK_EVERY {
            spoke = Instant::now();
            Log::info("reading", number + 1, request.files.len());
        }
    }
    write_seal(out, request, &sealed)?;
    Log::info("read", request.files.len(), request.files.len());
    Ok(())
}

fn write(out: &Path, set: &'static str, file: &RawFile, records: &[u8]) -> Result<Sealed, Failure> {
    let key = format!("{}.ndjson", file.sha256);
    fs::write(out.join("files").join(set).join(&key), records)?;
    let sha256 = Sha256::digest(records).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Sealed { feed: set, key, status: "new", bytes: records.len() as u64, sha256, url: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn read_these(name: &str, feed: &str, texts: &[&str]) -> (Result<(), Failure>, Vec<(String, String)>) {
        let folder = std::env::temp_dir().join(format!("records-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("out")).unwrap();
        let file = |(number, text): (usize, &&str)| {
            let path = folder.join(number.to_string());
            fs::write(&path, text).unwrap();
            RawFile { key: format!("k{number}"), sha256: number.to_string(), path: path.display().to_string() }
        };
        let files = texts.iter().enumerate().map(file).collect();
        let request = Request { source: "s".into(), run: "r".into(), attempt: 1, feed: feed.into(), files };
        let ended = read_all(&request, &folder.join("out"));
        let sealed = match fs::read(folder.join("out/manifest.json")) {
            Ok(seal) => serde_json::from_slice::<Value>(&seal).unwrap()["files"].as_array().unwrap().clone(),
            Err(_) => Vec::new(),
        };
        let content = |file: &Value| {
            let name = format!("{}/{}", file["feed"].as_str().unwrap(), file["key"].as_str().unwrap());
            let text = fs::read_to_string(folder.join("out/files").join(&name)).unwrap();
            assert_eq!(file["bytes"], text.len());
            (name, text)
        };
        let found = sealed.iter().map(content).collect();
        fs::remove_dir_all(folder).unwrap();
        (ended, found)
    }

    #[test]
    fn each_file_has_its_records_or_the_reason() {
        let (ended, found) = read_these("reason", "team", &["KC1,A,Kansas City,Athletics\n", "KC1,A\n"]);
        ended.unwrap();
        assert_eq!(found[0].0, "club/0.ndjson");
        let aside: Value = serde_json::from_str(&found[1].1).unwrap();
        assert_eq!(found[1].0, "aside/1.ndjson");
        assert_eq!(aside["found"], "line 1: 2 fields; a team has 4");
    }

    #[test]
    fn reading_twice_gives_the_same_bytes() {
        let texts = ["id,BAL195908061\ninfo,visteam,CHA\nplay,1,0,a,??,,HR\n"];
        assert_eq!(read_these("once", "event", &texts).1, read_these("twice", "event", &texts).1);
    }

    #[test]
    fn a_feed_that_is_not_known_is_refused() {
        assert_eq!(read_these("unknown", "schedule", &[]).0.unwrap_err().kind, Kind::Usage);
    }
}
