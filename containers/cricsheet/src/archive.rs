//! A zip archive, opened without trusting it: how many members, how large, how much they grow, where their names lead.

use crate::extractor::{Exit, Failure, Result, Target, Written};
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use zip::read::ZipFile;
use zip::ZipArchive;

/// A member that grows by more than this is a bomb, or as good as one: JSON of matches compresses by 10 to 30.
const MAX_RATIO: u64 = 500;
const SMALL: u64 = 1 << 20;
const CHUNK: usize = 1 << 16;
const LINK: u32 = 0o120_000;
const KIND: u32 = 0o170_000;

/// What an archive may hold.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub members: u64,
    pub member_bytes: u64,
    pub bytes: u64,
}

/// An archive whose members have all been looked at.
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    bounds: Bounds,
}

impl Archive {
    /// Open an archive; a data failure where it is none, or breaks a bound.
    pub fn open(path: &Path, bounds: Bounds) -> Result<Archive> {
        let mut file = File::open(path)?;
        let stated = count(&mut file)?;
        if stated > bounds.members {
            return Err(broken(format!("{stated} members; at most {} are read", bounds.members)));
        }
        let zip = ZipArchive::new(BufReader::new(file)).map_err(|e| broken(format!("no zip archive: {e}")))?;
        // The library takes the last of several members of one name.
        if zip.len() as u64 != stated {
            return Err(broken(format!("{stated} members are stated, {} have names of their own", zip.len())));
        }
        let mut archive = Archive { zip, bounds };
        archive.check()?;
        Ok(archive)
    }

    pub fn len(&self) -> usize {
        self.zip.len()
    }

    /// The name of a member; None for a folder.
    pub fn name(&mut self, index: usize) -> Result<Option<String>> {
        let member = self.zip.by_index_raw(index).map_err(|e| broken(e.to_string()))?;
        Ok((!member.is_dir()).then(|| member.name().to_owned()))
    }

    fn check(&mut self) -> Result<()> {
        let (mut total, mut folded) = (0u64, HashSet::new());
        for index in 0..self.zip.len() {
            let member = self.zip.by_index_raw(index).map_err(|e| broken(e.to_string()))?;
            let name = member.name().to_owned();
            if let Some(fault) = fault(&member, self.bounds) {
                return Err(broken(format!("the member {name:?} {fault}")));
            }
            if !folded.insert(name.to_lowercase()) {
                return Err(broken(format!("two members are called {name:?}, but for case")));
            }
            total = total.saturating_add(member.size());
        }
        if total > self.bounds.bytes {
            return Err(broken(format!("the members have {total} bytes; at most {} are read", self.bounds.bytes)));
        }
        Ok(())
    }

    /// Write a member to `part`; a data failure where it is damaged, or is more than it says.
    pub fn save(&mut self, index: usize, part: &Path) -> Result<Written> {
        let mut member = self.zip.by_index(index).map_err(|e| broken(e.to_string()))?;
        let name = member.name().to_owned();
        let stated = member.size();
        let mut target = Target::create(part, stated)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            // The checksum is compared at the end.
            let read = member.read(&mut chunk).map_err(|e| broken(format!("the member {name:?} is damaged: {e}")))?;
            if read == 0 {
                break;
            }
            if let Err(error) = std::io::Write::write_all(&mut target, &chunk[..read]) {
                return Err(if target.over {
                    broken(format!("the member {name:?} is more than it says"))
                } else {
                    error.into()
                });
            }
        }
        let written = target.finish()?;
        if written.bytes != stated {
            return Err(broken(format!("the member {name:?} has {} bytes, and says {stated}", written.bytes)));
        }
        Ok(written)
    }
}

/// What speaks against a member before it is read.
fn fault(member: &ZipFile<'_>, bounds: Bounds) -> Option<String> {
    let name = member.name();
    let parts = || name.trim_end_matches('/').split('/');
    if name.starts_with('/') || name.contains(['\\', ':', '\0']) || parts().any(|part| [".", "..", ""].contains(&part))
    {
        return Some("leads out of the archive".into());
    }
    if !name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) || name.len() > 400 || parts().any(|p| p.len() > 200) {
        return Some("has a name that can be no key".into());
    }
    if member.unix_mode().is_some_and(|mode| mode & KIND == LINK) {
        return Some("is a link".into());
    }
    if member.encrypted() {
        return Some("is encrypted".into());
    }
    if member.size() > bounds.member_bytes {
        return Some(format!("has {} bytes; at most {} are read", member.size(), bounds.member_bytes));
    }
    let most = SMALL.max(member.compressed_size().saturating_mul(MAX_RATIO));
    (member.size() > most).then(|| format!("grows from {} to {} bytes", member.compressed_size(), member.size()))
}

