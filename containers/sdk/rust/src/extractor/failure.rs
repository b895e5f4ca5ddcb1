//! How a run ends that does not end well: an exit class of the protocol, and what to tell.

/// The protocol's exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Usage = 64,
    Data = 65,
    Unavailable = 69,
    Internal = 70,
    Io = 74,
    Temporary = 75,
    Permission = 77,
    Configuration = 78,
}

/// Why a run, or one file of it, failed. `retry_after_s`: upstream asked not to come back sooner.
#[derive(Clone, Debug)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
    pub retry_after_s: Option<f64>,
    pub feed: Option<String>,
    pub key: Option<String>,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), retry_after_s: None, feed: None, key: None }
    }

    /// The same failure, with what it is about, unless that is known already.
    pub fn at(mut self, feed: &str, key: &str) -> Self {
        self.feed.get_or_insert_with(|| feed.to_owned());
        self.key.get_or_insert_with(|| key.to_owned());
        self
    }
}

/// What this machine's disk does not let happen.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::new(Exit::Io, format!("cannot write: {error}"))
    }
}
