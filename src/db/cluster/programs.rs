//! The PostgreSQL server programs on this machine, and the user they run as.

use super::ClusterError;
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const OLDEST_MAJOR: u32 = 15;

const NO_SERVER: &str = "no PostgreSQL server programs (15 or newer) found. \
`make setup` installs them; by hand:
  Debian, Ubuntu:  sudo apt-get install -y postgresql
  Fedora:          sudo dnf install -y postgresql-server
  macOS:           brew install postgresql@17
If they are elsewhere, set PG_BIN_DIR to the folder that holds initdb and postgres. \
No private server is needed with DATABASE_URL and plain `serve`.";

/// The user the server runs as when we are root: PostgreSQL refuses to run as root.
pub(super) struct Account {
    pub(super) name: &'static str,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Account {
    pub(super) fn for_server() -> Result<Option<Account>, ClusterError> {
        if id(&["-u"]) != Some(0) {
            return Ok(None);
        }
        let find = |name| Some(Account { name, uid: id(&["-u", name])?, gid: id(&["-g", name])? });
        let account = ["postgres", "nobody"].into_iter().find_map(find);
        account.map(Some).ok_or_else(|| {
            ClusterError("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`".into())
        })
    }
}

pub(super) fn id(args: &[&str]) -> Option<u32> {
    output(Command::new("id").args(args))?.trim().parse().ok()
}

pub(super) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

pub(super) struct Server {
    pub(super) bin: PathBuf,
    pub(super) version: (u32, u32),
}

impl Server {
    /// The newest one wins; of equal ones, the first.
    pub(super) fn find(account: Option<&Account>) -> Result<Server, ClusterError> {
        if let Some(dir) = env::var_os("PG_BIN_DIR").filter(|dir| !dir.is_empty()) {
            return Server::at(Path::new(&dir), account).ok_or_else(|| {
                ClusterError(format!(
                    "PG_BIN_DIR={}: no PostgreSQL server, {OLDEST_MAJOR} or newer, there",
                    dir.display()
                ))
            });
        }
        let mut seen = BTreeSet::new();
        let mut best: Option<Server> = None;
        for dir in bin_dirs() {
            // What is on PATH is often a link; the programs next to its target are the whole set.
            let Ok(initdb) = fs::canonicalize(dir.join("initdb")) else {
                continue;
            };
            let Some(dir) = initdb.parent().filter(|dir| seen.insert(dir.to_path_buf())) else {
                continue;
            };
            let found = Server::at(dir, account);
            if found.as_ref().map(|s| s.version) > best.as_ref().map(|s| s.version) {
                best = found;
            }
        }
        best.ok_or_else(|| ClusterError(NO_SERVER.into()))
    }

    /// Asks as the user that will run it, because not everyone can enter every folder.
    fn at(dir: &Path, account: Option<&Account>) -> Option<Server> {
        let bin = fs::canonicalize(dir).ok().filter(|bin| bin.join("initdb").is_file())?;
        let version = parse_version(&output(server_command(&bin.join("postgres"), account).arg("--version"))?)?;
        (version.0 >= OLDEST_MAJOR).then_some(Server { bin, version })
    }
}

/// `postgres (PostgreSQL) 17.5 (Debian 17.5-1)` → (17, 5); `18beta1` → (18, 0)
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let (major, rest) = word.split_once(|c: char| !c.is_ascii_digit()).unwrap_or((word, ""));
    Some((major.parse().ok()?, rest.parse().unwrap_or(0)))
}

/// Debian does not put `initdb` on PATH, Homebrew not that of a pinned version: look where they do.
fn bin_dirs() -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    dirs.extend(output(Command::new("pg_config").arg("--bindir")).map(|dir| dir.trim().into()));
    let unpacked = match env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(cache) => PathBuf::from(cache),
        None => PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache"),
    };
    for (parent, prefix, below) in [
        (Path::new("/usr/lib/postgresql"), "", "bin"), // Debian
        (Path::new("/usr"), "pgsql-", "bin"),          // Fedora, from postgresql.org
        (Path::new("/usr/lib"), "postgresql", "bin"),  // SUSE
        (Path::new("/usr/libexec"), "postgresql", ""), // Alpine
        (Path::new("/usr/local"), "pgsql", "bin"),     // from source
        (Path::new("/opt/homebrew/opt"), "postgresql", "bin"),
        (Path::new("/usr/local/opt"), "postgresql", "bin"),
        (Path::new("/home/linuxbrew/.linuxbrew/opt"), "postgresql", "bin"),
        (Path::new("/opt/local/lib"), "postgresql", "bin"), // MacPorts
        (Path::new("/Applications/Postgres.app/Contents/Versions"), "", "bin"),
        // where scripts/postgres.sh unpacks to, as root and as anyone else
        (Path::new("/var/cache/hagukumi/postgres"), "", "native/bin"),
        (&unpacked.join("hagukumi/postgres"), "", "native/bin"),
    ] {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
        dirs.extend(named.map(|entry| entry.path().join(below)));
    }
    dirs
}

/// A variable such as PGDATA or PGOPTIONS must not reach into the private cluster.
pub(super) fn server_command(program: &Path, account: Option<&Account>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
    let kept = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"];
    command.envs(kept.iter().filter_map(|name| Some((name, env::var_os(name)?))));
    if let Some(account) = account {
        command.uid(account.uid).gid(account.gid);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn versions_of_releases_and_previews() {
        assert_eq!(parse_version("postgres (PostgreSQL) 17.5 (Debian 17.5-1)"), Some((17, 5)));
        assert_eq!(parse_version("postgres (PostgreSQL) 18beta1"), Some((18, 0)));
        assert_eq!(parse_version("command not found"), None);
    }
}
