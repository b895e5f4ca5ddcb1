//! One URL: asked for conditionally, tried again while that may help, redirects followed where they may lead.

use super::failure::{Exit, Failure, Result};
use super::pace::{self, Pace};
use super::request::{configuration, Request};
use super::transfer::{self, Asked, Tuning};
use super::{guard, log};
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

pub use super::body::Written;

const MOST_REDIRECTS: u32 = 5;

/// What upstream said of a version of a file, to ask whether there is another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// What upstream has at a URL now.
pub enum Fetched {
    /// The bytes lie where they were asked to.
    Body(Written, Validators),
    NotModified(Validators),
    /// 404 or 410.
    Absent(u32),
}

/// What all fetches of a run share.
pub struct Client {
    pub pace: Pace,
    agent: String,
    tuning: Tuning,
}

impl Client {
    pub fn new(request: &Request) -> Result<Client> {
        let contact = request.config.get("contact").map_or(Some(""), |value| value.as_str());
        let agent = match contact {
            Some("") => format!("fieldhouse-rust/{}", env!("CARGO_PKG_VERSION")),
            Some(text) if in_header(text) => format!("fieldhouse-rust/{} (+{text})", env!("CARGO_PKG_VERSION")),
            _ => return Err(configuration("config.contact is no address in plain ASCII".into())),
        };
        Ok(Client { pace: Pace::new(request), agent, tuning: Tuning::new() })
    }

    /// What is at `url`, written to `part`; asked for only if it is not what `had` says. At most `max_bytes`.
    pub fn get(&self, url: &str, had: Option<&Validators>, part: &Path, max_bytes: u64) -> Result<Fetched> {
        let mut failures = 0;
        loop {
            let failure = match self.once(url, had, part, max_bytes) {
                Err(failure) if failure.exit == Exit::Temporary => failure,
                other => return other,
            };
            failures += 1;
            if failures == pace::TRIES {
                return Err(failure);
            }
            let pause = match failure.retry_after_s {
                Some(asked) => Duration::from_secs_f64(asked.min(1e7)),
                None => pace::backoff(self.tuning.backoff, failures),
            };
            if pause >= self.pace.left()? {
                return Err(failure); // the pipeline will come back
            }
            if failure.retry_after_s.is_some() {
                self.pace.hold(pause);
            }
            log::warning(&format!("{}; again in {:.1} s", failure.message, pause.as_secs_f64()), json!({ "url": url }));
            self.pace.sleep(pause)?;
        }
    }

    fn once(&self, url: &str, had: Option<&Validators>, part: &Path, max_bytes: u64) -> Result<Fetched> {
        let headers = conditions(had);
        let (mut at, mut pinned) = (url.to_owned(), None);
        for hop in 0.. {
            self.pace.wait()?;
            let left = self.pace.left()?;
            let asked = Asked { url: &at, headers: &headers, agent: &self.agent, part, max_bytes, left, pinned };
            let answer = transfer::get(&asked, &self.tuning)?;
            if !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return judged(answer, had, &at);
            }
            if hop == MOST_REDIRECTS {
                return Err(unavailable(format!("more than {MOST_REDIRECTS} redirects from {url}")));
            }
            let to = answer.location.ok_or_else(|| unavailable(format!("a redirect of {at} leads nowhere")))?;
            pinned = allowed(url, &at, &to)?;
            at = to;
        }
        unreachable!("the loop ends with its hops")
    }
}

/// The address that a redirect has to use, None for any; a failure where it must not be followed.
fn allowed(first: &str, from: &str, to: &str) -> Result<Option<IpAddr>> {
    let parsed = |url: &str| guard::target(url).ok_or_else(|| unavailable(format!("a redirect leads to {url:?}")));
    let (first, from, to) = (parsed(first)?, parsed(from)?, parsed(to)?);
    guard::check_scheme(&from, &to)?;
    // A proxy resolves names, not we.
    if proxied(to.https) || guard::is_private(&first)? {
        return Ok(None);
    }
    guard::public_address(&to)
}

fn proxied(https: bool) -> bool {
    let names: &[&str] = if https { &["https_proxy", "HTTPS_PROXY"] } else { &["http_proxy"] };
    names.iter().chain(&["all_proxy", "ALL_PROXY"]).any(|name| std::env::var(name).is_ok_and(|text| !text.is_empty()))
}

fn judged(answer: transfer::Answer, had: Option<&Validators>, url: &str) -> Result<Fetched> {
    let said = validators(&answer.headers);
    match answer.status {
        200 => match answer.written {
            Some(written) => Ok(Fetched::Body(written, said)),
            None => Err(Failure::new(Exit::Internal, "a body was not written")),
        },
        304 if had.is_some() => Ok(Fetched::NotModified(said)),
        status @ (404 | 410) => Ok(Fetched::Absent(status)),
        status => Err(refused(status, &answer.headers, url)),
    }
}

/// What a status means that brings no data.
pub fn refused(status: u32, headers: &HashMap<String, String>, url: &str) -> Failure {
    let told = format!("status {status} from {url}");
    match status {
        408 | 425 | 429 | 500.. => {
            let asked = headers.get("retry-after").filter(|_| matches!(status, 429 | 503));
            let retry_after_s = asked.and_then(|text| pace::retry_after(text, SystemTime::now()));
            Failure { retry_after_s, ..Failure::new(Exit::Temporary, told) }
        }
        401 | 403 | 407 => Failure::new(Exit::Permission, told),
        200..=299 => Failure::new(Exit::Data, format!("{told}, without data")),
        _ => unavailable(told),
    }
}

fn validators(headers: &HashMap<String, String>) -> Validators {
    let said = |name: &str| headers.get(name).filter(|value| (1..=1024).contains(&value.len())).cloned();
    Validators { etag: said("etag"), last_modified: said("last-modified") }
}

fn conditions(had: Option<&Validators>) -> Vec<(String, String)> {
    let mut headers = vec![("Accept-Encoding".to_owned(), "gzip".to_owned())];
    let Some(had) = had else { return headers };
    for (name, value) in [("If-None-Match", &had.etag), ("If-Modified-Since", &had.last_modified)] {
        if let Some(value) = value.as_deref().filter(|value| in_header(value)) {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    headers
}

/// Whether a text can stand in a header.
fn in_header(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn unavailable(message: String) -> Failure {
    Failure::new(Exit::Unavailable, message)
}
