//! Random writers at once, pullers that are killed, a service that is killed: in the end every copy is, letter for letter,
//! what a first pull gives. `HAGUKUMI_FEED_WRITES` says how many writes; the seed is told where it fails.

use super::{Folder, assert_is_a_first_pull, assert_is_everything, lines, pull, pulled};
use crate::changes::copy::full;
use crate::given::{create, kpi_plan, plan_body, text, token_of};
use crate::harness::{Answer, Call, Server};
use crate::process::{Process, free_port};
use futures_util::future::join_all;
use hagukumi::auth::jwt::Role;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::io::Read;
use std::path::PathBuf;
use std::process::Child;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use uuid::Uuid;

const WRITERS: u64 = 6;
/// Plan and its reporters; the owner is the first six digits.
const PLANS: [(&str, &[&str]); 4] = [
    ("130001-kpi-2024", &["131016", "131024", "131032"]),
    ("131016-kodomo-2024", &["131016"]),
    ("132284-kodomo-2024", &["132284"]),
    ("141003-kodomo-2024", &["141003"]),
];
const PERIODS: [&str; 4] = ["2024", "2025", "2024-H1", "202410"];
const ROWS: u64 = 25;

/// splitmix64: the same for the same seed, everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

struct Writer {
    server: Server,
    dice: Dice,
    written: Rc<Cell<u64>>,
    redacted: Rc<Cell<u64>>,
}

impl Writer {
    /// Whatever is asked at random may be refused; it is never our fault.
    async fn send(&self, call: Call) -> Answer {
        let answer = call.send().await;
        assert!(answer.status < 500 || answer.status == 503, "{answer:#?}");
        self.written.set(self.written.get() + u64::from(answer.status < 300));
        answer
    }

    async fn put(&self, token: &str, path: &str, body: &Value) {
        if self.send(self.server.put(path).token(token).create().json(body)).await.status == 412 {
            self.send(self.server.put(path).token(token).if_match("*").json(body)).await;
        }
    }

    async fn delete(&self, token: &str, path: &str) {
        self.send(self.server.delete(path).token(token).if_match("*")).await;
    }

    async fn step(&self, token: &str, report: &str, to: &str, person: &str) {
        let body = json!({ "to": to, "person": person, "comment": "理由" });
        let call = self.server.post(&format!("/reports/{report}/transitions")).token(token);
        self.send(call.header("idempotency-key", &Uuid::now_v7().to_string()).json(&body)).await;
    }

    fn word(&mut self) -> String {
        format!("無作為な文{}", self.dice.below(1_000_000))
    }

    async fn write(&mut self) {
        let (plan, reporters) = PLANS[self.dice.below(PLANS.len())];
        let reporter = self.dice.of(reporters);
        let (owner, token) = (token_of(&self.server, &plan[..6]), token_of(&self.server, reporter));
        let (period, word) = (self.dice.of(&PERIODS), self.word());
        let part = self.dice.of(&["targets", "results"]);
        let program = (self.dice.below(6) + 1).to_string();
        let record = format!("/{part}/{plan}/{program}/{reporter}/{period}");
        let report = format!("{plan}/{reporter}/{period}-{part}");
        match self.dice.below(25) {
            0..5 => self.put(&token, &record, &with_a_figure(&word)).await,
            5 => self.delete(&token, &record).await,
            6..9 => {
                self.step(&token, &report, "submitted", "担当A").await;
                self.step(&owner, &report, "approved", "審査B").await;
                self.step(&owner, &report, "published", "審査B").await;
            }
            9..11 => {
                let to = self.dice.of(&["submitted", "draft", "returned", "approved", "published"]);
                let by = if self.dice.below(2) == 0 { &token } else { &owner };
                self.step(by, &report, to, "審査B").await;
            }
            11 => self.step(&token, &report, "draft", "担当A").await,
            12..14 => {
                let position = i64::try_from(self.dice.below(9)).unwrap();
                self.put(
                    &owner,
                    &format!("/programs/{plan}/{program}"),
                    &json!({ "name": word, "position": position }),
                )
                .await;
            }
            14 => self.delete(&owner, &format!("/programs/{plan}/{program}")).await,
            15 => {
                let other = format!("/plans/{plan}/reporters/{}", self.dice.of(&["131041", "131059"]));
                if self.dice.below(2) == 0 {
                    self.put(&owner, &other, &json!({})).await
                } else {
                    self.delete(&owner, &other).await
                }
            }
            16 => {
                let node = format!("/nodes/{plan}/{program}");
                let body = json!({ "kind": "policy", "title": word, "position": 1 });
                if self.dice.below(3) > 0 {
                    self.put(&owner, &node, &body).await
                } else {
                    self.delete(&owner, &node).await
                }
            }
            17 => {
                let indicator = format!("/indicators/{}/i{program}", &plan[..6]);
                let body = json!({ "name": word, "kind": "count", "unit": "人", "aggregation": "sum", "temporality": "period_total" });
                if self.dice.below(3) > 0 {
                    self.put(&owner, &indicator, &body).await
                } else {
                    self.delete(&owner, &indicator).await
                }
            }
            18 => self.new_plan(&plan[..6], &owner, &word).await,
            19 => {
                let body = json!({ "name": word, "bureau": null });
                self.put(&owner, &format!("/departments/{}/d{program}", &plan[..6]), &body).await;
            }
            20 => {
                let title = json!({ "title": word, "covers": [{ "part": part, "period": period }] });
                self.put(&owner, &format!("/rounds/{plan}/{period}-{part}"), &title).await;
            }
            21 => self.merge(&word).await,
            22 => self.redact(part, plan, reporter).await,
            _ => self.import(plan, reporter, part, &token, &owner).await,
        }
    }

