//! Whether bytes can be what a feed holds, judged by their first and last ones: an error page is no data.

/// What speaks against it, if anything does.
pub fn fault(expect: &str, head: &[u8], tail: &[u8]) -> Option<String> {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let end = tail.trim_ascii_end();
    if start.is_empty() {
        return Some("the body is empty".into());
    }
    let lower = start[..start.len().min(20)].to_ascii_lowercase();
    if ["<!doctype ", "<html", "<head", "<body"].iter().any(|mark| lower.starts_with(mark.as_bytes())) {
        return Some(format!("the body is an HTML page: {}; {expect} is expected", excerpt(start)));
    }
    match expect {
        "json" | "ndjson" => brackets(expect, start, end),
        "csv" if start.starts_with(b"<") || start.starts_with(b"{\"") || head.contains(&0) => {
            Some(format!("the body does not begin like a CSV file: {}", excerpt(start)))
        }
        "parquet" if !start.starts_with(b"PAR1") || !end.ends_with(b"PAR1") => {
            Some("the body lacks Parquet's marks".into())
        }
        "zip" if !start.starts_with(b"PK") => Some(format!("the body is no zip archive: {}", excerpt(start))),
        _ => None,
    }
}

fn brackets(expect: &str, start: &[u8], end: &[u8]) -> Option<String> {
    let closing = match start[0] {
        b'{' => b'}',
        b'[' => b']',
        _ => return Some(format!("the body is neither a JSON object nor a list: {}", excerpt(start))),
    };
    let closed = end.last() == Some(&closing) || (expect == "ndjson" && matches!(end.last(), Some(b'}' | b']')));
    (!closed).then(|| "the body is cut: it has no closing bracket".into())
}

fn excerpt(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]))
}

#[cfg(test)]
mod tests {
    use super::fault;

    fn judged(expect: &str, body: &[u8]) -> bool {
        fault(expect, body, body).is_none()
    }

    #[test]
    fn data_pass() {
        assert!(judged("csv", b"\xef\xbb\xbfdate,team\n"));
        assert!(judged("json", b" {\"a\": [1]}\n"));
        assert!(judged("ndjson", b"{}\n[1]\n"));
        assert!(judged("parquet", b"PAR1....PAR1"));
        assert!(judged("text", b"anything"));
        assert!(judged("zip", b"PK\x03\x04"));
    }

    #[test]
    fn error_pages_and_cut_bodies_do_not() {
        for expect in ["csv", "json", "ndjson", "parquet", "text", "zip"] {
            assert!(!judged(expect, b""));
            assert!(!judged(expect, b"<!DOCTYPE html><html>"));
        }
        assert!(!judged("json", b"{\"a\": 1"));
        assert!(!judged("json", b"null"));
        assert!(!judged("csv", b"{\"error\": 1}"));
        assert!(!judged("parquet", b"PAR1...."));
    }
}
