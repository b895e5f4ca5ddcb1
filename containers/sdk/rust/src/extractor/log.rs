//! The log: one JSON object a line on standard error. Never give it a secret, also not within a URL.

use super::failure::Failure;
use serde_json::{json, Map, Value};
use std::io::Write;
use std::sync::Mutex;
use std::time::Duration;

/// Held while a line is written; a process that ends keeps it, so that its last line is the last one.
static LINE: Mutex<()> = Mutex::new(());

pub fn info(message: &str, fields: Value) {
    say("info", message, fields);
}

pub fn warning(message: &str, fields: Value) {
    say("warning", message, fields);
}

fn say(level: &str, message: &str, fields: Value) {
    let _line = LINE.lock();
    write(level, message, fields);
}

fn write(level: &str, message: &str, fields: Value) {
    let mut line = Map::new();
    line.insert("level".into(), level.into());
    line.insert("msg".into(), message.into());
    if let Value::Object(fields) = fields {
        line.extend(fields.into_iter().filter(|(_, value)| !value.is_null()));
    }
    // Nobody may be listening any more: that is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{}", Value::Object(line));
}

/// Say why in the last line of the log, and end the process with the failure's code.
pub fn fail(failure: &Failure) -> ! {
    let code = failure.exit as i32;
    let fields = json!({
        "code": code, "retry_after_s": failure.retry_after_s, "feed": failure.feed, "key": failure.key,
    });
    last("error", &failure.message, fields, code)
}

/// Write the last line of the log, and end the process.
pub fn last(level: &str, message: &str, fields: Value, code: i32) -> ! {
    let _line = LINE.lock();
    write(level, message, fields);
    std::process::exit(code)
}

/// A line every so many seconds, so that nobody takes a long download for silence.
pub fn tick(every: Duration) {
    std::thread::spawn(move || loop {
        std::thread::sleep(every);
        info("still at work", Value::Null);
    });
}
