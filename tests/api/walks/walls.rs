//! Every operation × nobody, a hostile token, each role × the body itself, its neighbour, the plan's owner, strangers.

use super::table::{Guard, acts, guard};
use super::world::{CITY, DRAFT, NEIGHBOUR, PREFECTURE, SCOPES, STRANGERS, Scope, fingerprint, world, write};
use super::{Operation, operations};
use crate::harness::{Call, Server};
use actix_web::http::Method;
use hagukumi::auth::jwt::Role;

/// What a request came with.
pub enum From {
    Nobody,
    /// A token that is none of ours
    Hostile,
    Known {
        role: Role,
        body: &'static str,
        token: String,
    },
}

impl From {
    pub fn send(&self, call: Call) -> Call {
        match self {
            Self::Nobody => call,
            Self::Hostile => {
                call.token("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJyb2xlcyI6WyJhZG1pbmlzdHJhdG9yIl19.")
            }
            Self::Known { token, .. } => call.token(token),
        }
    }

    pub fn name(&self) -> String {
        match self {
            Self::Nobody => "nobody".to_owned(),
            Self::Hostile => "a hostile token".to_owned(),
            Self::Known { role, body, .. } => format!("{} of {body}", role.as_str()),
        }
    }
}

pub fn everybody(server: &Server) -> Vec<From> {
    let bodies = [CITY, NEIGHBOUR, PREFECTURE, STRANGERS[0], STRANGERS[1]];
    let known = Role::ALL
        .into_iter()
        .flat_map(|role| bodies.map(|body| From::Known { role, body, token: server.token(&[role], &[body]) }));
    known.chain([From::Nobody, From::Hostile]).collect()
}

/// Refusals that do not fit, all at once.
fn none(broken: &[String]) {
    assert!(broken.is_empty(), "{} do not fit:\n  {}", broken.len(), broken.join("\n  "));
}

const COMMON: Scope = Scope { plan: "", owner: "000000" };

/// What refuses whom with what, of every write and of the trail; wrong ones as text.
pub async fn guarded(server: &Server) -> Vec<String> {
    let everybody = everybody(server);
    let mut broken = Vec::new();
    for operation in operations() {
        let guard = guard(&operation.id);
        if matches!(guard, Guard::Public | Guard::Definition | Guard::Party | Guard::WorkingList) {
            continue;
        }
        let common = operation.path.contains("/indicators/{owner}").then_some(COMMON);
        for scope in SCOPES.into_iter().chain(common) {
            let address = scope.address(&operation);
            // A dry run is judged as a write and keeps nothing.
            let dry = if operation.parameters.iter().any(|name| name == "dry_run") { "dry_run=true" } else { "" };
            for from in &everybody {
                let call = if operation.method == "GET" {
                    server.get(&address)
                } else {
                    write(server, &operation, &format!("{address}{dry}"), false)
                };
                let answer = from.send(call).send().await;
                let allowed = match from {
                    From::Nobody | From::Hostile => false,
                    From::Known { role, body, .. } => guard.allows(*role, body, scope.owner_of(&operation), CITY),
                };
                let fits = match (from, allowed) {
                    (From::Nobody | From::Hostile, _) => {
                        (answer.status, answer.code()) == (401, "request.unauthorized")
                    }
                    (_, false) => (answer.status, answer.code()) == (403, "request.forbidden"),
                    // Not there among the common ones, or still in use: the caller was let in.
                    (_, true) => {
                        matches!(answer.status, 200 | 201 | 204 | 409)
                            || scope.owner == COMMON.owner && matches!(answer.status, 404 | 412)
                            || ["{warning}", "{import}"].iter().any(|own| operation.path.contains(own))
                                && answer.status == 404
                    }
                };
                if !fits {
                    let (id, name) = (&operation.id, from.name());
                    broken.push(format!("{id} {address} by {name}: {} {}", answer.status, answer.code()));
                }
            }
        }
    }
    broken
}

