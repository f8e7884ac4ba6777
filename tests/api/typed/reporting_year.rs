//! `docs/reporting-year.md` and its Japanese twin: a year from the prefecture's question to the correction.

use super::{Demo, Folder};
use hagukumi::db::cluster;

#[test]
fn a_reporting_year_goes_as_it_is_told() {
    let dir = Folder(cluster::test_dir().join(format!("hagukumi-reporting-year-{}", std::process::id())));
    Demo::start(&dir.0).follow(["reporting-year.md", "reporting-year.ja.md"], 16);
}
