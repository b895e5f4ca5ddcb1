//! Lands Cricsheet's matches: zip archives of one JSON file a match, whose members are landed in their stead, and the
//! register of people, which is one file.
//!
//! A feed with `archive` (a template of the archive's name, with `values`) is of archives: `members` says which of their
//! members are landed, `key` has the places `{archive}` and `{member}`. Any other feed has one fixed `key`.

mod archive;
#[path = "../../sdk/rust/src/extractor/mod.rs"]
mod extractor;

use archive::{Archive, Bounds};
use extractor::{configuration, log, now, Exit, Failure, Fetched, File, Request, Result, Run, Validators, Wanted};
use serde_json::{json, Map, Value};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::sync::Mutex;

/// One thing to fetch.
enum Task {
    File(Wanted),
    Bundle(Bundle),
}

/// One archive of a feed. `below`: what the keys of its members begin with.
struct Bundle {
    feed: String,
    name: String,
    url: String,
    below: String,
    suffix: String,
    expect: String,
    optional: bool,
    lacking: bool,
}

/// What the next run has to know of an archive: its validators, and how many members the lake then had.
type State = Mutex<BTreeMap<String, Map<String, Value>>>;

fn main() {
    extractor::main(extract)
}

fn extract(run: &Run) -> Result<Option<Value>> {
    let state = State::default();
    run.each(plan(&run.request)?, |task| match task {
        Task::File(wanted) => run.fetch(wanted),
        Task::Bundle(bundle) => land(run, bundle, &state).map_err(|failure| failure.at(&bundle.feed, &bundle.name)),
    })?;
    let state = state.into_inner().unwrap_or_default();
    Ok(Some(json!({ "archives": state })))
}

fn plan(request: &Request) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for feed in request.feeds.keys() {
        match request.text(feed, "archive")? {
            Some(template) => tasks.extend(bundles(request, feed, template)?.into_iter().map(Task::Bundle)),
            None => tasks.push(Task::File(single(request, feed)?)),
        }
    }
    if tasks.is_empty() {
        return Err(configuration("no feed is wanted".into()));
    }
    Ok(tasks)
}

fn single(request: &Request, feed: &str) -> Result<Wanted> {
    let key = request.text(feed, "key")?.filter(|key| !key.contains(['{', '}']));
    let key = key.ok_or_else(|| configuration(format!("feeds.{feed}.key: a fixed key is expected")))?.to_owned();
    let (optional, lacking) = request.optional(feed)?;
    let expect = request.text(feed, "format")?.unwrap_or("text").to_owned();
    Ok(Wanted { feed: feed.to_owned(), url: request.base(feed)? + &key, key, expect, optional, lacking })
}

fn bundles(request: &Request, feed: &str, template: &str) -> Result<Vec<Bundle>> {
    let key = request.text(feed, "key")?.unwrap_or("{archive}/{member}");
    let folder = key.strip_suffix("{member}").filter(|folder| folder.ends_with('/') && folder.contains("{archive}"));
    let folder =
        folder.ok_or_else(|| configuration(format!("feeds.{feed}.key: {{archive}}/{{member}} is expected")))?;
    let members = request.text(feed, "members")?.unwrap_or("*");
    let suffix = members.strip_prefix('*').filter(|rest| !rest.contains('*'));
    let suffix =
        suffix.ok_or_else(|| configuration(format!("feeds.{feed}.members: *.json or the like is expected")))?;
    let expect = request.text(feed, "format")?.unwrap_or("text");
    let (base, (optional, lacking)) = (request.base(feed)?, request.optional(feed)?);
    let bundle = |name: String| Bundle {
        feed: feed.to_owned(),
        url: base.clone() + &template.replace("{archive}", &name),
        below: folder.replace("{archive}", &name),
        name,
        suffix: suffix.to_owned(),
        expect: expect.to_owned(),
        optional,
        lacking,
    };
    Ok(names(request, feed)?.into_iter().map(bundle).collect())
}

/// The names of a feed's archives: config.values.<feed> stands for the feed's own `values`, as for other extractors.
fn names(request: &Request, feed: &str) -> Result<Vec<String>> {
    let wrong = || configuration(format!("feeds.{feed}.values: lists of texts under `archive` are expected"));
    let overridden = request.config.get("values").and_then(|values| values.get(feed));
    let values = overridden.or(request.feeds[feed].get("values")).ok_or_else(wrong)?;
    let tables = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
    let mut found = Vec::new();
    for table in &tables {
        for name in table["archive"].as_array().ok_or_else(wrong)? {
            let name = name.as_str().filter(|name| is_name(name)).ok_or_else(wrong)?;
            if !found.iter().any(|had| had == name) {
                found.push(name.to_owned());
            }
        }
    }
    Ok(found)
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    name.bytes().all(plain)
        && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.'))
}

