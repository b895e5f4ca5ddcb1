//! What every extractor in Rust needs: the landing protocol, polite fetching, signals. Copy this folder.
//!
//! `extractor::main(extract)` reads the request, runs `extract(&run)`, and ends the process as the protocol wants it.
//! `extract` lands files by [`Run::fetch`] (one file a key) or by [`Run::land`] (files that it made of something else),
//! and returns the `state` that the next run is to be given.

#![allow(dead_code, unused_imports)] // a program may need only a part of it

mod body;
mod expect;
mod failure;
mod fetch;
mod guard;
pub mod log;
mod pace;
mod request;
mod seal;
mod transfer;

pub use body::{Target, Written};
pub use expect::fault;
pub use failure::{Exit, Failure, Result};
pub use fetch::{Client, Fetched, Validators};
pub use request::{configuration, Request};
pub use seal::{now, Archive, File, Status};

use serde_json::{json, Value};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// What a program does: land files, and return the next run's `state`.
pub type Extract = fn(&Run) -> Result<Option<Value>>;

/// One extraction: what is asked, and what has been landed so far.
pub struct Run {
    pub request: Request,
    pub client: Client,
    pub out: PathBuf,
    landed: Mutex<Landed>,
}

#[derive(Default)]
struct Landed {
    files: Vec<File>,
    new_files: u64,
    new_bytes: u64,
    /// The first thing that failed and may not fail again.
    delayed: Option<Failure>,
}

/// One file to fetch. `expect`: what its bytes must look like (json, ndjson, csv, parquet, text).
pub struct Wanted {
    pub feed: String,
    pub key: String,
    pub url: String,
    pub expect: String,
    pub optional: bool,
    pub lacking: bool,
}

impl Run {
    fn new(request: &Path, out: &Path) -> Result<Run> {
        let request = Request::read(request)?;
        let client = Client::new(&request)?;
        fs::create_dir_all(out.join("tmp"))?;
        Ok(Run { request, client, out: out.to_owned(), landed: Mutex::default() })
    }

    /// Do something for each of `items`, a few at once. What fails temporarily is put off: the others are done, the run
    /// ends with 75 and a seal of what was landed. Anything else that fails ends the run.
    pub fn each<T: Send>(&self, items: Vec<T>, work: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
        let width = pace::width(&self.request).min(items.len());
        let queue = Mutex::new(VecDeque::from(items));
        let stopped: Mutex<Option<Failure>> = Mutex::new(None);
        std::thread::scope(|scope| {
            for _ in 0..width {
                scope.spawn(|| {
                    while let Some(item) = next(&queue, &stopped) {
                        match work(&item) {
                            Err(failure) if failure.exit == Exit::Temporary => self.put_off(failure),
                            Err(failure) => {
                                lock(&stopped).get_or_insert(failure);
                            }
                            Ok(()) => (),
                        }
                    }
                });
            }
        });
        let failed = lock(&stopped).take();
        failed.map_or(Ok(()), Err)
    }

    fn put_off(&self, failure: Failure) {
        log::warning(&failure.message, json!({ "feed": failure.feed, "key": failure.key }));
        lock(&self.landed).delayed.get_or_insert(failure);
    }

    /// Where something may lie until it is landed.
    pub fn part(&self, name: &str) -> PathBuf {
        self.out.join("tmp").join(name.replace('/', "-"))
    }

    /// Land what upstream has under a key now.
    pub fn fetch(&self, wanted: &Wanted) -> Result<()> {
        self.fetch_one(wanted).map_err(|failure| failure.at(&wanted.feed, &wanted.key))
    }

    fn fetch_one(&self, wanted: &Wanted) -> Result<()> {
        let Wanted { feed, key, url, .. } = wanted;
        let known = self.request.known(feed, key);
        let had =
            known.map(|known| Validators { etag: known.etag.clone(), last_modified: known.last_modified.clone() });
        let part = self.part(&format!("{feed}-{key}.part"));
        match self.client.get(url, had.as_ref(), &part, self.request.limits.max_file_bytes)? {
            Fetched::Absent(status) => {
                fs::remove_file(&part)?;
                self.absent(wanted, status)
            }
            Fetched::NotModified(said) => {
                fs::remove_file(&part)?;
                let known = known.ok_or_else(|| Failure::new(Exit::Internal, "304 for what nobody has"))?;
                let mut file = File::unchanged(known, url);
                file.etag = said.etag.or(file.etag);
                file.last_modified = said.last_modified.or(file.last_modified);
                self.add(file)
            }
            Fetched::Body(written, said) => {
                if let Some(fault) = fault(&wanted.expect, &written.head, &written.tail) {
                    return Err(self.refuse(&part, feed, key, fault));
                }
                let file = File { etag: said.etag, last_modified: said.last_modified, ..File::gone(feed, key, url) };
                self.land(file, &written, &part)
            }
        }
    }

