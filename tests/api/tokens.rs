//! Clients and their tokens, from the operator's command to the refused request.

mod hostile;
mod keys;
mod refused;

use crate::given::{create, plan_body};
use crate::harness::{Answer, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use hagukumi::auth::jwt::Role;
use hagukumi::clients::ClientId;
use hagukumi::clients::commands::{self, NewClient, Rotation};
use hagukumi::domain::code::Code;
use serde_json::json;

pub const TOKEN: &str = "//oauth/token";
const CITY: &str = "132292";
const BOTH: [Role; 2] = [Role::MunicipalEditor, Role::MunicipalApprover];

pub fn id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub fn new(client: &str, roles: &[Role], bodies: &[&str]) -> NewClient {
    let bodies = bodies.iter().map(|code| Code::parse(code).unwrap()).collect();
    NewClient { id: id(client), name: "見本のシステム".into(), roles: roles.to_vec(), bodies }
}

/// A client `city` of Nishitokyo, and its secret.
pub async fn city(server: &Server) -> String {
    let secret = commands::add(&server.owner_address(), new("city", &BOTH, &[CITY]), server.now()).await.unwrap();
    secret.as_str().to_owned()
}

pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}

async fn ask(server: &Server, client: &str, secret: &str) -> Answer {
    let call = server.post(TOKEN).header("authorization", &basic(client, secret));
    call.form("grant_type=client_credentials").send().await
}

async fn rotate(server: &Server, rotation: Rotation) -> String {
    server.advance(Duration::seconds(60));
    let secret = commands::rotate(&server.owner_address(), &id("city"), rotation, server.now()).await.unwrap();
    secret.map(|secret| secret.as_str().to_owned()).unwrap_or_default()
}

#[actix_web::test]
async fn a_client_gets_a_token_and_does_its_work_with_it() {
    let server = Server::start().await;
    let secret = city(&server).await;
    let by_basic = ask(&server, "city", &secret).await;
    let form = format!("grant_type=client_credentials&client_id=city&client_secret={secret}&resource=ignored&scope=");
    let by_body = server.post(TOKEN).form(form).expect(200).await;
    for answer in [&by_basic, &by_body] {
        assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
        let token = answer.json["access_token"].as_str().unwrap();
        let rest = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 600,
                           "scope": "municipal_editor municipal_approver" });
        assert_eq!(answer.json, rest);
        let claims = server.state.issuer.verify(token, server.now()).unwrap();
        assert_eq!((claims.sub.as_str(), claims.client_id.as_str(), claims.exp - claims.iat), ("city", "city", 600));
        assert_eq!(
            (claims.roles.as_slice(), claims.bodies.as_slice()),
            (BOTH.as_slice(), [CITY.to_owned()].as_slice())
        );
    }
    let token = by_basic.json["access_token"].as_str().unwrap();
    create(&server, token, &format!("/plans/{CITY}-mihon-2025"), &plan_body("見本の計画", 2025, 2029)).await;
    // Not beyond its body, not beyond its life: a minute before, a minute after.
    let other = server.put("/plans/132284-mihon-2025").token(token).create();
    other.json(&plan_body("見本の計画", 2025, 2029)).expect(403).await;
    let again = |status| {
        let call = server.put(&format!("/plans/{CITY}-mihon-2025")).token(token).create();
        call.json(&plan_body("見本の計画", 2025, 2029)).expect(status)
    };
    server.advance(Duration::minutes(9));
    again(200).await;
    server.advance(Duration::minutes(2));
    again(401).await;
}

