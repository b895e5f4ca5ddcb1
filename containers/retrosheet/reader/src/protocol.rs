//! The landing protocol's documents, log lines and exit codes, as far as a reader needs them.

use serde::{Deserialize, Serialize};
use serde_json::{json, Map, Value};
use std::fmt::Display;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Why a reading does not succeed; the process ends with the number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Usage = 64,
    Io = 74,
}

#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Display) -> Failure {
        Failure { kind, message: message.to_string() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::new(Kind::Io, error)
    }
}

/// One JSON object a line on standard error.
pub struct Log;

impl Log {
    pub fn info(message: &str, n: usize, of: usize) {
        Log::say(json!({"level": "info", "msg": message, "n": n, "of": of}));
    }

    /// The last line before a failing exit.
    pub fn error(message: &str, code: i32) {
        Log::say(json!({"level": "error", "msg": message, "code": code}));
    }

    fn say(line: Value) {
        // One call a line, so that two never mix.
        let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
    }
}

/// A raw file that is to be read.
#[derive(Debug, Deserialize)]
pub struct RawFile {
    pub key: String,
    pub sha256: String,
    pub path: String,
}

/// What the pipeline asks for; fields that a reader does not need are ignored.
#[derive(Debug)]
pub struct Request {
    pub source: String,
    pub run: String,
    pub attempt: u64,
    pub feed: String,
    pub files: Vec<RawFile>,
}

#[derive(Deserialize)]
struct Asked {
    protocol: u64,
    task: String,
    source: String,
    run: String,
    attempt: u64,
    feeds: Map<String, Value>,
    files: Option<String>,
}

impl Request {
    pub fn read(path: &Path) -> Result<Request, Failure> {
        let wrong = |what: String| Failure::new(Kind::Usage, format!("{}: {what}", path.display()));
        let text = fs::read_to_string(path).map_err(|error| wrong(format!("no request: {error}")))?;
        let asked: Asked = serde_json::from_str(&text).map_err(|error| wrong(format!("no request: {error}")))?;
        if asked.protocol != 1 || asked.task != "read" {
            let said = format!("protocol {}, task {:?}", asked.protocol, asked.task);
            return Err(wrong(format!("{said}: 1 and \"read\" are known")));
        }
        let mut feeds = asked.feeds.keys();
        let (Some(feed), None, Some(files)) = (feeds.next(), feeds.next(), &asked.files) else {
            return Err(wrong("one feed and `files` are expected".to_string()));
        };
        let listed = fs::read_to_string(files).map_err(|error| wrong(format!("{files}: {error}")))?;
        let files = listed.lines().map(serde_json::from_str).collect::<Result<Vec<RawFile>, _>>();
        let files = files.map_err(|error| wrong(format!("no list of files: {error}")))?;
        Ok(Request { source: asked.source, run: asked.run, attempt: asked.attempt, feed: feed.clone(), files })
    }
}

/// One file of records in the seal.
#[derive(Debug, Serialize)]
pub struct Sealed {
    pub feed: &'static str,
    pub key: String,
    pub status: &'static str,
    pub bytes: u64,
    pub sha256: String,
    pub url: Option<String>,
}

/// Writes the seal at once: under another name first, in the folder that the pipeline ignores.
pub fn write_seal(out: &Path, request: &Request, files: &[Sealed]) -> Result<(), Failure> {
    let seal = json!({
        "protocol": 1,
        "source": request.source,
        "run": request.run,
        "attempt": request.attempt,
        "files": files,
        "state": null,
        "stats": {"files": request.files.len()},
    });
    let draft = out.join("tmp").join("manifest.json");
    fs::create_dir_all(out.join("tmp"))?;
    fs::write(&draft, seal.to_string())?;
    Ok(fs::rename(draft, out.join("manifest.json"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(change: &str, value: Value) -> Result<Request, Failure> {
        let folder = std::env::temp_dir().join(format!("reader-{}-{change}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let files = folder.join("files.ndjson");
        fs::write(&files, "{\"key\": \"a\", \"sha256\": \"b\", \"path\": \"/c\"}\n").unwrap();
        let mut request = json!({
            "protocol": 1, "task": "read", "source": "s", "run": "r", "attempt": 2, "anything": true,
            "feeds": {"event": {}}, "files": files,
        });
        request[change] = value;
        fs::write(folder.join("request.json"), request.to_string()).unwrap();
        let found = Request::read(&folder.join("request.json"));
        fs::remove_dir_all(folder).unwrap();
        found
    }

    #[test]
    fn a_request_is_read_and_unknown_fields_are_ignored() {
        let found = asked("more", json!(1)).unwrap();
        assert_eq!((found.feed.as_str(), found.attempt, found.files.len()), ("event", 2, 1));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let changes = [
            ("protocol", json!(2)),
            ("task", json!("extract")),
            ("feeds", json!({})),
            ("feeds", json!({"a": {}, "b": {}})),
            ("files", json!("/nowhere")),
            ("source", json!(null)),
        ];
        for (name, value) in changes {
            assert_eq!(asked(name, value).unwrap_err().kind, Kind::Usage, "{name}");
        }
    }
}
