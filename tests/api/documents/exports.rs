//! The figures of two documents as data sets: each as the public reads it.

use super::{akiruno, array, tokyo, transcription};
use crate::exports::{check_package, ndjson};
use crate::given::walk;
use crate::harness::Server;
use serde_json::Value;

#[actix_web::test]
async fn every_figure_stands_in_the_data_set() {
    let (Some(kpi), Some(city)) = (transcription("000_tokyo_kpi.json"), transcription("004_akiruno.json")) else {
        return;
    };
    let server = Server::start().await;
    tokyo::define(&server, &kpi).await;
    tokyo::report(&server, &kpi).await;
    akiruno::report(&server, &city).await;

    let lines = ndjson(&server, "/exports/values").await;
    let seen = walk(&server, "/values?prefecture=130001&limit=1000", None).await;
    assert_eq!(lines.len(), seen.len());
    for (line, row) in lines.iter().zip(&seen) {
        for field in ["plan", "program", "municipality", "period", "part", "municipality_name", "period_label_ja"] {
            assert_eq!(line[field], row[field], "{field}");
        }
        let value = &row["value"];
        for field in ["value", "value_to", "rate", "unit", "label", "source", "count_basis", "counted", "running_total"]
        {
            assert_eq!(line[field], value[field], "{field}");
        }
        assert_eq!(line["value_text"], value["text"]);
    }
    let levels = ndjson(&server, "/exports/evaluations").await;
    assert_eq!(levels.len(), 2 * array(&city["programs"]).len());
    let results = ndjson(&server, "/exports/results").await;
    let texts: Vec<&Value> = results.iter().map(|line| &line["text"]).collect();
    assert!(array(&city["programs"]).iter().all(|program| texts.contains(&&program["results_text_verbatim"])));
    let counts = check_package(&server).await;
    assert_eq!(
        counts[..3],
        [
            20 + 67,
            20 + array(&city["programs"]).iter().filter(|p| p["targets_text_verbatim"].is_string()).count(),
            lines.len()
        ]
    );
}
