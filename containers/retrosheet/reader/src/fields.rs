//! Lines and their fields: CSV without a header, in which a quoted field may hold commas.

use std::borrow::Cow;

/// The text of a line: UTF-8, or Latin-1 where it is not.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| byte as char).collect()),
    }
}

/// The lines that hold something, with their numbers from 1; lines may end with CR LF, files of old with Ctrl-Z.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let bare = |line: &'_ [u8]| line.iter().rposition(|&byte| byte != b'\r' && byte != 0x1a).map_or(0, |end| end + 1);
    bytes
        .split(|&byte| byte == b'\n')
        .enumerate()
        .map(move |(number, line)| (number + 1, &line[..bare(line)]))
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| (number, text(line)))
}

/// The fields of a line; an error where a quote is not closed.
pub fn split(line: &str) -> Result<Vec<Cow<'_, str>>, String> {
    let mut found = Vec::with_capacity(8);
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        found.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(found),
        }
    }
}

/// A quoted field, from after its first quote, and what follows it.
fn unquoted(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    let mut from = 0;
    while let Some(place) = text[from..].find('"') {
        let end = from + place;
        let after = &text[end + 1..];
        if after.is_empty() || after.starts_with(',') {
            let field = &text[..end];
            let doubled = field.contains("\"\"");
            return Ok((if doubled { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) }, after));
        }
        // A doubled quote, or one that stands within a text as it is: "Bill "Buck" Evans".
        from = end + if after.starts_with('"') { 2 } else { 1 };
    }
    Err("a quote is not closed".to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_field_may_hold_commas_and_quotes() {
        let found = split(r#"start,berte101,"Bertoia, Reno",0,1,"a ""b"" c","Bill "Buck" Evans",,"""#).unwrap();
        let expected = ["start", "berte101", "Bertoia, Reno", "0", "1", "a \"b\" c", "Bill \"Buck\" Evans", "", ""];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told() {
        assert!(split("com,\"no end").is_err());
    }

    #[test]
    fn lines_end_with_lf_or_cr_lf_and_are_utf8_or_latin_1() {
        let found: Vec<_> =
            lines(b"a\r\nb\n\n\xe9\nc\xc3\xa9\r\n\x1a").map(|(n, line)| (n, line.into_owned())).collect();
        let expected = [(1, "a"), (2, "b"), (4, "\u{e9}"), (5, "c\u{e9}")];
        assert_eq!(found, expected.map(|(n, line)| (n, line.to_string())));
    }
}