    /// A draft that nobody sees, then (or never) adopted, with a program written meanwhile by whoever is faster.
    async fn new_plan(&mut self, owner: &str, token: &str, title: &str) {
        let plan = format!("{owner}-new-{}", self.dice.below(4));
        let mut draft = plan_body(title, 2024, 2028);
        draft["status"] = json!("draft");
        match self.dice.below(4) {
            0 => self.put(token, &format!("/plans/{plan}"), &draft).await,
            1 => self.put(token, &format!("/plans/{plan}"), &plan_body(title, 2024, 2028)).await,
            2 => self.delete(token, &format!("/plans/{plan}")).await,
            _ => {
                let program = format!("/programs/{plan}/{}", self.dice.below(3));
                if self.dice.below(3) > 0 {
                    self.put(token, &program, &json!({ "name": title, "position": 1 })).await;
                } else {
                    self.delete(token, &program).await;
                }
            }
        }
    }

    async fn merge(&mut self, kana: &str) {
        let administrator = self.server.token(&[Role::Administrator], &[]);
        let heir = self.dice.of(&["132012", "132021", "132039"]);
        let body = json!({
            "name": "八丈町", "kana": kana, "kind": "town", "prefecture": "130001",
            "successors": [{ "municipality": heir, "effective_on": "2099-04-01", "kind": "absorption" }],
        });
        self.put(&administrator, "/municipalities/134015", &body).await;
    }

    /// One of those that are public.
    async fn redact(&mut self, part: &str, plan: &str, reporter: &str) {
        let list = format!("/{part}?plan={plan}&municipality={reporter}&limit=1000");
        let public = self.server.get(&list).expect(200).await;
        let all = public.results();
        if all.is_empty() {
            return;
        }
        let one = &all[self.dice.below(all.len())];
        let administrator = self.server.token(&[Role::Administrator], &[]);
        let body = json!({
            "resource": part.trim_end_matches('s'), "plan": plan, "program": one["program"], "municipality": reporter,
            "period": one["period"], "reason": "個人名", "person": "管理者D",
        });
        let call = self.server.post("/redactions").token(&administrator);
        let answer = self.send(call.header("idempotency-key", &Uuid::now_v7().to_string()).json(&body)).await;
        self.redacted.set(self.redacted.get() + u64::from(answer.status == 200));
    }

    /// Many records in one call, and all of them published in one number.
    async fn import(&mut self, plan: &str, reporter: &str, part: &str, token: &str, owner: &str) {
        let word = self.word();
        let row = |number: u64| {
            let period = (2026 + number % ROWS).to_string();
            let program = (number % 2 + 1).to_string();
            let key = json!({ "plan": plan, "program": program, "municipality": reporter, "period": period });
            json!({ "resource": part.trim_end_matches('s'), "key": key, "body": with_a_figure(&word) })
        };
        let body = json!({ "rows": (0..ROWS).map(row).collect::<Vec<_>>() });
        let call = self.server.post("/imports?mode=partial&on_conflict=overwrite").token(token);
        let answer = self.send(call.header("idempotency-key", &Uuid::now_v7().to_string()).json(&body)).await;
        let rows = |name: &str| answer.json[name].as_u64().unwrap_or(0);
        self.written.set(self.written.get() + rows("created") + rows("updated"));
        let report = format!("{plan}/{reporter}/{}-{part}", 2026 + self.dice.below(usize::try_from(ROWS).unwrap()));
        self.step(token, &report, "submitted", "担当A").await;
        self.step(owner, &report, "approved", "審査B").await;
        self.step(owner, &report, "published", "審査B").await;
    }
}

fn with_a_figure(word: &str) -> Value {
    let value = json!({ "item": "利用", "label": "利用", "value": 7, "unit": "人", "source": "7人" });
    json!({ "texts": { "text": format!("{word} 7人") }, "values": [value] })
}

/// A puller that runs when it is asked to, whether it ended the time before or was killed.
struct Puller {
    ask: Sender<()>,
    running: Arc<Mutex<Option<Child>>>,
    thread: JoinHandle<()>,
    file: PathBuf,
    choice: Vec<&'static str>,
    finished: Arc<AtomicUsize>,
}

