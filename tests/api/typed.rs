//! A real `serve --demo`: what the documents tell to type is typed, into workbooks too, and what they show of the answers
//! is what comes back.

mod first_steps;
mod pull;
mod reporting_year;
mod workbook;

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
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
    typed: Typed,
    answer: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Typed {
    Command(String),
    /// Into cells of a workbook: its name, and lines such as `様式1 H12 = 24`
    Cells(String, String),
}

impl Default for Typed {
    fn default() -> Self {
        Self::Command(String::new())
    }
}

fn steps(document: &str) -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(document);
    let text = fs::read_to_string(&path).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut blocks = text.split("```");
    while let (Some(_prose), Some(block)) = (blocks.next(), blocks.next()) {
        let (language, content) = block.split_once('\n').unwrap();
        match language.split_once(' ').unwrap_or((language, "")) {
            ("sh", "") => steps.push(Step { typed: Typed::Command(content.to_owned()), answer: None }),
            ("cells", file) => {
                steps.push(Step { typed: Typed::Cells(file.to_owned(), content.to_owned()), answer: None })
            }
            ("http", "") => steps.last_mut().unwrap().answer = Some(content.to_owned()),
            other => panic!("{document}: a block of {other:?}"),
        }
    }
    steps
}

/// Where the shell finds `hagukumi`.
fn path() -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_hagukumi")).parent().unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
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

    /// What each of the steps answers: one shell for all, in a folder of its own.
    fn type_in(&self, steps: &[Typed]) -> Vec<String> {
        const END: &str = "\u{1}\n";
        let folder = self.dir.with_extension("typed");
        fs::create_dir_all(&folder).unwrap();
        let mut shell = Command::new("bash")
            .arg("-u")
            .current_dir(&folder)
            .env("HAGUKUMI_DEMO_DIR", &self.dir)
            .env("NO_PROXY", "127.0.0.1")
            .env("PATH", path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (mut input, mut output) = (shell.stdin.take().unwrap(), BufReader::new(shell.stdout.take().unwrap()));
        let mut answer = |typed: &Typed| match typed {
            Typed::Command(command) => {
                write!(input, "{command}\nprintf '\\001\\n'\n").unwrap();
                let mut answer = String::new();
                while !answer.ends_with(END) {
                    assert!(output.read_line(&mut answer).unwrap() > 0, "the shell has ended: {answer}");
                }
                answer.strip_suffix(END).unwrap().to_owned()
            }
            Typed::Cells(file, cells) => {
                workbook::fill(&folder.join(file), cells);
                String::new()
            }
        };
        let answers = steps.iter().map(&mut answer).collect();
        drop(input);
        shell.wait().unwrap();
        fs::remove_dir_all(&folder).unwrap();
        answers
    }

    fn typed_step(&self, step: &Step) -> Typed {
        match &step.typed {
            Typed::Command(command) => Typed::Command(self.typed(command)),
            cells => cells.clone(),
        }
    }

    /// Types what a document tells to, and compares what it shows: so many answers at least.
    fn follow(&self, documents: [&str; 2], least: usize) -> Vec<String> {
        let [english, japanese] = documents.map(steps);
        assert!(english.iter().filter(|step| step.answer.is_some()).count() >= least);
        for (ours, theirs) in english.iter().zip(&japanese) {
            assert_eq!(ours.typed, theirs.typed, "the two documents tell to type the same");
        }
        assert_eq!(english.len(), japanese.len());
        let typed: Vec<Typed> = english.iter().map(|step| self.typed_step(step)).collect();
        let answers = self.type_in(&typed);
        for (document, steps) in documents.into_iter().zip([english, japanese]) {
            steps.iter().zip(&answers).for_each(|(step, answer)| assert_shown(document, step, answer));
        }
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
    let told = || format!("{document}\n{:?}\n--- shows\n{shown}\n--- answered\n{actual}", step.typed);
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
