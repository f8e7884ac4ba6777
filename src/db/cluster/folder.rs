//! The folder of a private cluster, and the lock on it.

use super::programs::{Account, id, output};
use super::{ClusterError, END_PATIENCE, SUPERVISE, failed};
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, thread};

/// Where the demo keeps its cluster: a place of the user; for root one that the unprivileged
/// server user can enter, which nothing below /root is.
pub fn default_dir() -> PathBuf {
    if id(&["-u"]) == Some(0) {
        return "/var/tmp/hagukumi-demo".into();
    }
    let under = |variable, below| Some(PathBuf::from(env::var_os(variable)?).join(below));
    under("XDG_STATE_HOME", "hagukumi/demo")
        .or_else(|| under("HOME", ".local/state/hagukumi/demo"))
        .unwrap_or_else(|| env::temp_dir().join("hagukumi-demo"))
}

/// Base folder for the tests. In memory a database is cloned 2 to 20 times faster, but containers
/// often have only 64 MB there.
pub fn test_dir() -> PathBuf {
    let free_kib = || {
        let table = output(Command::new("df").args(["-Pk", "/dev/shm"]))?;
        table.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()
    };
    if env::var_os("TMPDIR").is_none() && free_kib().is_some_and(|kib| kib > 2 << 20) {
        return "/dev/shm".into();
    }
    env::temp_dir()
}

/// A folder that holds a cluster's folder beside other files of ours. `ours`: what may be in it; any of them tells that
/// it is such a folder. As root the server is another user, who must be able to pass through it.
pub fn make_home(dir: &Path, ours: &[&str]) -> Result<(), ClusterError> {
    let uid = id(&["-u"]);
    let refused = |what| Err(ClusterError(format!("{} {what}; choose an empty or a new folder", dir.display())));
    if let Err(cause) = DirBuilder::new().recursive(true).mode(0o700).create(dir) {
        return Err(failed(dir.display())(cause));
    }
    let metadata = fs::symlink_metadata(dir).map_err(failed(dir.display()))?;
    if !metadata.is_dir() {
        return refused("is not a folder itself");
    }
    if Some(metadata.uid()) != uid {
        return refused("belongs to another user");
    }
    let mut entries = fs::read_dir(dir).map_err(failed(dir.display()))?;
    if entries.next().is_some() && !ours.iter().any(|name| dir.join(name).exists()) {
        return refused("holds other files");
    }
    let mode = if uid == Some(0) { 0o711 } else { 0o700 };
    fs::set_permissions(dir, Permissions::from_mode(mode)).map_err(failed(dir.display()))
}

pub(super) fn socket_dir(dir: &Path) -> PathBuf {
    dir.join("s")
}

pub(super) fn make_private_dir(dir: &Path, account: Option<&Account>) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))?;
    account.map_or(Ok(()), |account| chown(dir, Some(account.uid), Some(account.gid)))
}

/// The folder with the lock on it. A live owner is an error at once; the server of a dead one is
/// given time to end.
pub(super) fn take(dir: &Path, account: Option<&Account>, owner: u32) -> Result<File, ClusterError> {
    let path = dir.join("cluster.lock");
    let begun = Instant::now();
    loop {
        refuse_foreign(dir, &path, account)?;
        make_private_dir(dir, account).map_err(failed(dir.display()))?;
        let file = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(failed(path.display()))?;
        match file.try_lock() {
            // A throw-away predecessor may have removed what was just opened.
            Ok(()) if inode(&fs::metadata(&path)) == inode(&file.metadata()) => {
                let written = file.set_len(0).and_then(|()| write!(file, "{owner}"));
                written.map_err(failed(path.display()))?;
                return Ok(file);
            }
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(cause)) => return Err(failed(path.display())(cause)),
        }
        let holder = fs::read_to_string(&path).unwrap_or_default();
        if is_alive(&holder) {
            return Err(ClusterError(format!(
                "the database in {} is in use by process {holder}; stop that one, or choose another folder",
                dir.display()
            )));
        }
        if begun.elapsed() > END_PATIENCE {
            return Err(ClusterError(format!(
                "the database server in {} outlives its owner; end it: kill -INT $(head -n 1 {}/pg*/postmaster.pid)",
                dir.display(),
                dir.display()
            )));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// Folders of others are neither given away nor removed, not even by a mistake of root, who could;
/// and nobody else prepares one for root under a name that is easy to guess.
fn refuse_foreign(dir: &Path, lock: &Path, account: Option<&Account>) -> Result<(), ClusterError> {
    let Ok(metadata) = fs::symlink_metadata(dir) else {
        return Ok(()); // not there yet
    };
    let holds_others = || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    let what = if !metadata.is_dir() {
        "is not a folder itself"
    } else if account.is_some_and(|account| ![0, account.uid].contains(&metadata.uid())) {
        "belongs to another user"
    } else if !lock.exists() && holds_others() {
        "holds other files"
    } else {
        return Ok(());
    };
    Err(ClusterError(format!("{} {what}; choose an empty or a new folder", dir.display())))
}

fn inode(metadata: &io::Result<fs::Metadata>) -> Option<u64> {
    metadata.as_ref().ok().map(MetadataExt::ino)
}

fn is_alive(pid: &str) -> bool {
    let mut script = Command::new("/bin/sh");
    script.args(["-c", SUPERVISE, "hagukumi-postgres", "alive", pid]);
    !pid.is_empty() && output(&mut script).is_some()
}

pub(super) fn absent_is_fine(cause: io::Error) -> io::Result<()> {
    if cause.kind() == ErrorKind::NotFound { Ok(()) } else { Err(cause) }
}