/// Land the members of one archive, unless it is as it was.
fn land(run: &Run, bundle: &Bundle, state: &State) -> Result<()> {
    let had = remembered(run, bundle);
    let part = run.part(&format!("{}-{}.zip", bundle.feed, bundle.name));
    let fetched = run.client.get(&bundle.url, had.as_ref(), &part, run.request.limits.max_file_bytes)?;
    let members = match fetched {
        Fetched::Absent(status) => absent(run, bundle, status)?,
        Fetched::NotModified(said) => {
            let now = Validators {
                etag: said.etag.or(had.as_ref().and_then(|had| had.etag.clone())),
                last_modified: said.last_modified.or(had.and_then(|had| had.last_modified)),
            };
            let members = unchanged(run, bundle, &now)?;
            remember(bundle, state, &now, members);
            members
        }
        Fetched::Body(written, said) => {
            if let Some(fault) = extractor::fault("zip", &written.head, &written.tail) {
                return Err(run.refuse(&part, &bundle.feed, &bundle.name, fault));
            }
            let whole = extractor::Archive {
                url: bundle.url.clone(),
                sha256: written.sha256,
                bytes: written.bytes,
                etag: said.etag.clone(),
                member: String::new(),
            };
            let members = match unpack(run, bundle, &part, &whole, &said) {
                Err(failure) if failure.exit == Exit::Data => {
                    let told = failure.message;
                    return Err(run.refuse(&part, &bundle.feed, &bundle.name, told));
                }
                other => other?,
            };
            remember(bundle, state, &said, members);
            members
        }
    };
    if part.exists() {
        fs::remove_file(&part)?;
    }
    log::info("archive", json!({ "feed": bundle.feed, "key": bundle.name, "url": bundle.url, "n": members }));
    Ok(())
}

/// The validators of the archive that the lake has all members of; None where it may have lost one.
fn remembered(run: &Run, bundle: &Bundle) -> Option<Validators> {
    let had: Vec<_> = run.request.known_below(&bundle.feed, &bundle.below).collect();
    let first = had.first()?;
    let said = Validators { etag: first.etag.clone(), last_modified: first.last_modified.clone() };
    let alike = had.iter().all(|known| (&known.etag, &known.last_modified) == (&said.etag, &said.last_modified));
    let stated = run.request.state.as_ref().map(|state| &state["archives"][&bundle.feed][&bundle.name]);
    let whole = stated.is_none_or(|stated| stated["members"].as_u64() == Some(had.len() as u64));
    let validated = said.etag.is_some() || said.last_modified.is_some();
    (alike && whole && validated).then_some(said)
}

fn remember(bundle: &Bundle, state: &State, said: &Validators, members: usize) {
    let value = json!({ "etag": said.etag, "members": members });
    let mut state = state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    state.entry(bundle.feed.clone()).or_default().insert(bundle.name.clone(), value);
}

/// A 304 on the archive: all that the lake has of it is as it was.
fn unchanged(run: &Run, bundle: &Bundle, said: &Validators) -> Result<usize> {
    let mut members = 0;
    for known in run.request.known_below(&bundle.feed, &bundle.below) {
        let file = File::unchanged(known, &bundle.url);
        run.add(File { etag: said.etag.clone(), last_modified: said.last_modified.clone(), ..file })?;
        members += 1;
    }
    Ok(members)
}

/// An archive that upstream does not have: where it may lack it, what the lake has of it is gone.
fn absent(run: &Run, bundle: &Bundle, status: u32) -> Result<usize> {
    if !bundle.optional {
        return Err(Failure::new(Exit::Unavailable, format!("status {status} from {}", bundle.url)));
    }
    if bundle.lacking {
        log::warning("the mirror lacks it", json!({ "feed": bundle.feed, "key": bundle.name }));
    }
    forget(run, bundle, &HashSet::new())?;
    Ok(0)
}

/// Members that the lake has and the archive no longer holds.
fn forget(run: &Run, bundle: &Bundle, there: &HashSet<String>) -> Result<()> {
    for known in run.request.known_below(&bundle.feed, &bundle.below) {
        if !there.contains(&known.key) {
            run.add(File::gone(&bundle.feed, &known.key, &bundle.url))?;
        }
    }
    Ok(())
}

/// Land an archive's members one by one; how many there are.
fn unpack(run: &Run, bundle: &Bundle, zip: &Path, whole: &extractor::Archive, said: &Validators) -> Result<usize> {
    let limits = &run.request.limits;
    let bounds = Bounds { members: limits.max_files, member_bytes: limits.max_file_bytes, bytes: limits.max_bytes };
    let mut archive = Archive::open(zip, bounds)?;
    let mut there = HashSet::new();
    let part = run.part(&format!("{}-{}.member", bundle.feed, bundle.name));
    for index in 0..archive.len() {
        run.client.pace.left()?;
        let Some(member) = archive.name(index)?.filter(|name| name.ends_with(&bundle.suffix)) else { continue };
        let written = archive.save(index, &part)?;
        if let Some(fault) = extractor::fault(&bundle.expect, &written.head, &written.tail) {
            return Err(Failure::new(Exit::Data, format!("the member {member:?}: {fault}")));
        }
        let key = bundle.below.clone() + &member;
        let file = File {
            etag: said.etag.clone(),
            last_modified: said.last_modified.clone(),
            fetched_at: Some(now()),
            archive: Some(extractor::Archive { member, ..whole.clone() }),
            ..File::gone(&bundle.feed, &key, &bundle.url)
        };
        run.land(file, &written, &part)?;
        there.insert(key);
    }
    if there.is_empty() {
        return Err(Failure::new(Exit::Data, format!("the archive has no member *{}", bundle.suffix)));
    }
    forget(run, bundle, &there)?;
    Ok(there.len())
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_of_archives_stay_below_their_base() {
        for right in ["odis_json", "revised/ipl_json", "v1.2"] {
            assert!(is_name(right), "{right}");
        }
        for wrong in ["", "../up", "a//b", "/a", "a b", "a?b", "a/.hidden"] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