/// How many members an archive states, from the record at its end; a data failure where there is none.
fn count(file: &mut File) -> Result<u64> {
    const END: usize = 22;
    let size = file.metadata()?.len();
    let tail_size = size.min(END as u64 + 0xffff);
    let mut tail = vec![0; tail_size as usize];
    file.seek(SeekFrom::Start(size - tail_size))?;
    file.read_exact(&mut tail)?;
    file.seek(SeekFrom::Start(0))?;
    let found = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").filter(|at| at + END <= tail.len());
    let at = found.ok_or_else(|| broken("no zip archive, or one that is cut".into()))?;
    let stated = u64::from(u16::from_le_bytes([tail[at + 10], tail[at + 11]]));
    if stated != 0xffff || at < 20 || &tail[at - 20..at - 16] != b"PK\x06\x07" {
        return Ok(stated);
    }
    // More than 65,534 members: their number stands in another record, to which this one leads.
    let eight = |bytes: &[u8]| bytes.try_into().map_or(u64::MAX, u64::from_le_bytes);
    let mut record = [0; 56];
    file.seek(SeekFrom::Start(eight(&tail[at - 12..at - 4])))?;
    file.read_exact(&mut record).map_err(|_| broken("no zip archive, or one that is cut".into()))?;
    file.seek(SeekFrom::Start(0))?;
    Ok(if record.starts_with(b"PK\x06\x06") { eight(&record[32..40]) } else { u64::MAX })
}

fn broken(message: String) -> Failure {
    Failure::new(Exit::Data, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::path::PathBuf;
    use zip::write::SimpleFileOptions;
    use zip::ZipWriter;

    const WIDE: Bounds = Bounds { members: 10, member_bytes: 4 << 20, bytes: 8 << 20 };

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("archive-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn packed(name: &str, members: &[(&str, &[u8])]) -> PathBuf {
        let path = scratch(name).join("a.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (member, data) in members {
            zip.start_file(*member, SimpleFileOptions::default()).unwrap();
            zip.write_all(data).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    fn refused(path: &Path, bounds: Bounds) -> String {
        let failure = Archive::open(path, bounds).err().expect("it is refused");
        assert_eq!(failure.exit, Exit::Data);
        failure.message
    }

    #[test]
    fn members_are_written_and_hashed() {
        let path = packed("plain", &[("1.json", b"{}"), ("deep/2.json", b"[1]")]);
        let mut archive = Archive::open(&path, WIDE).unwrap();
        assert_eq!(archive.len(), 2);
        assert_eq!(archive.name(1).unwrap().as_deref(), Some("deep/2.json"));
        let part = path.with_extension("part");
        let written = archive.save(0, &part).unwrap();
        assert_eq!(std::fs::read(&part).unwrap(), b"{}");
        assert_eq!(written.bytes, 2);
        assert_eq!(written.sha256, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for (number, name) in
            ["../up.json", "/root.json", "a/../../b.json", "a\\b.json", "c:d.json", "a//b.json"].iter().enumerate()
        {
            let path = packed(&format!("name{number}"), &[(name, b"{}")]);
            assert!(refused(&path, WIDE).contains("leads out"), "{name}");
        }
        assert!(refused(&packed("control", &[("a\n.json", b"{}")]), WIDE).contains("no key"));
    }

    #[test]
    fn names_that_differ_by_case_alone_are_refused() {
        let path = packed("case", &[("a.json", b"{}"), ("A.JSON", b"{}")]);
        assert!(refused(&path, WIDE).contains("but for case"));
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        let path = packed("twice", &[("a.json", b"{}"), ("b.json", b"{}")]);
        let bytes: Vec<u8> = std::fs::read(&path).unwrap();
        let renamed: Vec<u8> = String::from_utf8_lossy(&bytes).as_bytes().to_vec();
        drop(renamed);
        let mut doubled = bytes;
        for at in 0..doubled.len() - 6 {
            if &doubled[at..at + 6] == b"b.json" {
                doubled[at] = b'a';
            }
        }
        std::fs::write(&path, doubled).unwrap();
        assert!(refused(&path, WIDE).contains("names of their own"));
    }

    #[test]
    fn too_many_too_large_and_too_much_are_refused() {
        let path = packed("bounds", &[("1.json", b"{\"a\": 1}"), ("2.json", b"{\"b\": 2}")]);
        assert!(refused(&path, Bounds { members: 1, ..WIDE }).contains("2 members"));
        assert!(refused(&path, Bounds { member_bytes: 7, ..WIDE }).contains("8 bytes"));
        assert!(refused(&path, Bounds { bytes: 15, ..WIDE }).contains("16 bytes"));
    }

    #[test]
    fn bombs_are_refused() {
        let path = packed("bomb", &[("1.json", &vec![b' '; 3 << 20])]);
        assert!(refused(&path, WIDE).contains("grows from"));
    }

    #[test]
    fn links_are_refused() {
        let path = scratch("link").join("a.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        zip.add_symlink("1.json", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap();
        assert!(refused(&path, WIDE).contains("is a link"));
    }

    #[test]
    fn what_is_cut_or_damaged_is_refused() {
        let path = packed("cut", &[("1.json", b"{\"a\": [1, 2, 3, 4, 5, 6, 7, 8, 9]}")]);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 30]).unwrap();
        assert!(refused(&path, WIDE).contains("cut"));
        let mut damaged = whole;
        damaged[40] ^= 0xff; // within the member's data
        std::fs::write(&path, damaged).unwrap();
        let saved = Archive::open(&path, WIDE).and_then(|mut archive| archive.save(0, &path.with_extension("part")));
        assert_eq!(saved.err().map(|failure| failure.exit), Some(Exit::Data));
        std::fs::write(&path, b"<!doctype html>").unwrap();
        assert!(refused(&path, WIDE).contains("no zip archive"));
    }
}
