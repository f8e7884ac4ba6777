//! The copy: one line a resource, in one file with the place it belongs to.
//!
//! The file is never changed: another is written beside it, brought to the disk and renamed over it. Killed at any moment,
//! there is the old copy with the old place or the new copy with the new one; what came after the old place comes again.
//! (A log to which lines are added would cost less for a copy of many millions, and whoever reads it would have to know
//! which line counts. Of a prefecture's ten years the file has some 200 MB, written in a second or two.)

use super::{Failure, Order};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is public, by address, as the service wrote it, and the place in the feed up to which it is so.
pub struct Copy {
    pub cursor: String,
    resources: BTreeMap<String, Box<RawValue>>,
}

impl Copy {
    /// An empty one.
    pub fn at(cursor: String) -> Self {
        Self { cursor, resources: BTreeMap::new() }
    }

    pub fn put(&mut self, address: String, content: Box<RawValue>) {
        self.resources.insert(address, content);
    }

    pub fn remove(&mut self, address: &str) {
        self.resources.remove(address);
    }

    pub fn len(&self) -> usize {
        self.resources.len()
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    from: String,
    /// Of which filter; empty: everything
    choice: String,
    cursor: String,
}

/// The others, by address.
#[derive(Serialize, Deserialize)]
struct Line {
    address: String,
    content: Box<RawValue>,
}

pub struct CopyFile {
    path: PathBuf,
    from: String,
    choice: String,
    /// Nobody else writes it as long as this is open.
    _lock: File,
}

impl CopyFile {
    pub fn open(order: &Order) -> Result<Self, Failure> {
        let lock = File::create(beside(&order.into, "lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!("{}: another pull is writing it", order.into.display()).into());
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let choice = order.choice.filter().trim_start_matches('&').to_owned();
        Ok(Self { path: order.into.clone(), from: order.from.clone(), choice, _lock: lock })
    }

    /// None: there is no copy yet.
    pub fn read(&self) -> Result<Option<Copy>, Failure> {
        let name = self.path.display();
        let file = match File::open(&self.path) {
            Ok(file) => BufReader::new(file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{name}: {error}").into()),
        };
        let broken = |cause: serde_json::Error| format!("{name} is no copy ({cause}): move it away to begin anew");
        let mut lines = file.lines();
        let head = lines.next().transpose()?.unwrap_or_default();
        let head: Head = serde_json::from_str(&head).map_err(broken)?;
        if (&head.from, &head.choice) != (&self.from, &self.choice) {
            return Err(format!("{name} is a copy of {} [{}]: choose another file", head.from, head.choice).into());
        }
        let mut copy = Copy::at(head.cursor);
        for line in lines {
            let line: Line = serde_json::from_str(&line?).map_err(broken)?;
            copy.put(line.address, line.content);
        }
        Ok(Some(copy))
    }

    pub fn write(&self, copy: &Copy) -> Result<(), Failure> {
        let new = beside(&self.path, "new");
        let mut file = BufWriter::new(File::create(&new)?);
        let head = Head { from: self.from.clone(), choice: self.choice.clone(), cursor: copy.cursor.clone() };
        serde_json::to_writer(&mut file, &head)?;
        file.write_all(b"\n")?;
        for (address, content) in &copy.resources {
            #[derive(Serialize)]
            struct Line<'a> {
                address: &'a str,
                content: &'a RawValue,
            }
            serde_json::to_writer(&mut file, &Line { address, content })?;
            file.write_all(b"\n")?;
        }
        file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&new, &self.path)?;
        // The renaming itself is on the disk when the folder is.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Ok(File::open(folder)?.sync_all()?)
    }
}

/// `copy.jsonl` → `copy.jsonl.new`
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}
