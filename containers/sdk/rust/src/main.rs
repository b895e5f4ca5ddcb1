//! An extractor for any source whose feeds are one file each: `key` is fixed, `url` is the key unless it is given.

mod extractor;

use extractor::{configuration, Request, Result, Run, Wanted};
use serde_json::Value;

const FORMATS: [&str; 5] = ["json", "ndjson", "csv", "parquet", "text"];

fn main() {
    extractor::main(extract)
}

fn extract(run: &Run) -> Result<Option<Value>> {
    run.each(plan(&run.request)?, |wanted| run.fetch(wanted))?;
    Ok(None)
}

/// What to fetch, one file a feed.
fn plan(request: &Request) -> Result<Vec<Wanted>> {
    if request.feeds.is_empty() {
        return Err(configuration("no feed is wanted".into()));
    }
    request.feeds.keys().map(|feed| wanted(request, feed)).collect()
}

fn wanted(request: &Request, feed: &str) -> Result<Wanted> {
    let missing = || configuration(format!("feeds.{feed}.key is missing"));
    let key = fixed(feed, "key", request.text(feed, "key")?.ok_or_else(missing)?)?;
    if !is_key(&key) {
        return Err(configuration(format!("feeds.{feed}.key: {key:?} is no key")));
    }
    let relative = match request.text(feed, "url")? {
        Some(url) => below(feed, fixed(feed, "url", url)?)?,
        None => quoted(&key),
    };
    let expect = request.text(feed, "expect")?.or(request.text(feed, "format")?).unwrap_or("");
    if !FORMATS.contains(&expect) {
        return Err(configuration(format!(
            "feeds.{feed}.expect is {expect:?}; one of {} is expected",
            FORMATS.join(", ")
        )));
    }
    let (optional, lacking) = request.optional(feed)?;
    let url = request.base(feed)? + &relative;
    Ok(Wanted { feed: feed.to_owned(), key, url, expect: expect.to_owned(), optional, lacking })
}

/// A template without places: `{{` stands for a brace.
fn fixed(feed: &str, field: &str, text: &str) -> Result<String> {
    if text.replace("{{", "").replace("}}", "").contains(['{', '}']) {
        return Err(configuration(format!("feeds.{feed}.{field} is {text:?}: places for values are not served")));
    }
    Ok(text.replace("{{", "{").replace("}}", "}"))
}

fn is_key(key: &str) -> bool {
    let fits = |part: &str| (1..=200).contains(&part.len()) && !part.ends_with(['.', ' ']);
    key.len() <= 512 && key.split('/').all(fits) && !key.chars().any(char::is_control)
}

fn below(feed: &str, url: String) -> Result<String> {
    let path = url.split('?').next().unwrap_or("");
    let leaves =
        path.starts_with('/') || path.contains("://") || path.split('/').any(|part| [".", ".."].contains(&part));
    if leaves || url.contains('#') {
        return Err(configuration(format!("feeds.{feed}.url: {url:?} does not stay below its base")));
    }
    Ok(url)
}

/// A key as a path of a URL.
fn quoted(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    key.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_what_the_protocol_allows() {
        for right in ["results.csv", "2018/world cup.json", "ä/b"] {
            assert!(is_key(right), "{right}");
        }
        for wrong in ["", "/a", "a//b", "..", "a/.", "a.", "a ", "a\n", &"x".repeat(201)] {
            assert!(!is_key(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn braces_are_doubled_and_places_are_refused() {
        assert_eq!(fixed("f", "key", "a{{b}}").unwrap(), "a{b}");
        assert!(fixed("f", "key", "{season}.csv").is_err());
    }

    #[test]
    fn urls_stay_below_their_base() {
        assert_eq!(below("f", "export?kind=../x".into()).unwrap(), "export?kind=../x");
        for wrong in ["/etc", "https://elsewhere.example/", "a/../b", "a#b"] {
            assert!(below("f", wrong.into()).is_err(), "{wrong}");
        }
        assert_eq!(quoted("a b/ü.csv"), "a%20b/%C3%BC.csv");
    }
}
