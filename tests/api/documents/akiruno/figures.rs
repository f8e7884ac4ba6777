//! The figures of the check list, from the answers alone.

use super::super::{array, string, transcription};
use super::check::{Answers, heads};
use super::report::{mapped, report};
use crate::harness::Server;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const STATUTORY: [(i64, &str); 13] = [
    (8, "after_school_care"),
    (20, "prenatal_checkups"),
    (23, "newborn_home_visits"),
    (26, "user_support"),
    (31, "short_term_support"),
    (32, "community_childcare_centers"),
    (33, "temporary_childcare"),
    (34, "extended_hours_childcare"),
    (35, "sick_child_care"),
    (40, "supplementary_benefit"),
    (57, "diverse_providers_promotion"),
    (60, "family_support_center"),
    (63, "childrearing_support_visits"),
];

/// Percent of the target by item, half up to one decimal, in tenths.
const PERCENTS: [(i64, &[i64]); 14] = [
    (3, &[936, 1112, 1042]),
    (16, &[667]),
    (19, &[953]),
    (21, &[1500, 750]),
    (24, &[268, 292, 1998]),
    (28, &[385, 365]),
    (29, &[1020, 971, 484]),
    (46, &[1000]),
    (48, &[1000, 500]),
    (49, &[1571, 3000, 3000]),
    (58, &[1040]),
    (61, &[0]),
    (64, &[667]),
    (67, &[907]),
];

fn number(program: &Value) -> i64 {
    string(&program["number_label"]).parse().unwrap()
}

fn level(result: &Value, scheme: &str) -> String {
    let found = array(&result["evaluations"]).iter().find(|evaluation| evaluation["scheme"] == scheme).unwrap();
    assert_eq!((&found["evaluator"], &found["against"]), (&json!("self"), &json!("2024")));
    string(&found["level"]).to_owned()
}

/// How often, in the order of the keys.
fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<(K, usize)> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_insert(0) += 1);
    counts.into_iter().collect()
}

impl Answers {
    fn numbers(&self, which: impl Fn(&Value) -> bool) -> Vec<i64> {
        self.programs.iter().filter(|program| which(program)).map(number).collect()
    }

    fn program(&self, wanted: i64) -> &Value {
        self.programs.iter().find(|program| number(program) == wanted).unwrap()
    }

    fn goal(&self, program: &Value) -> String {
        let policy = self.nodes.iter().find(|node| node["code"] == program["node"]).unwrap();
        string(&policy["parent"]).to_owned()
    }

    fn levels(&self, scheme: &str) -> Vec<(String, usize)> {
        tally(self.results.iter().map(|result| level(result, scheme)))
    }

    fn levels_of_goal(&self, goal: &str, scheme: &str) -> Vec<(String, usize)> {
        let of_goal = self.programs.iter().filter(|program| self.goal(program) == goal);
        tally(of_goal.map(|program| level(self.result(program), scheme)))
    }

    /// Percents of the target in tenths, half up: figures of the same item.
    fn percents(&self, program: &Value) -> Vec<i64> {
        let Some(target) = self.target(program) else { return Vec::new() };
        let (targets, results) = (heads(target), heads(self.result(program)));
        let compared = results.iter().filter_map(|result| {
            let target = targets.iter().find(|target| target["item"] == result["item"])?;
            // Decimals of one digit are whole in tenths.
            let tenths = |value: &Value| -> Option<i64> {
                let number = value["value"].as_f64().or(value["rate"].as_f64())?;
                Some((number * 10.0).round() as i64)
            };
            let (result, target) = (tenths(result)?, tenths(target)?);
            Some((result * 2000 + target) / (target * 2))
        });
        compared.collect()
    }
}

fn levels(counts: &[(&str, usize)]) -> Vec<(String, usize)> {
    counts.iter().map(|(level, count)| ((*level).to_owned(), *count)).collect()
}

