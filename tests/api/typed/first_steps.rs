//! `docs/first-steps.md` and its Japanese twin; then the lines that the demo prints, twice, and a second start with the same
//! data.

use super::{Demo, Folder, Typed};
use hagukumi::db::cluster;

#[test]
fn the_first_steps_and_the_printed_lines_work() {
    let dir = Folder(cluster::test_dir().join(format!("hagukumi-first-steps-{}", std::process::id())));
    let demo = Demo::start(&dir.0);
    demo.follow(["first-steps.md", "first-steps.ja.md"], 16);

    let printed: Vec<Typed> = demo
        .welcome
        .lines()
        .filter(|line| line.starts_with("curl "))
        .map(|line| Typed::Command(format!("{line} -s -o /dev/null -w '%{{http_code}}'")))
        .collect();
    assert!(printed.len() > 6, "{}", demo.welcome);
    for (line, status) in printed.iter().chain(&printed).zip(demo.type_in(&[&printed[..], &printed].concat())) {
        assert!(["200", "201"].contains(&status.as_str()), "{status}: {line:?}");
    }

    drop(demo);
    let again = Demo::start(&dir.0);
    let result = "api/v1/results/130001-mihon-kpi-2024/kenshu/132292/2024";
    let kept = again.type_in(&[Typed::Command(format!("curl -s http://127.0.0.1:{}/{result}", again.port))]);
    assert!(kept[0].contains("\"edition\":2,"), "{}", kept[0]);
}
