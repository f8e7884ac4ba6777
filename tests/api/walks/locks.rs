//! Two locks, the extractor and row-level security: each is taken away, and the other holds.

use super::operations;
use super::table::{Guard, guard};
use super::walls::{guarded, working_views};
use super::world::{CITY, DRAFT, NEIGHBOUR, PREFECTURE, SCOPES, fingerprint, world, write};
use crate::given::token_of;
use crate::harness::Server;
use diesel_async::SimpleAsyncConnection;
use hagukumi::auth::jwt::Role;

/// The database lets everybody do everything: only the service refuses.
const NO_POLICIES: &str = "do $$
    declare t record;
    begin
        for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity loop
            execute format('alter table %I disable row level security', t.relname);
        end loop;
    end
    $$";

/// The service lets everybody in as somebody else: whoever calls, the database is told of a city that has nothing to do
/// with anything here.
const ANOTHER_CALLER: &str = "
    create or replace function app_bodies() returns text[] language sql stable as $$ select array['132284'] $$;
    create or replace function app_audited() returns text[] language sql stable as $$ select array['132284'] $$;
    create or replace function app_administrator() returns boolean language sql stable as $$ select false $$";

async fn change(server: &Server, sql: &str) {
    server.owner().await.batch_execute(sql).await.unwrap();
}

#[actix_web::test]
async fn without_policies_the_extractors_hold() {
    let server = world().await;
    change(&server, NO_POLICIES).await;
    let before = fingerprint(&server).await;
    let mut broken = guarded(&server).await;
    assert_eq!(fingerprint(&server).await, before);
    // What depends on the state of a report, only the database knows: that its plan's owner does not see a draft yet.
    let owners = format!("of {PREFECTURE} the neighbour's draft");
    broken.extend(working_views(&server).await.into_iter().filter(|broken| !broken.contains(&owners)));
    assert!(broken.is_empty(), "{} got through:\n  {}", broken.len(), broken.join("\n  "));
}

#[actix_web::test]
async fn without_extractors_the_policies_hold() {
    let server = world().await;
    let tokens = [token_of(&server, CITY), token_of(&server, PREFECTURE), server.token(&[Role::Administrator], &[])];
    change(&server, ANOTHER_CALLER).await;
    let before = fingerprint(&server).await;
    let (mut broken, mut tried) = (Vec::new(), 0);
    for operation in operations() {
        let guard = guard(&operation.id);
        for scope in SCOPES {
            let address = scope.address(&operation);
            let places = [address.clone(), address.replace("/1?", "/9?").replace("/1/", "/9/").replace("/r?", "/r9?")];
            for token in &tokens {
                if operation.is_write() && guard != Guard::Public {
                    for place in &places {
                        for created in [false, true] {
                            let mut call = write(&server, &operation, place, true).token(token);
                            if created && operation.method == "PUT" {
                                call = server
                                    .put(place)
                                    .token(token)
                                    .create()
                                    .json(&super::world::body(&operation.id, true));
                            }
                            let answer = call.send().await;
                            tried += 1;
                            // Of many each has an outcome of its own.
                            if answer.status < 400 && answer.json["moved"] != 0 {
                                broken.push(format!("{} {place}: {}", operation.id, answer.status));
                            }
                        }
                    }
                }
            }
        }
    }
    assert_eq!(fingerprint(&server).await, before, "something was written: {broken:#?}");
    assert!(broken.is_empty(), "{} writes got through:\n  {}", broken.len(), broken.join("\n  "));
    assert!(tried > 300, "only {tried} writes were tried");
}

#[actix_web::test]
async fn without_extractors_no_working_reading_gets_through() {
    let server = world().await;
    let tokens = [token_of(&server, CITY), token_of(&server, PREFECTURE), token_of(&server, NEIGHBOUR)];
    let mut tried = 0;
    for told in ["as it is", ANOTHER_CALLER] {
        let withheld = told == ANOTHER_CALLER;
        if withheld {
            change(&server, told).await;
        }
        let mut seen = Vec::new();
        for operation in operations() {
            let guard = guard(&operation.id);
            let has_view = matches!(guard, Guard::Party | Guard::Definition | Guard::WorkingList);
            if !has_view && !matches!(guard, Guard::Auditor | Guard::Parties) {
                continue;
            }
            for scope in [SCOPES[0], DRAFT] {
                let address = scope.address(&operation);
                let view = if has_view { "view=working" } else { "" };
                for token in &tokens {
                    let answer = server.get(&format!("{address}&{view}").replace("?&", "?")).token(token).send().await;
                    tried += 1;
                    let rows = answer.json["results"].as_array().map_or(usize::from(answer.status == 200), Vec::len);
                    let secret = answer.text.contains("秘密") || answer.text.contains(&format!("\"{}\"", DRAFT.plan));
                    let theirs = matches!(guard, Guard::Party | Guard::Parties | Guard::Auditor)
                        || matches!(operation.id.as_str(), "list_results" | "list_targets" | "list_reports");
                    if rows > 0 && (secret || theirs) {
                        seen.push(format!("{address}: {rows}"));
                    }
                }
            }
        }
        assert_eq!(seen.is_empty(), withheld, "{seen:#?}");
    }
    assert!(tried > 100, "only {tried} readings were tried");
}
