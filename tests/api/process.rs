//! The program itself, as a service manager runs it: started by its variables, ended by SIGTERM, or killed.

mod killed;

use crate::given::{kpi_plan, text};
use crate::harness::{Server, key_pem, service_url};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hagukumi");
const RESULT: &str = "/api/v1/results/130001-kpi-2024/1/131016/2024";

pub struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
    lines: Vec<Value>,
    pub port: u16,
    metrics: u16,
    key: PathBuf,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        // Its port is free when it is gone.
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.key);
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn key_file(database: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("hagukumi-{database}.pem"));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).unwrap();
    file.write_all(key_pem().as_bytes()).unwrap();
    path
}

fn command(key: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().env("TOKEN_KEY_FILE", key).env("TOKEN_ISSUER", "https://hagukumi.test");
    command
}

impl Process {
    pub fn serve(database: &str) -> Self {
        Self::start(database, free_port(), "info")
    }

    /// Without a line a request: nobody reads so many.
    pub fn serve_at(database: &str, port: u16) -> Self {
        Self::start(database, port, "info,access=off")
    }

    fn start(database: &str, port: u16, log: &str) -> Self {
        let (metrics, key) = (free_port(), key_file(database));
        let mut serve = command(&key, &["serve"]);
        serve.env("DATABASE_URL", service_url(database)).env("CURSOR_SECRET", "c".repeat(32));
        serve.env("PORT", port.to_string()).env("METRICS_LISTEN", format!("127.0.0.1:{metrics}"));
        // Clients of the tests ask as fast as they can.
        serve.env("RATE_PER_SECOND", "0");
        serve.env("WORKERS", "2").env("DRAIN_SECONDS", "1").env("LOG_FORMAT", "json").env("LOG_LEVEL", log);
        let mut child = serve.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut process = Self { child, log, lines: Vec::new(), port, metrics, key };
        process.until("listening");
        process
    }

    fn token(&self) -> String {
        let arguments = ["token", "--role", "municipal_editor", "--body", "131016"];
        String::from_utf8(command(&self.key, &arguments).output().unwrap().stdout).unwrap().trim().to_owned()
    }

    /// Reads the log up to that message.
    fn until(&mut self, message: &str) {
        loop {
            let mut line = String::new();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "ended before \"{message}\": {:#?}", self.lines);
            self.lines.push(serde_json::from_str(&line).unwrap());
            if self.lines.last().unwrap()["message"] == message {
                return;
            }
        }
    }

    fn connect(&self) -> Connection {
        Connection::to(self.port)
    }
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn to(port: u16) -> Self {
        let stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).unwrap();
        // A test that hangs says nothing.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self(BufReader::new(stream))
    }

    fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn get(&mut self, path: &str) -> (String, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        self.answer()
    }

    /// Head and body.
    fn answer(&mut self) -> (String, String) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "the connection ended after {head:?}");
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.0.read_exact(&mut body).unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    fn has_ended(&mut self) -> bool {
        self.0.read(&mut [0]).is_ok_and(|read| read == 0)
    }
}

#[actix_web::test]
async fn sigterm_drains_finishes_what_runs_and_ends_with_0() {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi-2024", &["131016"]).await;
    let mut process = Process::serve(&server.database);
    let token = process.token();

    let (mut idle, mut busy) = (process.connect(), process.connect());
    assert!(idle.get("/health/ready").0.starts_with("http/1.1 200"));
    // A write whose body is still under way.
    let body = text("停止中に届いた文").to_string();
    let (first, rest) = body.split_at(10);
    busy.send(&format!(
        "PUT {RESULT} HTTP/1.1\r\nhost: test\r\nauthorization: Bearer {token}\r\nif-none-match: *\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        body.len()
    ));
    assert!(busy.answer().0.starts_with("http/1.1 100"));
    busy.send(first);
    let (head, metrics) = Connection::to(process.metrics).get("/metrics");
    assert!(head.contains("openmetrics-text") && metrics.contains("hagukumi_requests_in_flight 1\n"), "{metrics}");

    let kill = Command::new("kill").args(["-TERM", &process.child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    process.until("stopping");
    let (head, problem) = idle.get("/health/ready");
    assert!(head.starts_with("http/1.1 503") && head.contains("retry-after: "), "{head}");
    assert!(problem.contains("service.stopping"), "{problem}");
    // Whoever has not looked yet is served as before.
    assert!(process.connect().get("/api/v1/prefectures").0.starts_with("http/1.1 200"));
    assert!(idle.has_ended());
    busy.send(rest);
    assert!(busy.answer().0.starts_with("http/1.1 201"));
    assert!(busy.has_ended());

    process.until("stopped");
    assert_eq!(process.child.wait().unwrap().code(), Some(0));
    assert!(TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], process.port))).is_err());
    let mut served: Vec<_> = process
        .lines
        .iter()
        .filter(|line| line["target"] == "access")
        .map(|line| {
            format!("{} {} {}", line["method"].as_str().unwrap(), line["route"].as_str().unwrap(), line["status"])
        })
        .collect();
    served.sort_unstable();
    assert_eq!(
        served,
        [
            "GET /api/v1/prefectures 200",
            "GET /health/ready 200",
            "GET /health/ready 503",
            "PUT /api/v1/results/{plan}/{program}/{municipality}/{period} 201",
        ]
    );
}
