//! Over real connections: what the parser refuses, and clients that take their time.

use crate::given::{kpi_plan, text, token_of};
use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::server::connection::Patience;
use hagukumi::server::serve_on;
use hagukumi::web::edge::{self, Edge};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Long enough for a busy machine to send what it wants to send.
const SHORT: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(60);
const TARGET: &str = "/api/v1/targets/130001-kpi/1/132284/2024";

/// On a port of this machine, as in production but for the time it takes; stopped with the test's process.
fn open(server: &Server, patience: Patience) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let running = serve_on(listener, server.state.clone(), 1, patience).unwrap();
    actix_web::rt::spawn(running);
    address
}

fn unhurried() -> Patience {
    Patience { head: LONG, idle: LONG, reader: LONG }
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Everything until the other end hangs up. Fails where it never does.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap();
    // A reset is an end, too: what was sent beyond the answer is thrown away.
    let _ = read;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Status line, headers and body of the one answer that came.
fn parts(answer: &str) -> (u16, String, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

fn problem(answer: &str) -> (u16, String) {
    let (status, head, body) = parts(answer);
    assert!(head.contains("content-type: application/problem+json"), "{answer}");
    let problem: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{answer}"));
    let detail = problem["detail"].as_str().unwrap();
    assert!(!detail.is_ascii(), "{answer}");
    assert_eq!(problem["status"], status);
    (status, problem["code"].as_str().unwrap().to_owned())
}

#[actix_web::test]
async fn what_is_no_request_is_told_so() {
    let server = Server::start().await;
    let address = open(&server, unhurried());
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}", "x".repeat(140_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(200));
    for (bytes, status, code) in [
        ("GET /api/v1/plans?plan=育み HTTP/1.1\r\nhost: x\r\n\r\n".as_bytes(), 400, "request.malformed"),
        (b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n", 400, "request.malformed"),
        (b"GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", 400, "request.malformed"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "request.malformed"),
        (b"GET / HTTP/9.9\r\nhost: x\r\n\r\n", 400, "request.malformed"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "request.malformed"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400, "request.malformed"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n", 400, "request.malformed"),
        (
            b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
            400,
            "request.malformed",
        ),
        (b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400, "request.malformed"),
        (huge.as_bytes(), 431, "request.headers_too_large"),
        (many.as_bytes(), 431, "request.headers_too_large"),
    ] {
        let mut stream = send(address, bytes).await;
        let answer = rest(&mut stream).await;
        assert_eq!(
            problem(&answer),
            (status, code.to_owned()),
            "{}",
            String::from_utf8_lossy(&bytes[..40.min(bytes.len())])
        );
    }
}

#[actix_web::test]
async fn head_has_the_length_and_no_body() {
    let server = Server::start().await;
    let address = open(&server, unhurried());
    let mut answers = Vec::new();
    for method in ["GET", "HEAD"] {
        let request = format!("{method} /api/v1/prefectures?limit=3 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        answers.push(parts(&rest(&mut send(address, request.as_bytes()).await).await));
    }
    let length = format!("content-length: {}", answers[0].2.len());
    assert!(answers[0].1.contains(&length) && answers[1].1.contains(&length), "{answers:#?}");
    assert_eq!((answers[1].0, answers[1].2.as_str()), (200, ""));
    let options =
        rest(&mut send(address, b"OPTIONS /api/v1/plans HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await).await;
    assert!(parts(&options).1.contains("allow: get, head, options"), "{options}");
}

#[actix_web::test]
async fn who_does_not_finish_the_headers_is_cut_off() {
    let server = Server::start().await;
    let address = open(&server, Patience { head: SHORT, ..unhurried() });
    let mut stream = send(address, b"GET /health/live HTTP/1.1\r\nhost:").await;
    assert_eq!(problem(&rest(&mut stream).await), (408, "request.timeout".to_owned()));
    // Nor behind a first request that was quick, and not byte by byte either.
    let mut stream = send(address, b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (mut answer, mut buffer) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&answer).contains("\"ok\"") {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&buffer[..read]);
    }
    let (mut reader, mut writer) = stream.split();
    let dribble = async {
        let mut beat = tokio::time::interval(SHORT / 10);
        loop {
            beat.tick().await;
            if writer.write_all(b"x").await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = dribble => {}
        _ = tokio::time::timeout(LONG, reader.read_to_end(&mut answer)) => {}
    }
    assert_eq!(String::from_utf8_lossy(&answer).matches("HTTP/1.1").count(), 1);
}

#[actix_web::test]
async fn a_quick_client_keeps_its_connection() {
    let server = Server::start().await;
    let address = open(&server, Patience { head: SHORT, ..unhurried() });
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Longer than a head may take, as time passes and not as one sleeps.
    let mut beat = tokio::time::interval(SHORT / 3);
    let mut buffer = [0; 4096];
    for _ in 0..6 {
        beat.tick().await;
        stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(String::from_utf8_lossy(&buffer[..read]).starts_with("HTTP/1.1 200"));
    }
}

#[actix_web::test]
async fn a_body_that_dribbles_is_408() {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi", &["132284"]).await;
    let patience = edge::Patience { body: SHORT, request: LONG, import: LONG };
    let server = server.behind(Edge { patience, ..Edge::default() }).await;
    // In pieces, the rest of the body is waited for as for another request.
    let address = open(&server, Patience { head: SHORT, idle: SHORT, ..unhurried() });
    let head = format!(
        "PUT {TARGET} HTTP/1.1\r\nhost: x\r\nif-none-match: *\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        token_of(&server, "132284")
    );
    for framing in ["content-length: 100\r\n\r\n{\"texts\":", "transfer-encoding: chunked\r\n\r\n9\r\n{\"texts\":\r\n"]
    {
        let answer = rest(&mut send(address, format!("{head}{framing}").as_bytes()).await).await;
        assert_eq!(problem(&answer), (408, "request.timeout".to_owned()));
    }
    assert_eq!(server.count("select count(*) from records").await, 0);
}

#[actix_web::test]
async fn a_body_without_end_is_413_before_it_ends() {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi", &["132284"]).await;
    let address = open(&server, Patience { head: SHORT, idle: SHORT, ..unhurried() });
    let head = format!(
        "PUT {TARGET} HTTP/1.1\r\nhost: x\r\nif-none-match: *\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        token_of(&server, "132284")
    );
    // Announced, and not sent at all.
    let answer = rest(&mut send(address, format!("{head}content-length: 2000000000\r\n\r\n").as_bytes()).await).await;
    assert_eq!(problem(&answer), (413, "request.too_large".to_owned()));
    // In pieces, whose end is never told.
    let mut bytes = format!("{head}transfer-encoding: chunked\r\n\r\n").into_bytes();
    bytes.extend_from_slice(b"200000\r\n");
    bytes.resize(bytes.len() + (1 << 20) + 1000, b' ');
    let answer = rest(&mut send(address, &bytes).await).await;
    assert_eq!(problem(&answer), (413, "request.too_large".to_owned()));
}

#[actix_web::test]
async fn who_takes_no_answer_is_cut_off() {
    let server = Server::start().await;
    let address = open(&server, Patience { reader: SHORT, ..unhurried() });
    let mut stream = TcpStream::connect(address).await.unwrap();
    let asked = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    // Far more than fits between the two; nobody reads, and the service hangs up.
    let cut = async {
        loop {
            if stream.write_all(&asked).await.is_err() {
                break;
            }
        }
    };
    tokio::time::timeout(LONG, cut).await.expect("never cut off");
}

/// More than fits between the two.
const MUCH: &str = "insert into publications (no, at) values (1, '2026-01-01');
    update publication_head set no = 1, at = '2026-01-01';
    insert into published_values (prefecture, fiscal_year, municipality, plan, program, period, part, amendment, ordinal, from_no, to_no,
        edition, municipality_name, item, role, label, unit, source, value, approximate, estimate, count_basis, breakdown, repost)
    select '130001', 2024, '131016', '131016-mihon', p::text, '2024', 'results', 0, 1, 1, 9223372036854775807, 1, '千代田区',
        '利用', 'main', '利用', '人', repeat('文', 400), 1, false, false, 'unstated', '{}', false from generate_series(1, 30000) p";

/// Two data sets are sent at once, each on a connection of its own: a reader that leaves or stands still keeps neither.
#[actix_web::test]
async fn an_export_ends_with_its_reader() {
    let server = Server::start().await;
    server.owner().await.batch_execute(MUCH).await.unwrap();
    let copies = "select count(*) from pg_stat_activity where datname = current_database() and query like 'copy %'";
    for (patience, leaves) in [(unhurried(), true), (Patience { reader: SHORT, ..unhurried() }, false)] {
        let address = open(&server, patience);
        let mut reader = send(address, b"GET /api/v1/exports/values HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let mut begun = [0; 12];
        reader.read_exact(&mut begun).await.unwrap();
        assert_eq!(begun, *b"HTTP/1.1 200");
        let other = server.state.db.export().await.unwrap();
        server.get("/exports/values").expect(503).await;
        assert_eq!(server.count(copies).await, 1);
        let still = (!leaves).then_some(reader);
        let ended = async { while server.count(copies).await > 0 {} };
        tokio::time::timeout(LONG, ended).await.unwrap_or_else(|_| panic!("copies for nobody: it left: {leaves}"));
        server.get("/exports/indicators").expect(200).await;
        drop((still, other));
    }
}

#[actix_web::test]
async fn when_we_are_slow_it_is_503_with_the_time_to_come_back() {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi", &["132284"]).await;
    let token = token_of(&server, "132284");
    server.put("/targets/130001-kpi/1/132284/2024").token(&token).create().json(&text("一回")).expect(201).await;
    let patience = edge::Patience { body: LONG, request: SHORT, import: SHORT };
    let server = server.behind(Edge { patience, ..Edge::default() }).await;
    let address = open(&server, unhurried());
    let mut owner = server.owner().await;
    owner.batch_execute("begin; lock table records in access exclusive mode").await.unwrap();
    let request = format!(
        "GET {TARGET}?view=working HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    let answer = rest(&mut send(address, request.as_bytes()).await).await;
    assert_eq!(problem(&answer), (503, "service.busy".to_owned()));
    assert!(parts(&answer).1.contains("retry-after: 2") && parts(&answer).1.contains("nosniff"), "{answer}");
    owner.batch_execute("rollback").await.unwrap();
    let answer = rest(&mut send(address, request.as_bytes()).await).await;
    assert_eq!(parts(&answer).0, 200, "{answer}");
}

#[actix_web::test]
async fn fifteen_hundred_half_open_connections_keep_nobody_out() {
    let server = Server::start().await;
    let address = open(&server, unhurried());
    let mut held = Vec::new();
    for _ in 0..1500 {
        held.push(send(address, b"GET /health/live HTTP/1.1\r\nhost").await);
    }
    let request = b"GET /api/v1/prefectures HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = tokio::time::timeout(LONG, async { rest(&mut send(address, request).await).await }).await;
    assert_eq!(parts(&answer.expect("kept out")).0, 200);
    assert_eq!(held.len(), 1500);
}