#[actix_web::test]
async fn a_scope_narrows_and_never_widens() {
    let server = Server::start().await;
    let secret = city(&server).await;
    let asked = async |scope: &str| {
        let body = serde_urlencoded::to_string([("grant_type", "client_credentials"), ("scope", scope)]).unwrap();
        server.post(TOKEN).header("authorization", &basic("city", &secret)).form(body).send().await
    };
    for (scope, granted) in [
        ("municipal_editor", "municipal_editor"),
        ("municipal_approver municipal_editor", "municipal_approver municipal_editor"),
        ("municipal_editor municipal_editor", "municipal_editor"),
        ("", "municipal_editor municipal_approver"),
    ] {
        let answer = asked(scope).await;
        assert_eq!((answer.status, answer.json["scope"].as_str()), (200, Some(granted)), "{scope}: {answer:?}");
        server.advance(Duration::seconds(1));
    }
    for scope in
        ["administrator", "municipal_editor administrator", " ", "municipal_editor ", "MUNICIPAL_EDITOR", "\"", "役割"]
    {
        let answer = asked(scope).await;
        assert_eq!((answer.status, answer.json["error"].as_str()), (400, Some("invalid_scope")), "{scope}: {answer:?}");
        server.advance(Duration::seconds(1));
    }
    let token = asked("municipal_editor").await.json["access_token"].as_str().unwrap().to_owned();
    let plan = server.put(&format!("/plans/{CITY}-mihon-2025")).token(&token).create();
    plan.json(&plan_body("見本の計画", 2025, 2029)).expect(403).await;
}

#[actix_web::test]
async fn a_secret_is_changed_without_a_pause() {
    let server = Server::start().await;
    let good = async |secret: &str| ask(&server, "city", secret).await.status == 200;
    let first = city(&server).await;
    let second = rotate(&server, Rotation::Beside).await;
    assert!(good(&first).await && good(&second).await);
    let third = rotate(&server, Rotation::Beside).await;
    assert!(!good(&first).await && good(&second).await && good(&third).await, "the oldest of three ends");
    assert_eq!(rotate(&server, Rotation::Finish).await, "");
    assert!(!good(&second).await && good(&third).await);
    let fourth = rotate(&server, Rotation::Beside).await;
    let fifth = rotate(&server, Rotation::AtOnce).await;
    for (secret, is_good) in [(&third, false), (&fourth, false), (&fifth, true)] {
        server.advance(Duration::seconds(10));
        assert_eq!(good(secret).await, is_good);
    }
    let kept = server.count("select count(*) from client_secrets").await;
    let journal = "select count(*) from journal where resource = 'client' and subject = 'operator' and version =";
    let changes = [server.count(&format!("{journal} 1")).await, server.count(&format!("{journal} 6")).await];
    assert_eq!((kept, changes), (1, [1, 1]));
    for secret in [first, second, third, fourth, fifth] {
        let told = format!("select count(*) from journal j where j::text like '%{secret}%'");
        assert_eq!(server.count(&told).await, 0);
    }
    assert_eq!(server.count("select count(*) from journal where (before, after)::text like '%argon2%'").await, 0);
}

#[actix_web::test]
async fn a_disabled_client_is_refused_everywhere_within_30_seconds() {
    let server = Server::start().await;
    let secret = city(&server).await;
    let token = ask(&server, "city", &secret).await.json["access_token"].as_str().unwrap().to_owned();
    let look = async || server.state.access.look(&server.state.db, &server.state.clock).await.unwrap();
    let working = |status| server.get("/reports?view=working").token(&token).expect(status);
    look().await;
    working(200).await;
    commands::disable(&server.owner_address(), &id("city"), server.now()).await.unwrap();
    let refused = ask(&server, "city", &secret).await;
    assert_eq!((refused.status, refused.json["error"].as_str()), (401, Some("invalid_client")));
    // The token is known and good; the next look, ten seconds later at most, ends it.
    server.advance(Duration::seconds(10));
    working(200).await;
    look().await;
    let refused = working(401).await;
    assert_eq!(refused.code(), "request.unauthorized");
    // A service that cannot look for 30 seconds believes no token.
    server.advance(Duration::seconds(31));
    let unknown = working(503).await;
    assert_eq!((unknown.code(), unknown.header("retry-after")), ("service.unavailable", "2"));
    look().await;
    working(401).await;
    // For good: nobody comes back under this id.
    let again = commands::add(&server.owner_address(), new("city", &BOTH, &[CITY]), server.now()).await.unwrap_err();
    assert!(again.to_string().contains("already"), "{again}");
    let rotated = commands::rotate(&server.owner_address(), &id("city"), Rotation::Beside, server.now()).await;
    assert!(rotated.unwrap_err().to_string().contains("for good"));
    let twice = commands::disable(&server.owner_address(), &id("city"), server.now()).await;
    assert!(twice.unwrap_err().to_string().contains("for good"));
}