fn check_programs(all: &Answers) {
    assert_eq!(all.numbers(|_| true), (1..=67).collect::<Vec<_>>());
    let policies: Vec<usize> = tally(all.programs.iter().map(|program| string(&program["node"])))
        .into_iter()
        .map(|(_, count)| count)
        .collect();
    assert_eq!(policies, [2, 7, 9, 6, 3, 3, 11, 8, 2, 6, 6, 4]);

    let mut links = tally(all.programs.iter().flat_map(|program| all.departments_of(program)));
    assert_eq!((links.len(), links.iter().map(|(_, count)| count).sum::<usize>()), (15, 82));
    links.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let expected = [
        ("子ども家庭支援センター", 18),
        ("子ども政策課", 15),
        ("保育課", 12),
        ("健康課", 10),
        ("障がい者支援課", 5),
        ("指導室", 4),
        ("教育総務課", 3),
        ("生涯学習推進課", 3),
        ("都市計画課", 3),
        ("企画政策課", 2),
        ("商工振興課", 2),
        ("管理課", 2),
        ("地域防災課", 1),
        ("建設課", 1),
        ("施設所管課", 1),
    ];
    assert_eq!(links, expected);
    let four = all.numbers(|program| array(&program["departments"]).len() == 4);
    assert_eq!(four, [11, 55]);

    let statutory: Vec<(i64, &str)> =
        all.programs.iter().filter_map(|p| p["statutory_program"].as_str().map(|code| (number(p), code))).collect();
    assert_eq!(statutory, STATUTORY);
    let referring = all.numbers(|program| !all.result(program)["cross_reference"].is_null());
    assert_eq!(referring, STATUTORY.map(|(number, _)| number));
}

fn check_levels(all: &Answers) {
    assert_eq!(all.levels("rating"), levels(&[("A", 57), ("B", 10)]));
    assert_eq!(all.levels("achievement"), levels(&[("2", 53), ("3", 9), ("4", 5)]));
    let by_goal = [("1", [13, 5], [12, 2, 4]), ("2", [28, 3], [28, 3, 0]), ("3", [16, 2], [13, 4, 1])];
    for (goal, rating, achievement) in by_goal {
        assert_eq!(all.levels_of_goal(goal, "rating"), levels(&[("A", rating[0]), ("B", rating[1])]));
        let mut counts = levels(&[("2", achievement[0]), ("3", achievement[1]), ("4", achievement[2])]);
        counts.retain(|(_, count)| *count > 0);
        assert_eq!(all.levels_of_goal(goal, "achievement"), counts);
    }
    let pair = |result: &Value| level(result, "rating") + &level(result, "achievement");
    let pairs = levels(&[("A2", 52), ("A3", 5), ("B2", 1), ("B3", 4), ("B4", 5)]);
    assert_eq!(tally(all.results.iter().map(pair)), pairs);

    let with = |scheme: &str, wanted: &str| all.numbers(|program| level(all.result(program), scheme) == wanted);
    assert_eq!(with("achievement", "3"), [3, 6, 21, 24, 28, 52, 56, 66, 67]);
    assert_eq!(with("achievement", "4"), [4, 7, 16, 17, 61]);
    assert_eq!(with("rating", "B"), [3, 4, 7, 16, 17, 21, 24, 28, 61, 64]);
    assert_eq!(all.numbers(|program| pair(all.result(program)) == "B2"), [64]);
}

fn check_items(all: &Answers) {
    let with_target = all.numbers(|program| all.target(program).is_some());
    assert_eq!(with_target, [3, 14, 16, 19, 21, 24, 28, 29, 46, 48, 49, 58, 61, 64, 67]);
    let items: Vec<&Value> = all.targets.iter().flat_map(heads).collect();
    assert_eq!(items.len(), 29);
    let of = |field: &str| items.iter().filter(|value| !value[field].is_null()).count();
    assert_eq!((of("value"), of("rate"), of("text")), (26, 1, 2));
    let texts: Vec<&Value> = items.iter().map(|value| &value["text"]).filter(|text| !text.is_null()).collect();
    assert_eq!(texts, ["全園実施", "実施率の増加"]);

    let reported = all.numbers(|program| !heads(all.result(program)).is_empty());
    let items: usize = all.results.iter().map(|result| heads(result).len()).sum();
    assert_eq!((reported.len(), items), (47, 141));
    let neither = all.numbers(|program| {
        let result = all.result(program);
        heads(result).is_empty() && result["cross_reference"].is_null()
    });
    assert_eq!(neither, [1, 4, 7, 17, 25, 54, 55]);
    let covid = all.numbers(|program| string(&all.result(program)["texts"]["text"]).contains("コロナ"));
    assert_eq!(covid.len(), 16);
}

/// Of one program, those a figure of this label is the whole of, and itself.
fn parts(all: &Answers, program: i64, whole: &str) -> (Vec<i64>, i64) {
    let values = array(&all.result(all.program(program))["values"]);
    let at = values.iter().position(|value| value["label"] == whole).unwrap();
    let of_it = values.iter().filter(|value| value["role"] == "part_of" && value["whole"] == at + 1);
    (of_it.map(|value| value["value"].as_i64().unwrap()).collect(), values[at]["value"].as_i64().unwrap())
}

