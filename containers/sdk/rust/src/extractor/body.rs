//! The body of an answer on its way to disk: gzip undone, hashed, bounded.

use super::failure::{Exit, Failure, Result};
use flate2::write::MultiGzDecoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufWriter, Error, Write};
use std::path::Path;

/// Bytes kept from the beginning and the end, to judge the whole by.
const KEPT: usize = 512;

/// What was written: how much, its hash, its first and last bytes.
#[derive(Clone, Debug, Default)]
pub struct Written {
    pub bytes: u64,
    pub sha256: String,
    pub head: Vec<u8>,
    pub tail: Vec<u8>,
}

/// A file that is hashed while it is written, and never longer than `max_bytes`.
pub struct Target {
    file: BufWriter<File>,
    digest: Sha256,
    written: Written,
    max_bytes: u64,
    pub over: bool,
}

impl Target {
    pub fn create(path: &Path, max_bytes: u64) -> Result<Target> {
        let file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        Ok(Target { file, digest: Sha256::new(), written: Written::default(), max_bytes, over: false })
    }

    pub fn finish(mut self) -> Result<Written> {
        self.file.flush()?;
        self.written.sha256 = self.digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(self.written)
    }
}

impl Write for Target {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.written.bytes += data.len() as u64;
        if self.written.bytes > self.max_bytes {
            self.over = true;
            return Err(Error::other(format!("more than {} bytes", self.max_bytes)));
        }
        self.file.write_all(data)?;
        self.digest.update(data);
        let room = KEPT.saturating_sub(self.written.head.len());
        self.written.head.extend_from_slice(&data[..room.min(data.len())]);
        self.written.tail.extend_from_slice(&data[data.len().saturating_sub(KEPT)..]);
        let surplus = self.written.tail.len().saturating_sub(KEPT);
        self.written.tail.drain(..surplus);
        Ok(data.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Where a body goes, with its content coding undone.
pub enum Body {
    Plain(Target),
    Gzip(Box<MultiGzDecoder<Target>>),
}

impl Body {
    pub fn new(target: Target, coding: &str) -> Result<Body> {
        match coding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Body::Plain(target)),
            "gzip" | "x-gzip" => Ok(Body::Gzip(Box::new(MultiGzDecoder::new(target)))),
            other => Err(Failure::new(Exit::Data, format!("the content coding {other:?} was not asked for"))),
        }
    }

    /// Take a piece; a failure says that the body is too long, or no gzip, or that the disk does not take it.
    pub fn take(&mut self, data: &[u8]) -> Result<()> {
        let taken = match self {
            Body::Plain(target) => target.write_all(data),
            Body::Gzip(decoder) => decoder.write_all(data),
        };
        taken.map_err(|error| self.failure(&error))
    }

    /// The end of the body; temporary where a gzip stream has none.
    pub fn finish(mut self) -> Result<Written> {
        if let Body::Gzip(decoder) = &mut self {
            if let Err(error) = decoder.try_finish() {
                return Err(self.failure(&error));
            }
        }
        match self {
            Body::Plain(target) => target.finish(),
            Body::Gzip(decoder) => decoder.finish().map_err(|e| cut(&e))?.finish(),
        }
    }

    fn failure(&self, error: &Error) -> Failure {
        let (target, coded) = match self {
            Body::Plain(target) => (target, false),
            Body::Gzip(decoder) => (decoder.get_ref(), true),
        };
        if target.over {
            return Failure::new(Exit::Data, format!("the body has more than {} bytes", target.max_bytes));
        }
        match error.raw_os_error() {
            None if coded => cut(error),
            _ => Failure::new(Exit::Io, format!("cannot write: {error}")),
        }
    }
}

fn cut(error: &Error) -> Failure {
    Failure::new(Exit::Temporary, format!("the gzip stream is cut or damaged: {error}"))
}
