//! A real `serve --demo`: what `docs/first-steps.md` and its Japanese twin tell to type is typed, and what they show of
//! the answers is what comes back. Then the lines that the demo prints, twice, and a second start with the same data.

use hagukumi::db::cluster;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// Where the documents say that the service is.
const ADDRESS: &str = "http://127.0.0.1:8080";
/// What they write for the secret of a client, whose id follows.
const SECRET: &str = "secret-of-";
/// The end of what the demo prints.
const LAST: &str = "docs/first-steps.md\n";

/// What is typed, and what the document shows of its answer.
#[derive(Default)]
struct Step {
    command: String,
    answer: Option<String>,
}

fn steps(document: &str) -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(document);
    let text = fs::read_to_string(&path).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut blocks = text.split("```");
    while let (Some(_prose), Some(block)) = (blocks.next(), blocks.next()) {
        let (language, content) = block.split_once('\n').unwrap();
        match language {
            "sh" => steps.push(Step { command: content.to_owned(), answer: None }),
            "http" => steps.last_mut().unwrap().answer = Some(content.to_owned()),
            other => panic!("{document}: a block of `{other}`"),
        }
    }
    steps
}

/// A demo of its own, gone with the test.
struct Demo {
    child: Child,
    port: u16,
    dir: PathBuf,
    welcome: String,
    /// Open as long as it runs: it may have more to say.
    _out: BufReader<ChildStdout>,
}

impl Demo {
    fn start(dir: &Path) -> Self {
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hagukumi"))
            .args(["serve", "--demo"])
            .env("PORT", port.to_string())
            .env("HAGUKUMI_DEMO_DIR", dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut welcome = String::new();
        while !welcome.contains(LAST) {
            assert!(out.read_line(&mut welcome).unwrap() > 0, "the demo did not start: {welcome}");
        }
        Self { child, port, dir: dir.to_owned(), welcome, _out: out }
    }

    /// The line of a document as it is typed here.
    fn typed(&self, line: &str) -> String {
        let mut line = line.replace(ADDRESS, &format!("http://127.0.0.1:{}", self.port));
        for client in self.welcome.lines().filter_map(|printed| printed.strip_prefix("#   ")) {
            let (id, secret) = client.split_once(' ').unwrap();
            line = line.replace(&format!("{SECRET}{id}"), secret.trim());
        }
        assert!(!line.contains(SECRET), "the demo prints no such client: {line}");
        line
    }

    /// What each of the lines answers.
    fn type_in(&self, lines: &[String]) -> Vec<String> {
        const END: &str = "\n\u{1}\n";
        let script: String = lines.iter().map(|line| format!("{line}\nprintf '\\n\\001\\n'\n")).collect();
        let typed = Command::new("bash")
            .args(["-uc", &script])
            .env("HAGUKUMI_DEMO_DIR", &self.dir)
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .unwrap();
        let out = String::from_utf8(typed.stdout).unwrap();
        let answers: Vec<String> = out.split_terminator(END).map(str::to_owned).collect();
        assert_eq!(answers.len(), lines.len(), "{}", String::from_utf8_lossy(&typed.stderr));
        answers
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // As Ctrl-C does: the database ends before the service.
        Command::new("kill").args(["-INT", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap();
    }
}

/// Gone when the demos in it have ended.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

/// Everything that is shown is there; `…` stands for what is left out.
fn is_shown(shown: &Value, actual: &Value) -> bool {
    match (shown, actual) {
        (Value::Object(shown), Value::Object(actual)) => {
            shown.iter().all(|(name, value)| actual.get(name).is_some_and(|actual| is_shown(value, actual)))
        }
        (Value::Array(shown), Value::Array(actual)) => {
            let cut = shown.last().is_some_and(|last| last == "…");
            let shown = if cut { &shown[..shown.len() - 1] } else { &shown[..] };
            (if cut { shown.len() < actual.len() } else { shown.len() == actual.len() })
                && shown.iter().zip(actual).all(|(shown, actual)| is_shown(shown, actual))
        }
        (Value::String(shown), Value::String(actual)) => match shown.split_once('…') {
            Some((before, after)) => actual.starts_with(before) && actual.ends_with(after),
            None => shown == actual,
        },
        _ => shown == actual,
    }
}

fn assert_shown(document: &str, step: &Step, actual: &str) {
    let Some(shown) = &step.answer else { return };
    let told = || format!("{document}\n{}\n--- shows\n{shown}\n--- answered\n{actual}", step.command);
    let (head, body) = actual.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{}", told()));
    let (shown_head, shown_body) = shown.split_once("\n\n").unwrap_or((shown, ""));
    for line in shown_head.lines() {
        assert!(head.lines().any(|actual| actual == line), "`{line}`: {}", told());
    }
    if !shown_body.is_empty() {
        let shown: Value = serde_json::from_str(shown_body).unwrap_or_else(|cause| panic!("{cause}: {}", told()));
        let body: Value = serde_json::from_str(body).unwrap_or_else(|cause| panic!("{cause}: {}", told()));
        assert!(is_shown(&shown, &body), "{}", told());
    }
}

#[test]
fn the_first_steps_and_the_printed_lines_work() {
    let dir = Folder(cluster::test_dir().join(format!("hagukumi-first-steps-{}", std::process::id())));
    let (english, japanese) = (steps("first-steps.md"), steps("first-steps.ja.md"));
    assert!(english.len() > 20 && english.iter().filter(|step| step.answer.is_some()).count() > 20);
    for (ours, theirs) in english.iter().zip(&japanese) {
        assert_eq!(ours.command, theirs.command, "the two documents tell to type the same");
    }
    assert_eq!(english.len(), japanese.len());

    let demo = Demo::start(&dir.0);
    let lines: Vec<String> = english.iter().map(|step| demo.typed(&step.command)).collect();
    let answers = demo.type_in(&lines);
    for (document, steps) in [("first-steps.md", english), ("first-steps.ja.md", japanese)] {
        steps.iter().zip(&answers).for_each(|(step, answer)| assert_shown(document, step, answer));
    }

    let printed: Vec<String> = demo
        .welcome
        .lines()
        .filter(|line| line.starts_with("curl "))
        .map(|line| format!("{line} -s -o /dev/null -w '%{{http_code}}'"))
        .collect();
    assert!(printed.len() > 6, "{}", demo.welcome);
    for (line, status) in printed.iter().chain(&printed).zip(demo.type_in(&[&printed[..], &printed].concat())) {
        assert!(["200", "201"].contains(&status.as_str()), "{status}: {line}");
    }

    drop(demo);
    let again = Demo::start(&dir.0);
    let result = "api/v1/results/130001-mihon-kpi-2024/kenshu/132292/2024";
    let kept = again.type_in(&[format!("curl -s http://127.0.0.1:{}/{result}", again.port)]);
    assert!(kept[0].contains("\"edition\":2,"), "{}", kept[0]);
}
