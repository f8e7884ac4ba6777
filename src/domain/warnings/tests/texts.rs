use super::*;

const PLAN: &str = "募集チラシを配布し、受講を促進する。";

#[test]
fn a_result_that_repeats_its_target() {
    let (planned, other) = (texts(PLAN), texts("窓口に案内を置いて周知する。"));
    let same = vec![(Code::SameTextAsTarget, "/texts/text".to_owned())];
    for (targets, expected) in [
        (vec![target("2024", 0, &planned, vec![])], same.clone()),
        // To the letter, and in another field it is another text.
        (vec![target("2024", 0, &texts(&format!("{PLAN} ")), vec![])], vec![]),
        (vec![target("2024", 0, &BTreeMap::from([("issues".to_owned(), PLAN.to_owned())]), vec![])], vec![]),
        // Its own period's comes first, then the next later one, then the last.
        (vec![target("2024", 0, &other, vec![]), target("2026", 0, &planned, vec![])], vec![]),
        (vec![target("2025", 0, &planned, vec![]), target("2026", 0, &other, vec![])], same.clone()),
        (vec![target("2022", 0, &other, vec![]), target("2023", 0, &planned, vec![])], same.clone()),
        (vec![target("2023", 0, &other, vec![]), target("2024-", 0, &planned, vec![])], same.clone()),
        // A changed goal takes the place of the original one; the baseline is no goal.
        (vec![target("2024", 0, &planned, vec![]), target("2024", 1, &other, vec![])], vec![]),
        (vec![target("baseline", 0, &planned, vec![])], vec![]),
        (vec![], vec![]),
    ] {
        assert_eq!(found(Part::Result, &planned, vec![], &targets), expected);
    }
    // A quantity may well be the same in both.
    for short in ["全園実施", "１か所", "年 12 回 実 施"] {
        let short = texts(short);
        assert_eq!(found(Part::Result, &short, vec![], &[target("2024", 0, &short, vec![])]), []);
    }
}

#[test]
fn an_estimate_in_the_result_of_a_period_that_is_over() {
    let estimate = vec![(Code::EstimateAfterPeriod, "/texts/text".to_owned())];
    for (text, expected) in [
        ("講座を2回実施・1回実施予定", &estimate),
        ("2月10組30名予定)と情報誌の発行", &estimate),
        ("通訳70件実施予定\n⑦", &estimate),
        ("死亡事例を説明予定（一部実施済）。", &estimate),
        ("3月に開催予定です。", &estimate),
        ("年度末には100人となる見込み。", &estimate),
        ("100人に達すると見込まれる。", &estimate),
        ("利用は100人の見込である", &estimate),
        // No estimates.
        ("予定どおり実施した。", &vec![]),
        ("開催する予定でしたが、中止しました。", &vec![]),
        ("開催を予定していたが、中止した。", &vec![]),
        ("出産予定日の前に訪問した。", &vec![]),
        ("見込みを上回る利用があった。", &vec![]),
        ("量の見込み。", &vec![]),
        ("今後、対象を広げる予定。", &vec![]),
        ("実施した。次年度は2回開催予定。", &vec![]),
    ] {
        assert_eq!(found(Part::Result, &texts(text), vec![], &[]), *expected, "{text}");
        let planned = found(Part::Target, &texts(text), vec![], &[]);
        assert!(
            planned.iter().all(|(code, _)| *code != Code::EstimateAfterPeriod),
            "{text}: it is what plans are made of"
        );
    }
    // A figure that was never made final, where no text says so.
    let figure = || Figure { estimate: true, source: "100人", ..figure("利用", 100) };
    let text = texts("利用 100人");
    let of_figure = vec![(Code::EstimateAfterPeriod, "/values/0/estimate".to_owned())];
    assert_eq!(found(Part::Result, &text, vec![figure()], &[]), of_figure);
    assert_eq!(found(Part::Result, &texts("利用 100人の見込み"), vec![figure()], &[]), estimate);
}

#[test]
fn what_a_half_year_says_of_its_year_is_no_estimate() {
    let codes = |period_code: &str, ended: bool, text: &str| {
        let (texts, departments) = (texts(text), BTreeSet::new());
        let record = Record {
            part: Part::Result,
            period: period(period_code),
            ended,
            texts: &texts,
            prose: Vec::new(),
            figures: Vec::new(),
            judgements: Vec::new(),
            departments: &departments,
            targets: &[],
            last_year: &[],
            no_change: false,
        };
        judge(&record).len()
    };
    assert_eq!(codes("2023-H1", true, "計画をつくり、今年度中に随時開催していく予定。"), 0);
    assert_eq!(codes("2023", true, "計画をつくり、今年度中に随時開催していく予定。"), 1);
    assert_eq!(codes("2023", false, "3月に開催予定。"), 0);
}

#[test]
fn a_plan_that_says_it_is_done() {
    let done = vec![(Code::DoneInPlan, "/texts/text".to_owned())];
    for (text, expected) in [
        ("研修を計画通り 実施済み(1回、38名)", &done),
        ("研修を実施済。", &done),
        ("各園に配布済みである", &done),
        // Where a plan begins, or what it builds on.
        ("実施済みの研修に基づいて育成を行う。", &vec![]),
        ("全小学校に設置済み。引き続き運営する。", &vec![]),
        ("経済的な支援を行う。", &vec![]),
        ("実施済み施設を増やす", &vec![]),
    ] {
        assert_eq!(found(Part::Target, &texts(text), vec![], &[]), *expected, "{text}");
        assert_eq!(found(Part::Result, &texts(text), vec![], &[]), [], "{text}");
    }
}

#[test]
fn tags_of_html() {
    let tags = vec![(Code::HtmlTags, "/texts/text".to_owned())];
    for (text, expected) in [
        ("<p>周知した。</p>", &tags),
        ("周知した。</LI>", &tags),
        ("一行目<br/>二行目", &tags),
        ("<ul style=\"list-style-type: none\">", &tags),
        ("<継続>相談", &vec![]),
        ("3<5 かつ 7>5", &vec![]),
        ("<person>", &vec![]),
        ("<p 閉じない", &vec![]),
        ("＜p＞", &vec![]),
    ] {
        assert_eq!(found(Part::Result, &texts(text), vec![], &[]), *expected, "{text}");
    }
}

#[test]
fn characters_that_others_cannot_read() {
    let strange = vec![(Code::OutsideCharacterSet, "/texts/text".to_owned())];
    for (text, expected) in [
        ("４月～６月", &strange),
        ("髙橋", &strange),
        ("😀", &strange),
        ("空\u{200B}白", &strange),
        ("４月〜６月、①㈱ﾊﾝｶｸ　高橋\r\n\t", &vec![]),
    ] {
        assert_eq!(found(Part::Target, &texts(text), vec![], &[]), *expected, "{text}");
    }
    let (texts, departments) = (texts("本文"), BTreeSet::new());
    let record = Record {
        part: Part::Target,
        period: period("2024"),
        ended: false,
        texts: &texts,
        prose: vec![("/note".to_owned(), "備考～\u{FEFF}")],
        figures: Vec::new(),
        judgements: Vec::new(),
        departments: &departments,
        targets: &[],
        last_year: &[],
        no_change: false,
    };
    let told = judge(&record);
    assert_eq!(told[0].pointer, "/note");
    assert_eq!(told[0].details["characters"], "\u{FEFF}～");
    assert!(told[0].ja.contains("：U+FEFF、～（U+FF5E）。") && told[0].ja.contains("〜"), "{}", told[0].ja);
}
