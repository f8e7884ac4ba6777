//! What the public reads, against the sheet and against the check list.

use super::{CITY, PLAN, ROWS, array, of_figure, of_transcribed, period, string, walk};
use crate::harness::Server;
use serde_json::{Value, json};

pub struct Public {
    plan: Value,
    programs: Vec<Value>,
    schemes: Vec<Value>,
    targets: Vec<Value>,
    results: Vec<Value>,
    values: Vec<Value>,
    report: Value,
}

impl Public {
    pub async fn read(server: &Server) -> Self {
        Self {
            plan: server.get(&format!("/plans/{PLAN}")).expect(200).await.json,
            programs: walk(server, &format!("/programs?plan={PLAN}&limit=4"), None).await,
            schemes: walk(server, &format!("/evaluation_schemes?owner={CITY}&limit=1"), None).await,
            targets: walk(server, &format!("/targets?plan={PLAN}&limit=10"), None).await,
            results: walk(server, "/results?prefecture=140007&period=2011..2012&limit=10", None).await,
            values: walk(server, &format!("/values?municipality={CITY}&limit=10"), None).await,
            report: server.get(&format!("/reports/{PLAN}/{CITY}/2012")).expect(200).await.json,
        }
    }

    pub fn assert_plan(&self, document: &Value) {
        let plan = &self.plan;
        assert_eq!(plan["owner"], document["municipality"]["code6"]);
        assert_eq!(self.results[0]["municipality_name"], document["municipality"]["name"]);
        assert_eq!(plan["title"], document["document"]["plan_ja"]);
        assert_eq!(plan["document_label"], document["document"]["title_ja"]);
        let labels = array(&plan["column_labels"]);
        let rows: Vec<Value> = ROWS.iter().map(|(column, label)| json!({ "column": column, "label": label })).collect();
        assert_eq!(labels[..rows.len()], rows);
        let columns = array(&document["period_columns"]);
        assert_eq!(labels.len(), rows.len() + columns.len());
        for (column, label) in columns.iter().zip(&labels[rows.len()..]) {
            let code = period(string(&column["key"]));
            assert_eq!(*label, json!({ "column": code, "label": column["label"] }));
            let of: Vec<&Value> = self.targets.iter().filter(|target| target["period"] == *code).collect();
            assert_eq!(of.len(), 11);
            let day = |year: &Value, day: &str| year.as_i64().map(|year| format!("{year}{day}"));
            let start = day(&column["fiscal_year_from"], "-04-01");
            let end = day(&json!(column["fiscal_year_to"].as_i64().map(|year| year + 1)), "-03-31");
            for target in of {
                assert_eq!(
                    (target["period_start"].as_str(), target["period_end"].as_str()),
                    (start.as_deref(), end.as_deref())
                );
            }
            let open = column["kind"] == "open_ended";
            assert_eq!(open, start.is_some() && end.is_none());
            assert_eq!(column["kind"] == "baseline", start.is_none());
        }
    }

