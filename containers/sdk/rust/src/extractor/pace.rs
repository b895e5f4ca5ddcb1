//! When the next request may go out, over all threads: so many a second, none while upstream asked for a pause, and none
//! after the deadline.

use super::failure::{Exit, Failure, Result};
use super::request::Request;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

/// How often a file is tried.
pub const TRIES: u32 = 5;

pub struct Pace {
    next: Mutex<Instant>,
    gap: Duration,
    end: Instant,
}

impl Pace {
    /// A mirror on the loopback interface is not spared.
    pub fn new(request: &Request) -> Pace {
        let a_second = request.limits.requests_per_second;
        let gap = if is_loopback(request) || a_second <= 0.0 { 0.0 } else { 1.0 / a_second };
        let now = Instant::now();
        let end = now + Duration::from_secs_f64(request.limits.deadline_s.clamp(0.0, 1e7));
        Pace { next: Mutex::new(now), gap: Duration::from_secs_f64(gap), end }
    }

    /// Time that is left; a temporary failure when there is none.
    pub fn left(&self) -> Result<Duration> {
        match self.end.checked_duration_since(Instant::now()) {
            Some(left) if left > Duration::ZERO => Ok(left),
            _ => Err(Failure::new(Exit::Temporary, "the deadline has passed")),
        }
    }

    /// Returns when the caller may send a request.
    pub fn wait(&self) -> Result<()> {
        let slot = {
            let mut next = self.next.lock().expect("no thread fails here");
            let slot = (*next).max(Instant::now());
            *next = slot + self.gap;
            slot
        };
        self.sleep(slot.saturating_duration_since(Instant::now()))
    }

    /// Nothing is sent for a while: upstream asked for it.
    pub fn hold(&self, pause: Duration) {
        let mut next = self.next.lock().expect("no thread fails here");
        *next = (*next).max(Instant::now() + pause.min(Duration::from_secs(10_000_000)));
    }

    /// Sleep, unless the deadline lies within: then a temporary failure at once.
    pub fn sleep(&self, pause: Duration) -> Result<()> {
        if pause >= self.left()? {
            let told = format!("the deadline is nearer than a pause of {:.0} s", pause.as_secs_f64());
            return Err(Failure::new(Exit::Temporary, told));
        }
        std::thread::sleep(pause);
        Ok(())
    }
}

/// How many files may be fetched at once.
pub fn width(request: &Request) -> usize {
    let asked = request.limits.concurrency.max(1);
    if is_loopback(request) {
        asked.max(4)
    } else {
        asked
    }
}

fn is_loopback(request: &Request) -> bool {
    let host = request.mirror.as_deref().and_then(super::guard::target).map(|target| target.host);
    host.is_some_and(|host| ["localhost", "127.0.0.1", "::1"].contains(&host.as_str()))
}

/// The pause after so many failures: doubled each time, between half and all of it by chance.
pub fn backoff(first: Duration, failures: u32) -> Duration {
    let chance = RandomState::new().hash_one(failures) as f64 / u64::MAX as f64;
    first.mul_f64(2f64.powi(failures as i32 - 1) * (0.5 + chance / 2.0))
}

/// Seconds that a Retry-After header asks for, as a number or as a date; None where it says nothing.
pub fn retry_after(text: &str, now: SystemTime) -> Option<f64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(f64::from(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?;
    Some(at.duration_since(now).map_or(0.0, |wait| wait.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_with_chance() {
        for failures in 1..5 {
            let whole = Duration::from_secs(1 << (failures - 1));
            let found = backoff(Duration::from_secs(1), failures);
            assert!(found >= whole / 2 && found <= whole, "{failures}: {found:?}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(retry_after(" 120 ", now), Some(120.0));
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now), Some(60.0));
        let later = now + Duration::from_secs(3600);
        assert_eq!(retry_after("Thu, 01 Jan 1970 00:01:00 GMT", later), Some(0.0));
        assert_eq!(retry_after("soon", now), None);
        assert_eq!(retry_after("-1", now), None);
    }
}
