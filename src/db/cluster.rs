//! A private PostgreSQL cluster for `serve --demo` and the tests, made from the server programs
//! that are installed on the machine. It listens on a unix socket only, inside a folder that
//! nobody else can enter, and ends with the process that owns it, however that one ends.
//!
//! The folder holds `pg<major>` (data, one folder per major version, so that an upgrade of the
//! machine never meets foreign data), `s` (the socket), `log` and `cluster.lock`. The lock is
//! handed down to the server as an open file: the kernel gives it back when the last process of
//! the cluster is gone, so whoever holds it knows that no server runs on this folder.

mod folder;
mod programs;

pub use folder::{default_dir, make_home, test_dir};

use folder::{absent_is_fine, make_private_dir, socket_dir, take};
use programs::{Account, Server, server_command};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, process, thread};

/// The superuser of the private cluster.
pub const OWNER: &str = "hagukumi_owner";

/// How long a start waits for the server of a crashed predecessor, and an end for its own server.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// Long, because a start after a machine crash replays the write-ahead log first.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// macOS allows 103 bytes for the path of a socket, Linux 107; `/.s.PGSQL.5432` takes 14.
const LONGEST_SOCKET_DIR: usize = 103 - 14;

const SUPERVISE: &str = include_str!("cluster/supervise.sh");

/// Why a private cluster could not be had; the text says what to do.
#[derive(Debug)]
pub struct ClusterError(String);

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ClusterError {}

fn failed<E: fmt::Display>(what: impl fmt::Display) -> impl FnOnce(E) -> ClusterError {
    move |cause| ClusterError(format!("{what}: {cause}"))
}

pub struct Settings<'a> {
    /// Made when it is not there; must be empty or a former cluster's folder.
    pub dir: &'a Path,
    /// Stop when this process is gone, instead of this one.
    pub watch: Option<u32>,
    /// Keep the data and make every commit safe; otherwise fast, and the folder goes at the end.
    pub durable: bool,
}

/// A running private cluster. Dropping it ends the server, unless another process is watched.
pub struct Cluster {
    dir: PathBuf,
    major: u32,
    supervisor: Child,
}

impl Cluster {
    pub fn start(settings: &Settings) -> Result<Cluster, ClusterError> {
        let account = Account::for_server()?;
        let server = Server::find(account.as_ref())?;
        let dir = std::path::absolute(settings.dir).map_err(failed(settings.dir.display()))?;
        if socket_dir(&dir).as_os_str().len() > LONGEST_SOCKET_DIR {
            return Err(ClusterError(format!(
                "{} is too long a path for a unix socket; choose a shorter one",
                dir.display()
            )));
        }
        let owner = settings.watch.unwrap_or_else(process::id);
        let lock = take(&dir, account.as_ref(), owner)?;
        let place = Place { dir, account, server };
        let data = place.data(settings.durable, &lock)?;
        let cluster =
            Cluster { supervisor: place.launch(settings, &data, lock)?, major: place.server.version.0, dir: place.dir };
        wait_until_ready(&cluster.dir, &data)?;
        Ok(cluster)
    }

