//! The seal: what was fetched, what is as it was, what is gone. Written under another name first, renamed last.

use super::failure::Result;
use super::request::{Known, Request};
use serde::Serialize;
use serde_json::Value;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::SystemTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    New,
    Unchanged,
    Gone,
}

/// The archive that a file is a member of, when the member is landed in its stead.
#[derive(Clone, Debug, Serialize)]
pub struct Archive {
    pub url: String,
    pub sha256: String,
    pub bytes: u64,
    pub etag: Option<String>,
    pub member: String,
}

/// One key of a seal; bytes and hash are None only for a key that is gone.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    pub feed: String,
    pub key: String,
    pub status: Status,
    pub bytes: Option<u64>,
    pub sha256: Option<String>,
    pub url: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub fetched_at: Option<String>,
    pub archive: Option<Archive>,
}

impl File {
    pub fn gone(feed: &str, key: &str, url: &str) -> File {
        File {
            feed: feed.to_owned(),
            key: key.to_owned(),
            status: Status::Gone,
            bytes: None,
            sha256: None,
            url: Some(url.to_owned()),
            etag: None,
            last_modified: None,
            fetched_at: Some(now()),
            archive: None,
        }
    }

    /// What is as the lake knows it.
    pub fn unchanged(known: &Known, url: &str) -> File {
        File {
            status: Status::Unchanged,
            bytes: Some(known.bytes),
            sha256: Some(known.sha256.clone()),
            etag: known.etag.clone(),
            last_modified: known.last_modified.clone(),
            ..File::gone(&known.feed, &known.key, url)
        }
    }
}

#[derive(Serialize)]
struct Seal<'a> {
    protocol: u64,
    source: &'a str,
    run: &'a str,
    attempt: u64,
    files: &'a [File],
    state: &'a Option<Value>,
}

/// Write the seal: from here on the extraction has happened.
pub fn write(out: &Path, request: &Request, files: &mut [File], state: &Option<Value>) -> Result<()> {
    files.sort_by(|a, b| (&a.feed, &a.key).cmp(&(&b.feed, &b.key)));
    let Request { source, run, attempt, .. } = request;
    let seal = Seal { protocol: 1, source, run, attempt: *attempt, files, state };
    let draft = out.join("tmp/manifest.json");
    let mut file = BufWriter::new(fs::File::create(&draft)?);
    serde_json::to_writer(&mut file, &seal).map_err(std::io::Error::from)?;
    file.flush()?;
    drop(file);
    fs::rename(draft, out.join("manifest.json"))?;
    Ok(())
}

/// This moment, UTC, in RFC 3339 to the second.
pub fn now() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    rfc3339(seconds)
}

fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 0000-03-01, in eras of 400 years.
    let since = days + 719_468;
    let (era, day) = (since / 146_097, since % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year + 400 * era + u64::from(month <= 2);
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    format!("{year:04}-{month:02}-{date:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_said_in_rfc_3339() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(rfc3339(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(rfc3339(4_102_444_799), "2099-12-31T23:59:59Z");
    }
}
