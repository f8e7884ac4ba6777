//! `docs/pull.md` and its Japanese twin: a copy, kept up to date by hand and by `hagukumi pull`.

use super::{Demo, Folder};
use hagukumi::db::cluster;

#[test]
fn a_copy_is_kept_as_it_is_told() {
    let dir = Folder(cluster::test_dir().join(format!("hagukumi-pull-told-{}", std::process::id())));
    let answers = Demo::start(&dir.0).follow(["pull.md", "pull.ja.md"], 7);
    let by_itself = answers.last().unwrap();
    let runs: Vec<&str> = by_itself.lines().collect();
    assert!(runs.len() == 2 && runs[0].starts_with("everything") && runs[1].starts_with("0 changes"), "{by_itself}");
}