    /// Connection URL over the unix socket.
    pub fn url(&self, user: &str, database: &str) -> String {
        let socket = percent(socket_dir(&self.dir).as_os_str().as_bytes());
        format!("postgres://{}@{socket}/{}", percent(user.as_bytes()), percent(database.as_bytes()))
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn major(&self) -> u32 {
        self.major
    }
}

impl Drop for Cluster {
    /// Waits for the server, so that the folder is free when the owner has ended in good order.
    fn drop(&mut self) {
        if self.supervisor.stdin.take().is_none() {
            return; // another process is watched
        }
        let begun = Instant::now();
        while matches!(self.supervisor.try_wait(), Ok(None)) && begun.elapsed() < END_PATIENCE {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

struct Place {
    dir: PathBuf,
    account: Option<Account>,
    server: Server,
}

impl Place {
    fn command(&self, program: &Path) -> Command {
        let mut command = server_command(program, self.account.as_ref());
        command.current_dir(&self.dir).env("HOME", &self.dir);
        command
    }

    fn cannot_run(&self, cause: io::Error) -> ClusterError {
        let hint = match &self.account {
            Some(account) if cause.kind() == ErrorKind::PermissionDenied => {
                format!("; the server runs as `{}`, who must be able to enter that folder", account.name)
            }
            _ => String::new(),
        };
        ClusterError(format!("cannot run PostgreSQL in {}: {cause}{hint}", self.dir.display()))
    }

    /// The data folder. Made under another name first: a half made one is never taken for whole.
    fn data(&self, durable: bool, lock: &File) -> Result<PathBuf, ClusterError> {
        let data = self.dir.join(format!("pg{}", self.server.version.0));
        if data.exists() {
            return Ok(data);
        }
        let draft = data.with_extension("new");
        fs::remove_dir_all(&draft).or_else(absent_is_fine).map_err(failed(draft.display()))?;
        let mut initdb = self.command(&self.server.bin.join("initdb"));
        initdb.args(["-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"]);
        initdb.args((!durable).then_some("--no-sync")).arg("-D").arg(&draft);
        initdb.stdin(lock.try_clone().map_err(failed("cluster.lock"))?); // never read, only held
        let made = initdb.output().map_err(|cause| self.cannot_run(cause))?;
        if !made.status.success() {
            return Err(failed("initdb")(String::from_utf8_lossy(&made.stderr).trim()));
        }
        fs::rename(&draft, &data).map_err(failed(data.display()))?;
        Ok(data)
    }

    /// With the lock in hand no server runs here: what an earlier one left behind is stale, and a
    /// `postmaster.pid` would stop the new one if its number is now that of another process.
    fn launch(&self, settings: &Settings, data: &Path, lock: File) -> Result<Child, ClusterError> {
        for stale in [data.join("postmaster.pid"), self.dir.join("stopped")] {
            fs::remove_file(&stale).or_else(absent_is_fine).map_err(failed(stale.display()))?;
        }
        let sockets = socket_dir(&self.dir);
        make_private_dir(&sockets, self.account.as_ref()).map_err(failed(sockets.display()))?;
        let mut supervisor = self.command(Path::new("/bin/sh"));
        supervisor.args(["-c", SUPERVISE, "hagukumi-postgres"]);
        supervisor.arg(settings.watch.map_or_else(|| "stdin".into(), |pid| pid.to_string()));
        if settings.durable {
            supervisor.args(["INT", ""]);
        } else {
            supervisor.arg("QUIT").arg(&self.dir);
        }
        supervisor.arg(self.server.bin.join("postgres")).arg("-D").arg(data);
        // The socket's place is relative to the data folder: no character of the path needs quoting.
        let common = ["listen_addresses=", "unix_socket_directories=../s", "port=5432", "timezone=UTC"];
        let kind: &[&str] = if settings.durable {
            &["max_connections=100", "shared_buffers=128MB", "fsync=on"]
        } else {
            &["max_connections=400", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off"]
        };
        supervisor.args(common.iter().chain(kind).flat_map(|setting| ["-c", setting]));
        // A group of its own: Ctrl-C in the terminal must not reach the server before the owner.
        supervisor.process_group(0).stdout(lock).stderr(Stdio::null());
        supervisor.stdin(if settings.watch.is_some() { Stdio::null() } else { Stdio::piped() });
        supervisor.spawn().map_err(|cause| self.cannot_run(cause))
    }
}

/// The eighth line of `postmaster.pid` is the server's state; `pg_ctl --wait` looks there as well.
fn wait_until_ready(dir: &Path, data: &Path) -> Result<(), ClusterError> {
    let begun = Instant::now();
    loop {
        let status = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if status.lines().nth(7).is_some_and(|state| state.trim() == "ready") {
            return Ok(());
        }
        if dir.join("stopped").exists() || begun.elapsed() > START_PATIENCE {
            let log = fs::read_to_string(dir.join("log")).unwrap_or_default();
            let from = log.lines().count().saturating_sub(8);
            let tail: Vec<&str> = log.lines().skip(from).collect();
            return Err(ClusterError(format!("PostgreSQL in {} did not start:\n{}", dir.display(), tail.join("\n"))));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn percent(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    bytes.iter().map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_of_a_path_fit_into_a_url() {
        assert_eq!(super::percent("/var/tmp/a-b_c.d~ %é".as_bytes()), "%2Fvar%2Ftmp%2Fa-b_c.d~%20%25%C3%A9");
    }
}