fn check_sums(all: &Answers) {
    let sums = [
        (36, "児童手当受給者数", vec![7168, 2070, 15], 9253),
        (22, "計", vec![6, 4, 2], 12),
        (59, "計", vec![3, 12, 2, 4], 21),
        (47, "貸付件数", vec![33, 0], 33),
    ];
    for (program, label, addends, sum) in sums {
        assert_eq!(parts(all, program, label), (addends.clone(), sum));
        assert_eq!(addends.iter().sum::<i64>(), sum);
    }

    // The weaning classes have no printed total: four courses are parts of the target's item.
    let classes = all.program(21);
    let target = heads(all.target(classes).unwrap())[2];
    let values = array(&all.result(classes)["values"]);
    let is_course = |value: &Value| value["role"] == "part_of" && value["whole_item"] == target["item"];
    let sum = |which: &dyn Fn(&Value) -> bool| -> i64 {
        values.iter().filter(|value| which(value)).map(|value| value["value"].as_i64().unwrap()).sum()
    };
    let whole = |value: &Value| value["whole"].as_u64().map(|whole| &values[usize::try_from(whole).unwrap() - 1]);
    let sessions = sum(&is_course);
    let persons = sum(&|value| value["role"] == "paired" && whole(value).is_some_and(is_course));
    assert_eq!((sessions, persons), (28, 66));
    let planned = array(&all.target(classes).unwrap()["values"]).iter();
    let planned = planned.filter(|value| value["item"] == target["item"]).map(|value| value["value"].clone());
    assert_eq!(planned.collect::<Vec<_>>(), [24, 250]);
}

/// A figure of two programs is marked in one of them, and so counts once.
fn check_shared(all: &Answers) {
    let rows: Vec<&Value> = all.values.iter().filter(|row| row["part"] == "results").collect();
    let mut marked: Vec<(i64, i64, i64)> = Vec::new();
    for row in rows.iter().filter(|row| !row["value"]["same_figure_as"].is_null()) {
        let same = &row["value"]["same_figure_as"];
        let home = rows.iter().find(|row| row["program"] == same["program"] && row["ordinal"] == same["ordinal"]);
        let home = &home.unwrap()["value"];
        assert_eq!((&home["value"], &home["unit"]), (&row["value"]["value"], &row["value"]["unit"]));
        assert!(home["same_figure_as"].is_null(), "no chains");
        let code = |program: &Value| string(program).parse::<i64>().unwrap();
        marked.push((code(&row["program"]), code(&same["program"]), home["value"].as_i64().unwrap()));
    }
    marked.sort_unstable();
    assert_eq!(marked, [(18, 29, 1163), (18, 29, 119_313), (28, 21, 3), (28, 21, 6), (28, 21, 35), (28, 21, 37)]);
    for (indicator, once) in [("site_views", 119_313), ("app_users", 1163)] {
        let of_it = rows.iter().map(|row| &row["value"]).filter(|value| value["indicator"]["indicator"] == indicator);
        let (shared, own): (Vec<&Value>, Vec<&Value>) = of_it.partition(|value| !value["same_figure_as"].is_null());
        assert_eq!((shared.len(), own.len()), (1, 1));
        assert_eq!(own[0]["value"], once);
    }
}