#[actix_web::test]
async fn a_client_that_makes_no_sense_is_not_added() {
    let server = Server::start().await;
    let owner = server.owner_address();
    let add = async |new: NewClient| match commands::add(&owner, new, server.now()).await {
        Ok(_) => String::new(),
        Err(refused) => refused.to_string(),
    };
    for (new, why) in [
        (new("a-city", &[Role::MunicipalEditor], &[]), "acts for a municipality"),
        (new("a-city", &[Role::MunicipalEditor], &["130001"]), "acts for a municipality"),
        (new("a-city", &[Role::PrefectureReader], &["130001", CITY]), "can do nothing for 132292"),
        (new("a-city", &[Role::Administrator], &[CITY]), "can do nothing for 132292"),
        (new("a-ward", &[Role::MunicipalEditor], &["141313"]), "no municipality"),
        (new("nowhere", &[Role::MunicipalEditor], &["139998"]), "no municipality"),
        (NewClient { name: String::new(), ..new("a-city", &BOTH, &[CITY]) }, "--name"),
        (NewClient { name: "a\nb".into(), ..new("a-city", &BOTH, &[CITY]) }, "--name"),
    ] {
        let refused = add(new).await;
        assert!(refused.contains(why) && refused.contains(" / ") && !refused.is_ascii(), "{why}: {refused}");
    }
    assert_eq!(
        server.count("select (select count(*) from clients) + (select count(*) from journal) as count").await,
        0
    );
    for good in [
        new("vendor", &BOTH, &[CITY, "132284", CITY]),
        new("tokyo", &[Role::PrefectureEditor, Role::MunicipalEditor], &["130001", CITY]),
        new("admin", &[Role::Administrator], &[]),
    ] {
        assert_eq!(add(good).await, "");
    }
    let mut shown = Vec::new();
    commands::list(&owner, &mut shown).await.unwrap();
    let at = "2026-11-21T09:00:00.000000+09:00";
    assert_eq!(
        String::from_utf8(shown).unwrap(),
        format!(
            "admin\tenabled\t{at}\tadministrator\t\t見本のシステム\n\
             tokyo\tenabled\t{at}\tmunicipal_editor,prefecture_editor\t130001,132292\t見本のシステム\n\
             vendor\tenabled\t{at}\tmunicipal_editor,municipal_approver\t132284,132292\t見本のシステム\n"
        )
    );
}

/// What has broken into the service cannot give itself a client.
#[actix_web::test]
async fn the_service_cannot_write_clients() {
    use diesel_async::SimpleAsyncConnection;
    let server = Server::start().await;
    city(&server).await;
    let mut owner = server.owner().await;
    for (role, statement) in [
        (
            "hagukumi_service",
            "insert into clients (id, name, roles, bodies, created_at) values ('mallory', 'x', '{administrator}', '{}', now())",
        ),
        ("hagukumi_service", "update clients set roles = '{administrator}'"),
        ("hagukumi_service", "delete from clients"),
        ("hagukumi_service", "update client_secrets set hash = '$argon2id$'"),
        ("hagukumi_service", "insert into client_secrets values ('city', 2, '$argon2id$', now())"),
        ("hagukumi_published", "select * from clients"),
        ("hagukumi_published", "select * from client_secrets"),
    ] {
        owner.batch_execute(&format!("set role {role}")).await.unwrap();
        let refused = owner.batch_execute(statement).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{role}: {statement}: {refused}");
        owner.batch_execute("reset role").await.unwrap();
    }
}