#[actix_web::test]
async fn each_write_is_open_to_whom_the_table_says_and_to_nobody_else() {
    let server = world().await;
    let before = fingerprint(&server).await;
    none(&guarded(&server).await);
    assert_eq!(fingerprint(&server).await, before, "nothing was written");
}

/// What is public is the same for everybody, whatever token comes with it.
#[actix_web::test]
async fn each_public_reading_is_open_to_everybody() {
    let server = world().await;
    let everybody = everybody(&server);
    let mut broken = Vec::new();
    for operation in operations().into_iter().filter(|operation| operation.method == "GET") {
        if matches!(
            guard(&operation.id),
            Guard::Auditor | Guard::Insider | Guard::Importer | Guard::Parties | Guard::Reporter
        ) {
            continue;
        }
        for scope in SCOPES {
            let address = scope.address(&operation);
            let first = server.get(&address).expect(200).await;
            // Where tokens count for nothing, three callers tell as much as all.
            for from in everybody.iter().step_by(11).chain(everybody.last()) {
                let answer = from.send(server.get(&address)).send().await;
                if (answer.status, &answer.text) != (200, &first.text) {
                    broken.push(format!("{} {address} by {}: {}", operation.id, from.name(), answer.status));
                }
            }
        }
    }
    none(&broken);
}

/// The status a working reading has for a caller.
fn working(guard: Guard, from: &From, owner: &str, draft: bool) -> u16 {
    let From::Known { role, body, .. } = from else { return 401 };
    let party = [owner, CITY].contains(body);
    match guard {
        _ if !acts(*role, body) => 403,
        Guard::Party if !party => 404,
        Guard::Definition if draft && !party => 404,
        _ => 200,
    }
}

/// What the working views answer to whom; wrong ones as text.
pub async fn working_views(server: &Server) -> Vec<String> {
    let everybody = everybody(server);
    let mut broken = Vec::new();
    for operation in operations() {
        let guard = guard(&operation.id);
        let of = |scope: Scope| {
            let address = scope.address(&operation);
            format!("{address}{}view=working", if address.ends_with('?') { "" } else { "&" })
        };
        let scopes: &[Scope] = match guard {
            Guard::Definition => &[SCOPES[0], SCOPES[1], DRAFT],
            Guard::Party | Guard::WorkingList => &SCOPES,
            _ => continue,
        };
        for scope in scopes {
            for from in &everybody {
                let answer = from.send(server.get(&of(*scope))).send().await;
                let expected = working(guard, from, scope.owner, scope.plan == DRAFT.plan);
                let kept = answer.status != 200 || answer.header("cache-control") == "no-store";
                if answer.status != expected || !kept {
                    let (id, name, status) = (&operation.id, from.name(), answer.status);
                    let kept = if kept { "" } else { ", and a cache would keep it" };
                    broken.push(format!("{id} {} by {name}: {status}, not {expected}{kept}", of(*scope)));
                }
                if answer.status == 200 {
                    leaks(&operation, from, &answer.text, &mut broken);
                }
            }
        }
    }
    broken
}

/// The neighbour's draft, and the draft plan, in the answers of those who may not see them.
fn leaks(operation: &Operation, from: &From, text: &str, broken: &mut Vec<String>) {
    let body = if let From::Known { body, .. } = from { *body } else { "" };
    if text.contains("秘密") && body != NEIGHBOUR {
        broken.push(format!("{} tells {} the neighbour's draft", operation.id, from.name()));
    }
    if text.contains(DRAFT.plan) && ![PREFECTURE, CITY].contains(&body) {
        broken.push(format!("{} tells {} of a draft plan", operation.id, from.name()));
    }
}

#[actix_web::test]
async fn each_working_view_is_open_to_its_parties_and_to_nobody_else() {
    let server = world().await;
    none(&working_views(&server).await);
    for operation in operations().into_iter().filter(|operation| guard(&operation.id) == Guard::Definition) {
        let call = server.call(Method::GET, &DRAFT.address(&operation));
        assert_eq!(call.send().await.status, 404, "{} of a draft plan is public", operation.id);
    }
}
