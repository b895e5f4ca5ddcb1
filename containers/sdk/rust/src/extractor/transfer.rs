//! One GET by libcurl: verified, bounded in time, its body streamed to disk. Redirects are told, not followed.

use super::body::{Body, Target, Written};
use super::failure::{Exit, Failure, Result};
use super::guard;
use curl::easy::{Easy2, Handler, HttpVersion, List, WriteError};
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// Waits that only tests change, each by a variable FIELDHOUSE_HTTP_…_S in seconds.
pub struct Tuning {
    pub backoff: Duration,
    connect: Duration,
    /// The window over which a body must come at `FLOOR`, and within which the next byte must come.
    slow: Duration,
}

const FLOOR: u32 = 1000;
const MOST_HEADERS: usize = 200;

impl Tuning {
    pub fn new() -> Tuning {
        let seconds = |name: &str, otherwise: f64| {
            let given = std::env::var(format!("FIELDHOUSE_HTTP_{name}_S")).ok().and_then(|text| text.parse().ok());
            Duration::from_secs_f64(given.filter(|s: &f64| s.is_finite() && *s >= 0.0).unwrap_or(otherwise))
        };
        let slow = seconds("READ", 60.0).min(seconds("FLOOR", 60.0));
        Tuning { backoff: seconds("BACKOFF", 1.0), connect: seconds("CONNECT", 10.0), slow }
    }
}

/// What is asked. `pinned`: the only address that the host may be reached at.
pub struct Asked<'a> {
    pub url: &'a str,
    pub headers: &'a [(String, String)],
    pub agent: &'a str,
    pub part: &'a Path,
    pub max_bytes: u64,
    pub left: Duration,
    pub pinned: Option<IpAddr>,
}

/// What came back: the body lies at `part` only where the status is 200.
pub struct Answer {
    pub status: u32,
    pub headers: HashMap<String, String>,
    pub written: Option<Written>,
    pub location: Option<String>,
}

struct Receiver {
    target: Option<Target>,
    body: Option<Body>,
    status: u32,
    headers: HashMap<String, String>,
    failure: Option<Failure>,
}

impl Receiver {
    fn take(&mut self, data: &[u8]) -> Result<()> {
        if self.status != 200 {
            return Ok(()); // an error's own page
        }
        if self.body.is_none() {
            let coding = self.headers.get("content-encoding").map_or("", String::as_str);
            self.body = self.target.take().map(|target| Body::new(target, coding)).transpose()?;
        }
        self.body.as_mut().map_or(Ok(()), |body| body.take(data))
    }
}

impl Handler for Receiver {
    fn header(&mut self, line: &[u8]) -> bool {
        let line: String = line.iter().map(|byte| char::from(*byte)).collect(); // Latin-1
        if line.starts_with("HTTP/") {
            self.status = line.split(' ').nth(1).and_then(|word| word.trim().parse().ok()).unwrap_or(0);
            self.headers.clear(); // of an interim answer, or a proxy's
        } else if let Some((name, value)) = line.split_once(':') {
            self.headers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
        self.headers.len() <= MOST_HEADERS
    }

    fn write(&mut self, data: &[u8]) -> std::result::Result<usize, WriteError> {
        match self.take(data) {
            Ok(()) => Ok(data.len()),
            Err(failure) => {
                self.failure = Some(failure);
                Ok(0) // ends the transfer
            }
        }
    }
}

/// Send one GET and take its answer. What the network does is a failure of the class that it belongs to.
pub fn get(asked: &Asked, tuning: &Tuning) -> Result<Answer> {
    let target = Target::create(asked.part, asked.max_bytes)?;
    let receiver = Receiver { target: Some(target), body: None, status: 0, headers: HashMap::new(), failure: None };
    let mut easy = Easy2::new(receiver);
    prepare(&mut easy, asked, tuning).map_err(|e| Failure::new(Exit::Internal, format!("libcurl: {e}")))?;
    let sent = easy.perform();
    if let Some(failure) = easy.get_mut().failure.take() {
        return Err(failure);
    }
    sent.map_err(|error| network(&error, asked.url))?;
    let location = easy.redirect_url().ok().flatten().map(str::to_owned);
    let receiver = easy.get_mut();
    let status = receiver.status;
    let written = match (status, receiver.body.take(), receiver.target.take()) {
        (200, Some(body), _) => Some(body.finish()?),
        (200, None, Some(target)) => Some(target.finish()?),
        _ => None,
    };
    Ok(Answer { status, headers: std::mem::take(&mut receiver.headers), written, location })
}

fn prepare(easy: &mut Easy2<Receiver>, asked: &Asked, tuning: &Tuning) -> std::result::Result<(), curl::Error> {
    easy.url(asked.url)?;
    easy.get(true)?;
    easy.http_version(HttpVersion::V11)?;
    easy.useragent(asked.agent)?;
    easy.connect_timeout(tuning.connect.max(Duration::from_millis(1)))?;
    easy.low_speed_limit(FLOOR)?;
    easy.low_speed_time(Duration::from_secs((tuning.slow.as_secs_f64().ceil() as u64).max(1)))?;
    easy.timeout(asked.left.max(Duration::from_millis(1)))?;
    if let Ok(file) = std::env::var("SSL_CERT_FILE") {
        easy.cainfo(file)?;
    }
    if let (Some(address), Some(target)) = (asked.pinned, guard::target(asked.url)) {
        let mut pins = List::new();
        let shown = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        pins.append(&format!("{}:{}:{shown}", target.host, target.port))?;
        easy.resolve(pins)?;
    }
    let mut list = List::new();
    for (name, value) in asked.headers {
        list.append(&format!("{name}: {value}"))?;
    }
    easy.http_headers(list)
}

/// What an error of libcurl means: most things may pass; a certificate, or a host that does not exist, will not.
fn network(error: &curl::Error, url: &str) -> Failure {
    let told = error.extra_description().unwrap_or_else(|| error.description()).trim().to_owned();
    if error.is_couldnt_resolve_host() {
        let found = guard::target(url).map(|target| guard::resolve(&target));
        return match found {
            Some(Err(failure)) => failure,
            _ => Failure::new(Exit::Temporary, told),
        };
    }
    let certificate =
        error.is_peer_failed_verification() || error.is_ssl_cacert_badfile() || error.is_ssl_issuer_error();
    if certificate {
        return Failure::new(Exit::Unavailable, format!("the certificate cannot be verified: {told}"));
    }
    if error.is_url_malformed() || error.is_unsupported_protocol() {
        return Failure::new(Exit::Configuration, told);
    }
    if error.is_failed_init() || error.is_out_of_memory() {
        return Failure::new(Exit::Internal, told);
    }
    Failure::new(Exit::Temporary, told)
}
