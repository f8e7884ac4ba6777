//! What needs neither database nor network: `cargo bench --bench pure`.

use criterion::{Criterion, criterion_group, criterion_main};
use hagukumi::domain::code::Code;
use hagukumi::domain::period::Period;
use hagukumi::records::value::RecordValue;
use std::hint::black_box;

/// A figure as most are: a count of people.
const FIGURE: &str = r#"{"item":"利用者数","label":"利用者数","unit":"人","source":"延べ1,234人","value":1234,
    "counted":"利用者","count_basis":"cumulative","indicator":{"owner":"131016","indicator":"i02"}}"#;

fn words(criterion: &mut Criterion) {
    criterion
        .bench_function("code: parse with its check digit", |bench| bench.iter(|| Code::parse(black_box("131016"))));
    criterion.bench_function("period: a code", |bench| bench.iter(|| Period::parse(black_box("2024-H1"))));
    criterion.bench_function("period: 令和６年度", |bench| bench.iter(|| Period::parse(black_box("令和６年度"))));
    let period = Period::parse("2024-H1").unwrap_or(Period::Baseline);
    criterion.bench_function("period: its name in Japanese", |bench| bench.iter(|| black_box(period).label_ja()));
}

fn figures(criterion: &mut Criterion) {
    let read = || serde_json::from_str::<RecordValue>(black_box(FIGURE));
    criterion.bench_function("figure: read", |bench| bench.iter(read));
    if let Ok(figure) = read() {
        criterion.bench_function("figure: write", |bench| bench.iter(|| serde_json::to_vec(black_box(&figure))));
    }
}

criterion_group!(pure, words, figures);
criterion_main!(pure);
