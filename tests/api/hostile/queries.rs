use super::refused;
use crate::given::{kpi_plan, text, token_of};
use crate::harness::Server;
use serde_json::Value;

async fn server() -> Server {
    let server = Server::start().await;
    kpi_plan(&server, "130001-kpi", &["132284"]).await;
    server
}

/// (path, names of its query parameters) of every GET below the version.
fn reads() -> Vec<(String, Vec<String>)> {
    let document = serde_json::to_value(hagukumi::app::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let own = paths.filter_map(|(path, item)| Some((path.strip_prefix("/api/v1")?, item.get("get")?)));
    own.map(|(path, get)| {
        let parameters = get["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query");
        (path.to_owned(), query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect())
    })
    .collect()
}

fn filled(path: &str) -> String {
    let keys = [
        ("{plan}", "130001-kpi"),
        ("{program}", "1"),
        ("{municipality}", "132284"),
        ("{period}", "2024"),
        ("{node}", "a"),
        ("{owner}", "132284"),
        ("{indicator}", "a"),
        ("{scheme}", "a"),
        ("{fiscal_year}", "2024"),
        ("{round}", "2024-targets"),
        ("{department}", "a"),
        ("{amendment}", "1"),
        ("{prefecture}", "130001"),
        ("{dataset}", "values"),
    ];
    keys.iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

#[actix_web::test]
async fn no_hostile_query_gets_anywhere() {
    let server = server().await;
    let mut tried = 0;
    for (path, names) in reads() {
        let everywhere = [
            "nonsense=1",
            "nonsense",
            "=1",
            "=",
            "%00=1",
            "%ff=1",
            "%zz=1",
            "a%5B%5D=1",
            "見=1",
            "view%00=1",
            "VIEW=public",
            "__proto__=1",
            "view[]=working",
            "constructor.prototype=1",
            "%F0%9F%98%80=1",
            "a=1&a=2",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1",
        ];
        let lists = [
            "limit=0",
            "limit=-1",
            "limit=1001",
            "limit=1e2",
            "limit=1.0",
            "limit=99999999999999999999",
            "limit=",
            "limit",
            "limit=%20100",
            "limit=0x10",
            "limit=1;cursor=2",
            "limit=1&limit=1",
            "limit=1&limit=2",
            "limit=%EF%BC%91",
            "limit=NaN",
            "limit=1%00",
            "limit[]=1",
            "limit=100,100",
            "cursor=",
            "cursor=x",
            "cursor=%00",
            "cursor=%ff",
            "cursor=null",
            "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "cursor=..%2F..%2Fetc%2Fpasswd",
            "cursor='%20or%201=1--",
            "cursor=x&cursor=y",
            "cursor=%7B%7D",
        ];
        let views = ["view=", "view=Working", "view=all", "view=working&view=public", "view=working%00", "view=1"];
        let is_list = names.iter().any(|name| name == "limit");
        let mut queries = everywhere.to_vec();
        queries.extend(lists.iter().filter(|_| is_list));
        queries.extend(views.iter().filter(|_| names.iter().any(|name| name == "view")));
        for query in queries {
            let Ok(address) = format!("/api/v1{}?{query}", filled(&path)).parse::<actix_web::http::Uri>() else {
                continue;
            };
            let address = format!("/{address}");
            let answer = refused(&address, || server.get(&address)).await;
            assert!([400, 401].contains(&answer.status), "{address}: {answer:#?}");
            tried += 1;
        }
    }
    assert!(tried >= 500, "{tried}");
}

/// Every parameter of every read takes every value and answers, or refuses with a problem at that parameter.
#[actix_web::test]
async fn every_parameter_bears_every_value() {
    let server = server().await;
    let values = [
        "",
        "%00",
        "%ff",
        "%E3%81",
        "'",
        "%27%20or%201=1--",
        "%25",
        "_",
        "%5C",
        "-1",
        "0",
        "1e5",
        "99999999999999999999",
        "null",
        "true",
        "%7B%7D",
        "..%2F..",
        "%F0%9F%98%80",
        "2024-02-30",
        "2024-04-01T00:00:00",
        "2024-04-01T25:00:00%2B09:00",
        "9999-12-31T23:59:60Z",
        "%2B262143-01-01T00:00:00Z",
        "R99",
        "132284,132284",
        ",",
        "132284,",
        "000000",
        "130001-kpi%00",
        "a%0D%0AX-Header:1",
        "%EF%BC%91%EF%BC%93",
    ];
    let long = "x".repeat(3000);
    let mut others = Vec::new();
    for (path, names) in reads() {
        for name in &names {
            for value in values.iter().copied().chain([long.as_str()]) {
                // What must be named is.
                let with = match (path.as_str(), name.as_str()) {
                    ("/nodes" | "/rounds", other) if other != "plan" => "plan=130001-kpi&",
                    ("/aggregates", "indicator" | "statutory_program") => "period=2024&",
                    ("/aggregates", "period") => "statutory_program=after_school_care&",
                    ("/aggregates", _) => "statutory_program=after_school_care&period=2024&",
                    _ => "",
                };
                let address = format!("{}?{with}{name}={value}", filled(&path));
                let answer = server.get(&address).send().await;
                if answer.status < 400 {
                    continue;
                }
                let answer = refused(&address, || server.get(&address)).await;
                let pointers: Vec<&Value> =
                    answer.json["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
                let about_it = pointers.iter().any(|pointer| *pointer == name.as_str());
                if !about_it && ![401, 404].contains(&answer.status) {
                    others.push(format!("{address}: {} {}", answer.code(), answer.json["detail"]));
                }
            }
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

#[actix_web::test]
async fn no_hostile_key_gets_anywhere() {
    let server = server().await;
    let token = token_of(&server, "132284");
    let segments = [
        "%00",
        "%ff",
        "%E3%81",
        "%2e%2e",
        "%2F",
        "..%2F..%2Fetc",
        "%20",
        "a%20b",
        "%EF%BC%91",
        "%F0%9F%98%80",
        "'",
        "%27--",
        "-",
        "*",
        "~",
        "%25",
        "%0A",
        "132284%0A",
        "132285",
        "13228",
        "99999999999999999999",
        "2024-13",
        "R6",
        "2024%00",
        "null",
        "%7Bplan%7D",
        "a;b",
        "a,b",
    ];
    let long = "x".repeat(600);
    for (path, _) in reads() {
        let parts: Vec<&str> = path.split('/').collect();
        for (at, part) in parts.iter().enumerate().filter(|(_, part)| part.starts_with('{')) {
            for segment in segments.iter().copied().chain([long.as_str()]) {
                let mut parts = parts.clone();
                parts[at] = segment;
                let address = filled(&parts.join("/"));
                let answer = refused(&address, || server.get(&address)).await;
                assert!([400, 401, 404].contains(&answer.status), "{part} {address}: {answer:#?}");
            }
        }
    }
    for segment in segments {
        let address = format!("/targets/130001-kpi/{segment}/132284/2024");
        let answer = refused(&address, || server.put(&address).token(&token).create().json(&text("一回"))).await;
        assert!(answer.status < 500, "{address}: {answer:#?}");
    }
}

#[actix_web::test]
async fn what_takes_no_parameters_says_so() {
    let server = server().await;
    for path in ["//health/live", "//health/ready", "//.well-known/jwks.json"] {
        server.get(path).expect(200).await;
        for query in ["x=1", "verbose", "limit=1"] {
            let answer = refused(path, || server.get(&format!("{path}?{query}"))).await;
            assert_eq!(answer.code(), "request.unknown_parameter", "{path}?{query}");
        }
    }
}
