//! `hagukumi pull` against a real service: what is in its file, and that neither a kill nor a restore makes it wrong.

mod random;

use super::copy::{Copy, assert_same, full};
use crate::given::{correct, create, kpi_plan, publish, text, token_of};
use crate::harness::Server;
use crate::process::{PROGRAM, Process, free_port};
use hagukumi::changes::commands;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PLAN: &str = "130001-kpi-2024";
const CITY: &str = "141003-kodomo-2024";

/// Gone with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = hagukumi::db::cluster::test_dir().join(format!("hagukumi-pull-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn pull(port: u16, file: &Path, choice: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().args(["pull", "--from", &format!("http://127.0.0.1:{port}"), "--patience", "5", "--into"]);
    command.arg(file).args(choice).stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

pub fn pulled(port: u16, file: &Path, choice: &[&str]) -> String {
    let Output { status, stderr, .. } = pull(port, file, choice).output().unwrap();
    let told = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{told}");
    told
}

/// The lines behind the first, letter for letter.
pub fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).unwrap().lines().skip(1).map(str::to_owned).collect()
}

/// What a file has, as the tests' own full pull has it: that one has municipalities, too.
pub fn assert_is_everything(file: &Path, everything: &Copy) {
    let mut copy: Copy = lines(file)
        .iter()
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            (line["address"].as_str().unwrap().to_owned(), line["content"].clone())
        })
        .collect();
    copy.retain(|address, _| !address.starts_with("/api/v1/municipalities/"));
    let mut everything = everything.clone();
    everything.retain(|address, _| !address.starts_with("/api/v1/municipalities/"));
    assert_same(&copy, &everything);
}

/// A copy that was kept up to date is, letter for letter, what a first pull gives now.
pub fn assert_is_a_first_pull(folder: &Folder, port: u16, file: &Path, choice: &[&str]) {
    let fresh = folder.file("fresh.jsonl");
    pulled(port, &fresh, choice);
    let (kept, fresh_lines) = (lines(file), lines(&fresh));
    // A copy has what the feed told of municipalities; a first pull has none of them.
    let kept: Vec<_> =
        kept.into_iter().filter(|line| !line.contains(r#"{"address":"/api/v1/municipalities/"#)).collect();
    for (ours, theirs) in kept.iter().zip(&fresh_lines) {
        assert_eq!(ours, theirs, "{choice:?}");
    }
    assert_eq!(kept.len(), fresh_lines.len(), "{choice:?}");
    fs::remove_file(fresh).unwrap();
}

#[actix_web::test]
async fn a_pull_keeps_a_copy_up_to_date_and_begins_anew_when_it_must() {
    let server = Server::start().await;
    kpi_plan(&server, PLAN, &["131016", "131024"]).await;
    kpi_plan(&server, CITY, &[]).await;
    let process = Process::serve_at(&server.database, free_port());
    let (folder, port) = (Folder::new(), process.port);
    let choices: [(&str, &[&str]); 3] =
        [("all", &[]), ("tokyo", &["--prefecture", "130001"]), ("plan", &["--plan", CITY])];
    let files = choices.map(|(name, choice)| (folder.file(name), choice));
    let run = async |how: &str| {
        for (file, choice) in &files {
            let told = pulled(port, file, choice);
            assert!(told.contains(how), "{choice:?}: {told}");
            assert_is_a_first_pull(&folder, port, file, choice);
        }
        assert_is_everything(&files[0].0, &full(&server).await);
    };
    run("everything").await;
    for code in ["131016", "131024"] {
        create(&server, &token_of(&server, code), &format!("/results/{PLAN}/1/{code}/2024"), &text("本文")).await;
        publish(&server, PLAN, code, "2024-results").await;
    }
    let token = token_of(&server, "141003");
    create(&server, &token, &format!("/targets/{CITY}/1/141003/2024"), &text("目標")).await;
    create(&server, &token, &format!("/programs/{CITY}/2"), &json!({ "name": "別の事業", "position": 2 })).await;
    publish(&server, CITY, "141003", "2024-targets").await;
    run("changes").await;
    assert_eq!(files.clone().map(|(file, _)| lines(&file).len()), [16, 9, 7]);
    correct(&server, PLAN, "131016", "2024-results").await;
    let path = format!("/results/{PLAN}/1/131016/2024");
    create(&server, &token_of(&server, "131016"), &format!("/results/{PLAN}/1/131016/2024-H1"), &text("別")).await;
    server.delete(&path).token(&token_of(&server, "131016")).if_match("*").expect(204).await;
    server.delete(&format!("/programs/{CITY}/2")).token(&token).if_match("*").expect(204).await;
    run("changes").await;

    // Nothing new: the file is left alone. Another choice or another service is another file.
    let before = fs::metadata(&files[0].0).unwrap().modified().unwrap();
    assert!(pulled(port, &files[0].0, &[]).contains("0 changes"));
    assert_eq!(fs::metadata(&files[0].0).unwrap().modified().unwrap(), before);
    let refused = pull(port, &files[0].0, &["--plan", CITY]).output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("choose another file"));

    commands::restored(&server.owner_address()).await.unwrap();
    run("everything").await;
    create(&server, &token, &format!("/programs/{CITY}/3"), &json!({ "name": "また別の事業", "position": 3 })).await;
    drop(process);
    let unreachable = pull(port, &files[0].0, &["--patience", "0"]).output().unwrap();
    assert!(!unreachable.status.success());
    let process = Process::serve_at(&server.database, free_port());
    let elsewhere = pull(process.port, &files[0].0, &[]).output().unwrap();
    assert!(String::from_utf8(elsewhere.stderr).unwrap().contains("choose another file"));
}