    /// The record of a program and period.
    fn record<'a>(records: &'a [Value], program: &Value, period: &str) -> &'a Value {
        let no = program["no"].to_string();
        records.iter().find(|record| record["program"] == *no && record["period"] == *period).unwrap()
    }

    pub fn assert_program(&self, program: &Value) {
        let stored = &self.programs[usize::try_from(program["no"].as_u64().unwrap()).unwrap() - 1];
        assert_eq!((&stored["name"], &stored["description"]), (&program["name"], &program["overview"]));
        assert_eq!(stored["printed"], json!({ "priority": program["priority_verbatim"] }));
        assert_eq!(stored["priority"], program["priority"]);
        let departments: Vec<&Value> = array(&stored["departments"]).iter().map(|of| &of["printed_text"]).collect();
        assert_eq!(departments, [&program["department_verbatim"]]);
        for (key, text) in program["goals"].as_object().unwrap() {
            let target = Self::record(&self.targets, program, &period(key));
            assert_eq!((&target["texts"]["text"], &target["amendment"]), (text, &json!(0)));
        }
        for (key, text) in program["results"].as_object().unwrap() {
            assert_eq!(&Self::record(&self.results, program, key)["texts"]["text"], text);
        }
        for number in array(&program["numeric_results"]) {
            self.assert_number(program, number);
        }
        // In the order of the sheet, and no others.
        for (records, of) in [(&self.targets, "baseline"), (&self.results, "2011"), (&self.results, "2012")] {
            let stored = array(&Self::record(records, program, of)["values"]).iter();
            let stored = stored.filter(|value| value["role"] == "main" || value["role"] == "paired").map(of_figure);
            let printed = array(&program["numeric_results"]).iter();
            let printed = printed.filter(|number| number["fiscal_year"].to_string().trim_matches('"') == of);
            assert_eq!(stored.collect::<Vec<_>>(), printed.map(of_transcribed).collect::<Vec<_>>());
        }
    }

    /// The figure with all that is said of it, its parts and its goal.
    fn assert_number(&self, program: &Value, number: &Value) {
        let of = number["fiscal_year"].to_string();
        let of = of.trim_matches('"');
        let records = if of == "baseline" { &self.targets } else { &self.results };
        let values = array(&Self::record(records, program, of)["values"]);
        let place = values.iter().position(|value| of_figure(value) == of_transcribed(number)).unwrap();
        let stored = &values[place];
        for flag in ["approximate", "estimate"] {
            assert_eq!(stored[flag] == true, number[flag] == true);
        }
        let basis = number["count_basis"].as_str().unwrap_or("unstated");
        assert_eq!((&stored["count_basis"], &stored["measured_on_text"]), (&json!(basis), &number["date_text"]));
        for (field, role) in [("parts", "part_of"), ("of_which", "of_which")] {
            let stored = values.iter().filter(|value| value["role"] == role && value["whole"] == place + 1);
            let stored: Vec<_> =
                stored.map(|value| (string(&value["label"]).to_owned(), value["value"].clone())).collect();
            let printed = number[field].as_object().cloned().unwrap_or_default();
            assert_eq!(stored, printed.into_iter().collect::<Vec<_>>());
        }
        if let Some(target) = number["target"].as_i64() {
            let goal = array(&Self::record(&self.targets, program, of)["values"]);
            assert!(goal.iter().any(|value| value["item"] == stored["item"] && value["value"] == target), "{number}");
        }
    }

    /// How many results have this level; of them, how many are of priority.
    fn counted(&self, scheme: &str, level: &Value) -> (usize, usize) {
        let rated: Vec<&Value> = self
            .results
            .iter()
            .filter(|result| {
                let mut all = array(&result["evaluations"]).iter();
                all.any(|evaluation| {
                    evaluation["scheme"] == scheme && (level.is_null() || evaluation["level"] == *level)
                })
            })
            .collect();
        let of_priority = |result: &&&Value| {
            self.programs.iter().any(|program| program["code"] == result["program"] && program["priority"] == true)
        };
        (rated.len(), rated.iter().filter(of_priority).count())
    }

    /// The header as printed, and equal to what the rows give.
    pub fn assert_header(&self, document: &Value) {
        let header = &document["header"];
        let scheme = |code: &str| self.schemes.iter().find(|scheme| scheme["code"] == code).unwrap();
        let levels = array(&scheme("achievement")["levels"]);
        assert_eq!(levels.len(), array(&header["achievement"]).len());
        for (level, printed) in levels.iter().zip(array(&header["achievement"])) {
            assert_eq!((&level["code"], &level["label"]), (&json!(printed["code"].to_string()), &printed["label"]));
        }
        let levels = array(&scheme("check_result")["levels"]);
        assert_eq!(levels.len(), array(&header["check_result"]).len());
        for (level, printed) in levels.iter().zip(array(&header["check_result"])) {
            let cell = [&printed["code"], &printed["row"], &printed["column"]];
            assert_eq!([&level["code"], &level["matrix_row"], &level["matrix_column"]], cell);
        }
        let declared = array(&self.report["declared_counts"]);
        let printed = array(&header["achievement"]).iter().chain([&header["achievement_total"]]);
        let printed: Vec<&Value> = printed.chain(array(&header["check_result"])).collect();
        assert_eq!(declared.len(), printed.len());
        for (declared, printed) in declared.iter().zip(printed) {
            assert_eq!(
                (&declared["count"], &declared["of_which_priority"]),
                (&printed["programs"], &printed["priority_programs"]),
            );
            let (count, of_priority) = self.counted(string(&declared["scheme"]), &declared["level"]);
            assert_eq!(declared["count"], count, "{declared}");
            assert!(
                declared["of_which_priority"].is_null() || declared["of_which_priority"] == of_priority,
                "{declared}"
            );
        }
    }

    /// The figures of the check list, from the answers alone.
    pub fn assert_check_figures(&self) {
        assert_eq!(self.programs.iter().filter(|program| program["priority"] == true).count(), 11);
        let counts = |scheme: &str, levels: &[&str]| -> Vec<(usize, usize)> {
            levels.iter().map(|level| self.counted(scheme, &json!(level))).collect()
        };
        assert_eq!(counts("achievement", &["1", "2", "3", "4", "5"]), [(0, 0), (0, 0), (11, 11), (0, 0), (0, 0)]);
        assert_eq!(self.counted("achievement", &Value::Null), (11, 11));
        let check: Vec<usize> =
            counts("check_result", &["A", "B", "C", "D", "E", "F", "G", "H"]).iter().map(|(count, _)| *count).collect();
        assert_eq!(check, [1, 0, 10, 0, 0, 0, 0, 0]);
        let expanded =
            self.results.iter().filter(|result| array(&result["evaluations"]).iter().any(|of| of["level"] == "A"));
        let expanded: Vec<&Value> = expanded.map(|result| &result["program_name"]).collect();
        assert_eq!(expanded, ["区における教育支援推進事業"]);

        assert_eq!((self.targets.len(), self.results.len()), (55, 22));
        assert_eq!(self.targets.iter().filter(|target| target["period"] == "baseline").count(), 11);
        // An empty cell of a changed goal is no amendment: four of them in each program.
        let changed = self.targets.iter().filter(|target| target["amendment"] != 0).count();
        let may_change = self.targets.iter().filter(|target| target["period"] != "baseline").count();
        assert_eq!((changed, may_change), (0, 44));
        let wards = ["141313", "141321", "141330", "141348", "141364", "141356", "141372"];
        let areas: Vec<&str> = self.programs.iter().filter_map(|program| program["area"].as_str()).collect();
        assert_eq!(areas, wards);

        let of = |test: &dyn Fn(&Value) -> bool| self.values.iter().filter(|row| test(row)).count();
        let figure = |row: &Value| row["value"]["role"] == "main" || row["value"]["role"] == "paired";
        let results = of(&|row| row["part"] == "results" && figure(row));
        let baseline = of(&|row| row["part"] == "targets" && row["period"] == "baseline");
        assert_eq!((results, baseline, results + baseline), (70, 8, 78));
        // Beside the 78: three parts of a sum, and six goals in figures.
        assert_eq!((of(&|row| row["part"] == "targets") - baseline, self.values.len()), (6, 78 + 3 + 6));
        for row in &self.values {
            let records = if row["part"] == "targets" { &self.targets } else { &self.results };
            let record =
                records.iter().find(|record| record["program"] == row["program"] && record["period"] == row["period"]);
            let text = string(&record.unwrap()["texts"]["text"]);
            assert!(text.contains(string(&row["value"]["source"])), "{row}");
        }
        let parts: Vec<&Value> = self.values.iter().filter(|row| row["value"]["role"] == "part_of").collect();
        let sum: i64 = parts.iter().map(|row| row["value"]["value"].as_i64().unwrap()).sum();
        let whole = self.values.iter().find(|row| {
            (&row["program"], &row["period"], &row["ordinal"])
                == (&json!("1"), &json!("2011"), &parts[0]["value"]["whole"])
        });
        assert_eq!((parts.len(), sum, &whole.unwrap()["value"]["value"]), (2, 375 + 326, &json!(701)));
    }
}
