//! Where it is measured: a private PostgreSQL with the nation in it, and the service as it is released.

use hagukumi::auth::jwt::{Grant, Role};
use hagukumi::clock::Clock;
use hagukumi::config;
use hagukumi::db::cluster::{self, Cluster, OWNER, Settings};
use hagukumi::db::{Address, bulk::Bulk, migrations, private};
use hagukumi::nation;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// As it is released.
const PROGRAM: &str = env!("CARGO_BIN_EXE_hagukumi");
const LOGIN: &str = "hagukumi_app";
const ISSUER: &str = "https://bench.example.jp";
const DRAFT: &str = "nation_new";
/// As a small database server would have it; the rest is as installed.
const SETTINGS: [&str; 4] = [
    "shared_buffers = '1GB'",
    "max_wal_size = '8GB'",
    "shared_preload_libraries = 'pg_stat_statements'",
    "checkpoint_timeout = '15min'",
];

pub struct Place {
    pub cluster: Cluster,
    dir: PathBuf,
    database: String,
    /// How long the nation took to make; none: it was there.
    pub filled: Option<Duration>,
}

impl Place {
    /// The folder is kept: the next run finds its nation there.
    pub async fn open(dir: &Path, seed: u64, scale: f64) -> Result<Self, Failure> {
        cluster::make_home(dir, &["postgres"])?;
        let settings = Settings { dir: &dir.join("postgres"), watch: None, durable: true };
        let fresh = !dir.join("postgres").exists();
        let mut running = Cluster::start(&settings)?;
        if fresh {
            let bulk = Bulk::open(&address(&running, OWNER, "postgres")?).await?;
            for setting in SETTINGS {
                bulk.run(&format!("alter system set {setting}")).await?;
            }
            drop(bulk);
            drop(running);
            running = Cluster::start(&settings)?;
            // Known only since the library is loaded.
            let bulk = Bulk::open(&address(&running, OWNER, "postgres")?).await?;
            bulk.run("alter system set pg_stat_statements.track_planning = on").await?;
            bulk.run("select pg_reload_conf()").await?;
        }
        // A step of the schema makes another nation.
        let steps = std::fs::read_dir("migrations")?.count();
        let database = format!("nation_{seed}_{}_{steps}", (scale * 1e6) as u64);
        let server = address(&running, OWNER, "postgres")?;
        let mut filled = None;
        if !private::exists(&server, &database).await? {
            private::create(&server, DRAFT).await?;
            let draft = address(&running, OWNER, DRAFT)?;
            migrations::migrate(&draft, Some(LOGIN)).await?;
            Bulk::open(&draft).await?.run("create extension if not exists pg_stat_statements").await?;
            let begun = Instant::now();
            nation::fill(&draft, seed, scale).await?;
            filled = Some(begun.elapsed());
            private::rename(&server, DRAFT, &database).await?;
        }
        let place = Self { cluster: running, dir: dir.to_owned(), database, filled };
        place.make_keys()?;
        Ok(place)
    }

    fn make_keys(&self) -> Result<(), Failure> {
        if Path::new(&self.key_file()).exists() {
            return Ok(());
        }
        let made = Command::new(PROGRAM).args(["keys", "generate"]).env("TOKEN_KEY_FILE", self.key_file()).output()?;
        if made.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&made.stderr).into_owned().into()) }
    }

    pub fn owner(&self) -> Result<Address, Failure> {
        address(&self.cluster, OWNER, &self.database)
    }

    /// Looks at what the rounds before have written, as the server itself does some minutes later: plans go by it.
    pub async fn analyze(&self) -> Result<(), Failure> {
        Bulk::open(&self.owner()?).await?.run("analyze reports, records, record_values, record_evaluations").await
    }

    /// Of the server's data.
    pub fn data(&self) -> PathBuf {
        self.cluster.dir().join(format!("pg{}", self.cluster.major()))
    }

    fn key_file(&self) -> String {
        self.dir.join("keys.json").display().to_string()
    }

    /// The released program, as its manual starts it.
    pub fn serve(&self) -> Result<Service, Failure> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(PROGRAM)
            .arg("serve")
            .env_clear()
            .env("DATABASE_URL", self.cluster.url(LOGIN, &self.database))
            .env("TOKEN_KEY_FILE", self.key_file())
            .env("TOKEN_ISSUER", ISSUER)
            .env("CURSOR_SECRET", "a secret of the bench, of no use elsewhere")
            .env("PORT", address.port().to_string())
            // Counted, and never reached.
            .env("RATE_PER_SECOND", "1000000")
            .env("RATE_BURST", "1000000")
            .stdout(Stdio::null())
            .stderr(File::create(self.dir.join("service.log"))?)
            .spawn()?;
        let service = Service { child, address };
        let begun = Instant::now();
        while !is_ready(address) {
            if begun.elapsed() > Duration::from_secs(20) {
                return Err(format!("the service does not start: see {}/service.log", self.dir.display()).into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(service)
    }

    pub fn token(&self, roles: Vec<Role>, bodies: Vec<String>) -> Result<String, Failure> {
        let file = self.key_file();
        let given = |name: &str| match name {
            "TOKEN_KEY_FILE" => Some(file.clone()),
            "TOKEN_ISSUER" => Some(ISSUER.to_owned()),
            _ => None,
        };
        let issuer = config::signer(&given)?.ok_or("no key file")?;
        let client = "bench".to_owned();
        let grant = Grant { subject: client.clone(), client_id: client, roles, bodies, lifetime_seconds: 15 * 60 };
        Ok(issuer.sign(&grant, Clock::system().now(), Uuid::now_v7())?)
    }
}

fn address(cluster: &Cluster, user: &str, database: &str) -> Result<Address, Failure> {
    Ok(Address::new(&cluster.url(user, database), None)?)
}

fn is_ready(address: SocketAddr) -> bool {
    use std::io::Write;
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let asked = stream.write_all(b"GET /health/ready HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n");
    let mut line = String::new();
    asked.is_ok() && BufReader::new(stream).read_line(&mut line).is_ok() && line.contains(" 200 ")
}

/// The service under way; it ends with this.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
}

impl Service {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It ends by itself when asked; the bench has nothing to keep.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
