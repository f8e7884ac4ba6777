//! The database goes away and comes back: 503 with Retry-After meanwhile, never 500, and no restart. A port of this
//! machine stands between the service and the server, and does to the connections what networks do.

use crate::given::{create, kpi_plan, text, token_of};
use crate::harness::{Answer, Server, address_through, service_address, socket};
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use futures_util::future::join_all;
use hagukumi::db::{Db, Patience};
use std::pin::pin;
use std::time::Duration;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

const PLAN: &str = "130001-kpi-2024";
const RESULT: &str = "/results/130001-kpi-2024/1/131016/2024";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Line {
    Passes,
    /// Connections end, new ones too.
    Cut,
    /// Nothing ends and nothing moves, whatever happens to the line later; new connections are taken and left alone.
    Silent,
}

/// The port, and the hand on the line.
async fn between() -> (u16, watch::Sender<Line>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (line, seen) = watch::channel(Line::Passes);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(carry(client, seen.clone()));
        }
    });
    (port, line)
}

async fn carry(mut client: TcpStream, mut line: watch::Receiver<Line>) {
    let now = *line.borrow_and_update();
    let mut server = UnixStream::connect(socket()).await.unwrap();
    if now == Line::Passes {
        tokio::select! {
            biased;
            _ = line.changed() => {}
            _ = copy_bidirectional(&mut client, &mut server) => return,
        }
    }
    if *line.borrow() == Line::Silent {
        std::future::pending::<()>().await;
    }
}

fn short() -> Patience {
    let short = Duration::from_millis(400);
    Patience { connection: short, look: short / 4, answer: short, transaction: short * 2, import: short * 4 }
}

/// What clients and load balancers do all day, through every door.
async fn everything(server: &Server, token: &str) -> Vec<Answer> {
    let body = text("途切れても二度は書かれない");
    join_all([
        server.get("//health/ready").send(),
        server.get("/results?prefecture=130001&period=2024").send(),
        server.get(&format!("{RESULT}?view=working")).token(token).send(),
        server.put(RESULT).token(token).if_match("*").json(&body).send(),
    ])
    .await
}

/// Until all of them answer so; meanwhile they answer well or 503 and nothing else.
async fn until_all(server: &Server, token: &str, status: u16) {
    loop {
        let answers = everything(server, token).await;
        for answer in &answers {
            match answer.status {
                200 => {}
                503 => assert_eq!((answer.header("retry-after"), &answer.json["fix_by"]), ("2", &"operator".into())),
                _ => panic!("{answer:#?}"),
            }
        }
        if answers.iter().all(|answer| answer.status == status) {
            return;
        }
    }
}

#[actix_web::test]
async fn the_database_goes_away_and_comes_back() {
    let direct = Server::start().await;
    kpi_plan(&direct, PLAN, &["131016"]).await;
    let token = token_of(&direct, "131016");
    create(&direct, &token, RESULT, &text("初めの文")).await;

    let (port, line) = between().await;
    let db = Db::patient(address_through(port, &direct.database), 4, None, short()).unwrap();
    let server = Server::with(direct.database.clone(), db).await;
    until_all(&server, &token, 200).await;
    for fault in [Line::Cut, Line::Silent, Line::Cut, Line::Silent] {
        line.send_replace(fault);
        until_all(&server, &token, 503).await;
        server.get("//health/live").expect(200).await;
        line.send_replace(Line::Passes);
        until_all(&server, &token, 200).await;
    }
    // The writer has sent the same text all the while: it is there once.
    assert_eq!(direct.count("select count(*) from journal where resource = 'result'").await, 2);
}

/// Sessions of this database that wait for a lock.
async fn waiting(server: &Server) -> i64 {
    let waiting =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    server.count(waiting).await
}

#[actix_web::test]
async fn what_a_client_has_left_behind_is_rolled_back_and_not_handed_on() {
    let direct = Server::start().await;
    kpi_plan(&direct, PLAN, &["131016"]).await;
    let token = token_of(&direct, "131016");
    // One connection: the next one would get what is left of the first.
    let db = Db::new(service_address(&direct.database), 1, None).unwrap();
    let server = Server::with(direct.database.clone(), db).await;
    let mut holder = direct.owner().await;
    holder.batch_execute("begin; lock table journal in access exclusive mode").await.unwrap();
    {
        let mut abandoned = pin!(server.put(RESULT).token(&token).create().json(&text("捨てられる文")).send());
        while waiting(&direct).await == 0 {
            assert!(abandoned.as_mut().now_or_never().is_none());
        }
    }
    holder.batch_execute("commit").await.unwrap();
    let written = server.put(RESULT).token(&token).create().json(&text("残る文")).expect(201).await;
    assert_eq!(written.etag(), "\"v1\"");
    assert_eq!(direct.count("select count(*) from journal where resource = 'result'").await, 1);
}