impl Puller {
    fn start(port: u16, file: PathBuf, choice: &[&'static str]) -> Self {
        let (ask, asked) = channel();
        let (running, finished) = (Arc::new(Mutex::new(None)), Arc::new(AtomicUsize::new(0)));
        let choice = choice.to_vec();
        let thread = {
            let (running, finished, file, choice) = (running.clone(), finished.clone(), file.clone(), choice.clone());
            std::thread::spawn(move || {
                while asked.recv().is_ok() {
                    // However often it was asked meanwhile.
                    while asked.try_recv().is_ok() {}
                    let mut child = pull(port, &file, &choice).spawn().unwrap();
                    let mut told = child.stderr.take().unwrap();
                    *running.lock().unwrap() = Some(child);
                    // Until it ends, by itself or not.
                    let mut text = String::new();
                    told.read_to_string(&mut text).unwrap();
                    let mut child = running.lock().unwrap().take().unwrap();
                    finished.fetch_add(usize::from(child.wait().unwrap().success()), Ordering::SeqCst);
                }
            })
        };
        Self { ask, running, thread, file, choice, finished }
    }

    fn kill(&self) -> bool {
        self.running.lock().unwrap().as_mut().is_some_and(|child| child.kill().is_ok())
    }
}

fn writes() -> u64 {
    std::env::var("HAGUKUMI_FEED_WRITES").map_or(1_000, |given| given.parse().unwrap())
}

#[actix_web::test]
async fn whatever_is_written_and_killed_every_copy_is_a_full_pull() {
    let server = Server::start().await;
    for (plan, reporters) in PLANS {
        let others: Vec<&str> = reporters.iter().copied().filter(|code| *code != &plan[..6]).collect();
        kpi_plan(&server, plan, &others).await;
        let owner = token_of(&server, &plan[..6]);
        create(&server, &owner, &format!("/programs/{plan}/2"), &json!({ "name": "事業2", "position": 2 })).await;
    }
    create(&server, &token_of(&server, "131016"), "/results/131016-kodomo-2024/1/131016/2024", &text("初め")).await;
    let port = free_port();
    let process = Rc::new(RefCell::new(Some(Process::serve_at(&server.database, port))));
    let folder = Folder::new();
    let choices: [(&str, &[&'static str]); 4] = [
        ("all", &[]),
        ("also", &[]),
        ("tokyo", &["--prefecture", "130001"]),
        ("plan", &["--plan", "141003-kodomo-2024"]),
    ];
    let pullers: Rc<Vec<Puller>> =
        Rc::new(choices.iter().map(|(name, choice)| Puller::start(port, folder.file(name), choice)).collect());
    let (written, kills, restarts) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let redacted = Rc::new(Cell::new(0));
    let seed = u64::try_from(server.database.len()).unwrap() ^ Uuid::now_v7().as_u64_pair().1;
    println!("seed {seed}");
    let writer = |number: u64| {
        let dice = Dice(seed.wrapping_add(number));
        let mut writer = Writer { server: server.clone(), dice, written: written.clone(), redacted: redacted.clone() };
        let (process, pullers, kills, restarts) = (process.clone(), pullers.clone(), kills.clone(), restarts.clone());
        let database = server.database.clone();
        async move {
            while writer.written.get() < writes() {
                writer.write().await;
                let puller = &pullers[writer.dice.below(pullers.len())];
                if writer.dice.below(5) == 0 {
                    puller.ask.send(()).unwrap();
                }
                if writer.dice.below(10) == 0 {
                    kills.set(kills.get() + u32::from(puller.kill()));
                }
                if writer.dice.below(150) == 0 {
                    // Dropped, it is killed.
                    process.borrow_mut().take();
                    *process.borrow_mut() = Some(Process::serve_at(&database, port));
                    restarts.set(restarts.get() + 1);
                }
            }
        }
    };
    join_all((0..WRITERS).map(writer)).await;
    let pullers = Rc::try_unwrap(pullers).unwrap_or_else(|_| panic!("a writer still runs"));
    let mut finished = 0;
    for puller in pullers {
        drop(puller.ask);
        puller.thread.join().unwrap();
        finished += puller.finished.load(Ordering::SeqCst);
        pulled(port, &puller.file, &puller.choice);
        assert_is_a_first_pull(&folder, port, &puller.file, &puller.choice);
    }
    assert_eq!(lines(&folder.file("all")), lines(&folder.file("also")), "two who were killed at other moments");
    assert_is_everything(&folder.file("all"), &full(&server).await);
    let holes = "select count(*) from publication_head h where no <> (select count(*) from publications)";
    assert_eq!(server.count(holes).await, 0);
    println!(
        "{} writes, {} redactions, {} numbers, {finished} pulls to the end, {} killed, {} restarts",
        written.get(),
        redacted.get(),
        server.count("select no as count from publication_head").await,
        kills.get(),
        restarts.get()
    );
    assert!(kills.get() > 0 && finished > 0, "{} kills, {finished} pulls", kills.get());
    assert!(redacted.get() > 0);
}
