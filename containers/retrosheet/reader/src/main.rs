//! Reads Retrosheet's files into records, as the landing protocol's task `read` wants it: `read REQUEST OUT`.

mod event;
mod fields;
mod game_file;
mod protocol;
mod records;
mod tables;

use protocol::{Failure, Kind, Log, Request};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use std::path::Path;
use std::process::exit;
use std::thread;

fn main() {
    end_on_sigterm();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Err(failure) = run(&arguments) {
        Log::error(&failure.message, failure.kind as i32);
        exit(failure.kind as i32);
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let [request, out] = arguments else {
        return Err(Failure::new(Kind::Usage, "two arguments are expected: REQUEST OUT"));
    };
    let request = Request::read(Path::new(request))?;
    records::read_all(&request, Path::new(out))
}

/// As the first process of a container it would ignore SIGTERM; it ends at once, and without a seal.
fn end_on_sigterm() {
    let mut signals = Signals::new([SIGTERM]).expect("a handler for SIGTERM can be set");
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            Log::error("ended by SIGTERM", 143);
            exit(143);
        }
    });
}