fn check_percents(all: &Answers) {
    let percents: Vec<(i64, Vec<i64>)> = all
        .programs
        .iter()
        .map(|program| (number(program), all.percents(program)))
        .filter(|(_, percents)| !percents.is_empty())
        .collect();
    let expected: Vec<(i64, Vec<i64>)> = PERCENTS.iter().map(|(number, all)| (*number, all.to_vec())).collect();
    assert_eq!(percents, expected);

    // What the service says beside each figure, of the targets of 2024.
    let told: Vec<(i64, Vec<i64>)> = all
        .programs
        .iter()
        .map(|program| {
            let heads: Vec<&Value> = heads(all.result(program));
            let of_program =
                all.values.iter().filter(|row| row["part"] == "results" && row["program"] == program["code"]);
            let compared =
                of_program.filter(|row| heads.contains(&&row["value"]) && !row["target"]["percent"].is_null());
            let tenths = compared.map(|row| {
                assert_eq!((&row["target"]["against"], &row["amended_target"]), (&json!("2024"), &Value::Null));
                (row["target"]["percent"].as_f64().unwrap() * 10.0).round() as i64
            });
            (number(program), tenths.collect::<Vec<_>>())
        })
        .filter(|(_, percents)| !percents.is_empty())
        .collect();
    assert_eq!(told, expected);

    // The level's own bounds exclude every compared figure.
    let scheme = all.schemes.iter().find(|scheme| scheme["code"] == "achievement").unwrap();
    let excludes = |level: &Value, tenths: i64| {
        let percent = tenths as f64 / 10.0;
        let below = |bound: &Value, closed: &Value| {
            bound.as_f64().is_some_and(|bound| percent < bound || (percent <= bound && *closed == false))
        };
        let above = |bound: &Value, closed: &Value| {
            bound.as_f64().is_some_and(|bound| percent > bound || (percent >= bound && *closed == false))
        };
        below(&level["lower_bound"], &level["lower_inclusive"])
            || above(&level["upper_bound"], &level["upper_inclusive"])
    };
    let judged = |which: &dyn Fn(&Value, &[i64]) -> bool| {
        all.numbers(|program| {
            let reported = level(all.result(program), "achievement");
            let level = array(&scheme["levels"]).iter().find(|level| level["code"] == *reported).unwrap();
            let percents = all.percents(program);
            !percents.is_empty() && which(level, &percents)
        })
    };
    assert_eq!(judged(&|level, percents| percents.iter().all(|p| excludes(level, *p))), [49, 64]);
    let mixed = |level: &Value, percents: &[i64]| {
        let out = percents.iter().filter(|percent| excludes(level, **percent)).count();
        out > 0 && out < percents.len()
    };
    assert_eq!(judged(&mixed), [29, 48]);
}

/// Results of 2020 against the goals of 2024, and a figure of two programs, as the service adds them up.
async fn check_aggregates(server: &Server) {
    let of = |indicator: &str, rest: &str| {
        format!("/aggregates?indicator=132284/{indicator}&plan=132284-kodomo-2020&period=2020{rest}")
    };
    for (number, percents) in PERCENTS {
        let mut found = Vec::new();
        for item in 1..=3 {
            let indicator = match (number, item) {
                (14, _) => continue,
                (29, 2) => "site_views".to_owned(),
                (29, 3) => "app_users".to_owned(),
                _ => format!("t{number}-{item}"),
            };
            let answer = server.get(&of(&indicator, "&function=achievement_rate")).send().await;
            if answer.status == 422 && answer.code() == "indicator.unknown" {
                continue;
            }
            let group = &answer.json["series"][0]["groups"][0];
            if let Some(percent) = group["value"].as_f64() {
                found.push((percent * 10.0).round() as i64);
                assert_eq!((&group["original"]["against"], &group["complete"]), (&json!(["2024"]), &json!(true)));
                assert_eq!(group["original"], group["amended"], "no goal was changed");
            }
        }
        assert_eq!(found, percents, "program {number}");
    }
    for (indicator, function, once) in [("site_views", "sum", 119_313), ("app_users", "latest", 1163)] {
        let answer = server.get(&of(indicator, "")).expect(200).await;
        let series = &answer.json["series"][0];
        let group = &series["groups"][0];
        assert_eq!((&series["function"], &group["value"]), (&json!(function), &json!(once)));
        assert_eq!((&group["figures"], &group["complete"]), (&json!(1), &json!(true)));
        let twin = &group["excluded"][0];
        assert_eq!((&twin["reason"], &twin["figures"]), (&json!("same_figure"), &json!(1)));
        assert!(string(&twin["places"][0]).starts_with("/results/132284-kodomo-2020/18/"), "{twin}");
    }
}

#[actix_web::test]
async fn the_check_list_follows_from_the_answers() {
    let Some(given) = transcription("004_akiruno.json") else { return };
    let server = Server::start().await;
    let document = mapped(&given);
    report(&server, &given, &document).await;
    let all = Answers::read(&server).await;
    check_programs(&all);
    check_levels(&all);
    check_items(&all);
    check_sums(&all);
    check_shared(&all);
    check_percents(&all);

    check_aggregates(&server).await;

    // The percents that the transcription works out are the same, by item.
    for program in &document.programs {
        let own = all.percents(all.programs.iter().find(|read| read["code"] == *program.code).unwrap());
        let worked_out: Vec<i64> =
            program.percents.iter().map(|(_, percent)| (percent * 10.0).round() as i64).collect();
        assert_eq!(own, worked_out);
    }
}