    fn absent(&self, wanted: &Wanted, status: u32) -> Result<()> {
        let Wanted { feed, key, url, .. } = wanted;
        if !wanted.optional {
            return Err(Failure::new(Exit::Unavailable, format!("status {status} from {url}")));
        }
        if wanted.lacking {
            log::warning("the mirror lacks it", json!({ "feed": feed, "key": key }));
        }
        match self.request.known(feed, key) {
            Some(_) => self.add(File::gone(feed, key, url)),
            None => Ok(()),
        }
    }

    /// Land a file whose bytes lie at `part`: under its key where they are new, else they are forgotten.
    pub fn land(&self, mut file: File, written: &Written, part: &Path) -> Result<()> {
        file.bytes = Some(written.bytes);
        file.sha256 = Some(written.sha256.clone());
        let known = self.request.known(&file.feed, &file.key);
        if known.is_some_and(|known| known.sha256 == written.sha256) {
            fs::remove_file(part)?;
            file.status = Status::Unchanged;
            return self.add(file);
        }
        file.status = Status::New;
        let place = self.out.join("files").join(&file.feed).join(&file.key);
        fs::create_dir_all(place.parent().unwrap_or(&self.out))?;
        fs::rename(part, place)?;
        self.add(file)
    }

    /// Put a file on the seal; a failure where the new ones are too many, or too large together.
    pub fn add(&self, file: File) -> Result<()> {
        let limits = &self.request.limits;
        let mut landed = lock(&self.landed);
        if file.status == Status::New {
            landed.new_files += 1;
            landed.new_bytes += file.bytes.unwrap_or(0);
        }
        if landed.new_files > limits.max_files || landed.new_bytes > limits.max_bytes {
            let told = format!("more than {} files or {} bytes: raise the limits", limits.max_files, limits.max_bytes);
            return Err(Failure::new(Exit::Data, told).at(&file.feed, &file.key));
        }
        landed.files.push(file);
        Ok(())
    }

    /// Keep refused bytes where somebody can look at them; the failure to end the run with.
    pub fn refuse(&self, part: &Path, feed: &str, name: &str, fault: String) -> Failure {
        let kept = self.out.join("tmp/refused").join(feed).join(name.replace('/', "-"));
        let moved = fs::create_dir_all(kept.parent().unwrap_or(&self.out)).and_then(|()| fs::rename(part, &kept));
        let told = moved
            .map_or(fault.clone(), |()| format!("{fault} (kept as tmp/refused/{feed}/{})", name.replace('/', "-")));
        Failure::new(Exit::Data, told).at(feed, name)
    }

    /// Seal what was landed; a failure with which the run ends all the same.
    fn seal(&self, state: Option<Value>) -> Result<()> {
        let mut landed = lock(&self.landed);
        let Landed { files, delayed, .. } = &mut *landed;
        if files.is_empty() {
            let nothing =
                Failure::new(Exit::Unavailable, "upstream has not a single file: a wrong base looks like that");
            return Err(delayed.take().unwrap_or(nothing));
        }
        // Only a run that saw everything may say how far it has seen.
        let state = if delayed.is_some() { None } else { state };
        seal::write(&self.out, &self.request, files, &state)?;
        let new = files.iter().filter(|file| file.status == Status::New).count();
        log::info("sealed", json!({ "n": files.len(), "new": new }));
        delayed.take().map_or(Ok(()), Err)
    }
}

fn next<T>(queue: &Mutex<VecDeque<T>>, stopped: &Mutex<Option<Failure>>) -> Option<T> {
    if lock(stopped).is_some() {
        return None;
    }
    lock(queue).pop_front()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Serve the request that the command line names, and end the process.
pub fn main(extract: Extract) -> ! {
    std::panic::set_hook(Box::new(|panic| log::fail(&Failure::new(Exit::Internal, panic.to_string()))));
    stop_on_signals();
    curl::init();
    let arguments: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [request, out] = arguments.as_slice() else {
        log::fail(&Failure::new(Exit::Usage, "two arguments are expected: REQUEST OUT"));
    };
    match serve(extract, request, out) {
        Ok(()) => std::process::exit(0),
        Err(failure) => log::fail(&failure),
    }
}

fn serve(extract: Extract, request: &Path, out: &Path) -> Result<()> {
    let run = Run::new(request, out)?;
    log::tick(Duration::from_secs_f64((run.request.limits.silence_s / 3.0).clamp(0.1, 60.0)));
    log::info("begun", json!({ "source": run.request.source, "of": run.request.feeds.len() }));
    let state = extract(&run)?;
    run.seal(state)
}

/// As the first process of a container nothing ends it by default: SIGTERM ends it with 143, without a seal.
fn stop_on_signals() {
    match Signals::new([SIGTERM, SIGINT]) {
        Ok(mut signals) => {
            std::thread::spawn(move || {
                if let Some(signal) = signals.forever().next() {
                    let code = 128 + signal;
                    log::last("error", "stopped by a signal", json!({ "code": code }), code);
                }
            });
        }
        Err(error) => log::fail(&Failure::new(Exit::Internal, format!("signals cannot be handled: {error}"))),
    }
}
