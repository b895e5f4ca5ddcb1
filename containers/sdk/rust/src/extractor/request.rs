//! What the pipeline asks for: request.json, and beside it what the lake knows.

use super::failure::{Exit, Failure, Result};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

const PROTOCOL: u64 = 1;

/// A feed's table of `source.toml`, or the source's `[config]`.
pub type Table = Map<String, Value>;

#[derive(Debug, Deserialize)]
pub struct Limits {
    pub deadline_s: f64,
    pub silence_s: f64,
    pub max_bytes: u64,
    pub max_file_bytes: u64,
    pub max_files: u64,
    pub requests_per_second: f64,
    pub concurrency: usize,
}

/// What the lake has under a key.
#[derive(Clone, Debug, Deserialize)]
pub struct Known {
    pub feed: String,
    pub key: String,
    pub sha256: String,
    pub bytes: u64,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A request to extract. Fields that this version of the protocol does not know are ignored.
#[derive(Debug, Deserialize)]
pub struct Request {
    pub source: String,
    pub run: String,
    pub attempt: u64,
    pub interval: Option<Value>,
    pub feeds: BTreeMap<String, Table>,
    #[serde(default)]
    pub config: Table,
    known: Option<PathBuf>,
    pub state: Option<Value>,
    pub limits: Limits,
    #[serde(default)]
    pub bases: BTreeMap<String, Table>,
    pub mirror: Option<String>,
    /// By feed and key; sorted, so that the keys below a folder lie together.
    #[serde(skip)]
    pub known_files: BTreeMap<(String, String), Known>,
}

impl Request {
    /// Read a request; a usage failure where it is none, or one that this program does not understand.
    pub fn read(path: &Path) -> Result<Request> {
        let text = fs::read_to_string(path).map_err(|e| usage(format!("{}: {e}", path.display())))?;
        let value: Value = serde_json::from_str(&text).map_err(|e| usage(format!("the request is no JSON: {e}")))?;
        if value["protocol"].as_u64() != Some(PROTOCOL) {
            return Err(usage(format!("protocol {}; only {PROTOCOL} is known", value["protocol"])));
        }
        if value["task"].as_str() != Some("extract") {
            return Err(usage(format!("task {}; this program only extracts", value["task"])));
        }
        let mut request: Request = serde_json::from_value(value).map_err(|e| usage(format!("the request: {e}")))?;
        if request.interval.is_some() {
            return Err(usage("an interval cannot be asked of it: its keys are not dated".into()));
        }
        request.known_files = request.known.as_deref().map_or_else(|| Ok(BTreeMap::new()), read_known)?;
        Ok(request)
    }

    /// A feed's table; a configuration failure where the feed is not asked for.
    pub fn table(&self, feed: &str) -> Result<&Table> {
        let asked = || self.feeds.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let missing = || configuration(format!("no feed {feed} is asked for, only {}", asked()));
        self.feeds.get(feed).ok_or_else(missing)
    }

    /// What a feed's URLs are relative to, with a final slash; the mirror's, if there is one.
    pub fn base(&self, feed: &str) -> Result<String> {
        let named = self.table(feed)?.get("base").and_then(Value::as_str);
        let only = (self.bases.len() == 1).then(|| self.bases.keys().next().map(String::as_str)).flatten();
        let base = named.or(only).and_then(|name| self.bases.get(name)).ok_or_else(|| {
            let names: Vec<_> = self.bases.keys().cloned().collect();
            configuration(format!("feeds.{feed}.base is {named:?}; the bases are {}", names.join(", ")))
        })?;
        let said = |field: &str| base.get(field).and_then(Value::as_str).unwrap_or("");
        let Some(mirror) = &self.mirror else {
            let url = said("url");
            let public = url.starts_with("https://") || url.starts_with("http://");
            if !public || url.contains(['@', '?', '#']) {
                return Err(configuration(format!("feeds.{feed}: its base has no http or https URL of a folder")));
            }
            return Ok(format!("{}/", url.trim_end_matches('/')));
        };
        let folder = said("mirror").trim_matches('/');
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Ok(format!("{}/{}/{below}", mirror.trim_end_matches('/'), self.source))
    }

    /// A text of a feed's table; None where there is none.
    pub fn text(&self, feed: &str, field: &str) -> Result<Option<&str>> {
        match self.table(feed)?.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(other) => Err(configuration(format!("feeds.{feed}.{field} is {other}; a text is expected"))),
        }
    }

    /// Whether a key of this feed may be absent, and whether that is worth telling: only a frozen mirror may lack it.
    pub fn optional(&self, feed: &str) -> Result<(bool, bool)> {
        match self.table(feed)?.get("optional") {
            None | Some(Value::Null) => Ok((false, false)),
            Some(Value::Bool(optional)) => Ok((*optional, false)),
            Some(Value::String(text)) if text == "mirror" => Ok((self.mirror.is_some(), true)),
            Some(other) => Err(configuration(format!("feeds.{feed}.optional is {other}; true, false or \"mirror\""))),
        }
    }

    /// What the lake knows under a key.
    pub fn known(&self, feed: &str, key: &str) -> Option<&Known> {
        self.known_files.get(&(feed.to_owned(), key.to_owned()))
    }

    /// What the lake knows of a feed below a folder, which is said with its final slash.
    pub fn known_below<'a>(&'a self, feed: &'a str, folder: &'a str) -> impl Iterator<Item = &'a Known> {
        self.known_files
            .range((feed.to_owned(), folder.to_owned())..)
            .take_while(move |((of, key), _)| of == feed && key.starts_with(folder))
            .map(|(_, known)| known)
    }
}

fn read_known(path: &Path) -> Result<BTreeMap<(String, String), Known>> {
    let wrong = |error: String| usage(format!("known: {}: {error}", path.display()));
    let file = fs::File::open(path).map_err(|e| wrong(e.to_string()))?;
    let mut found = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|e| wrong(e.to_string()))?;
        if !line.is_empty() {
            let known: Known = serde_json::from_str(&line).map_err(|e| wrong(e.to_string()))?;
            found.insert((known.feed.clone(), known.key.clone()), known);
        }
    }
    Ok(found)
}

fn usage(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

pub fn configuration(message: String) -> Failure {
    Failure::new(Exit::Configuration, message)
}
