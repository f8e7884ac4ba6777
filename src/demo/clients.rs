//! The demo's clients: one for each role of its examples, with secrets that follow from its key, so that they are the
//! same at every start and known to nobody else.

use super::examples;
use super::key::Key;
use crate::auth::jwt::Role;
use crate::clients::commands::{self, NewClient};
use crate::clients::{ClientId, queries};
use crate::config;
use crate::db::{Address, as_owner};
use crate::domain::code::Code;
use crate::server::Failure;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Those of the examples, each role with all the bodies it acts for there.
fn clients() -> Result<Vec<NewClient>, Failure> {
    let mut bodies = BTreeMap::<Role, Vec<Code>>::new();
    for request in examples::requests()? {
        let of_role = bodies.entry(request.role).or_default();
        if let Some(body) = &request.body {
            of_role.push(Code::parse(body).map_err(|wrong| wrong.en())?);
        }
    }
    let client = |(role, bodies): (Role, Vec<Code>)| {
        let id = ClientId::parse(&format!("demo-{}", role.as_str().replace('_', "-"))).ok_or("no client id")?;
        Ok(NewClient { id, name: format!("デモ {}", role.label_ja()), roles: vec![role], bodies })
    };
    bodies.into_iter().map(client).collect()
}

/// Adds those that are missing.
pub(super) async fn add(owner: &Address, key: &Key, now: DateTime<Utc>) -> Result<(), Failure> {
    for client in clients()? {
        if as_owner(owner, async |tx| queries::find(tx, &client.id).await).await?.is_none() {
            let secret = key.secret_of(&client.id);
            commands::add_with(owner, client, secret, now).await?;
        }
    }
    Ok(())
}

pub(super) fn welcome(config: &config::Demo, key: &Key) -> Result<String, Failure> {
    let clients = clients()?;
    let mut text = "# Swagger UI の Authorize と /oauth/token で使うクライアントのIDとシークレット\n\
                    # clients, id and secret, for Authorize in the Swagger UI and for /oauth/token\n"
        .to_owned();
    for client in &clients {
        writeln!(text, "#   {:<28} {}", client.id, key.secret_of(&client.id).as_str())?;
    }
    if let Some(first) = clients.first() {
        let (base, secret) = (config.listen.local(), key.secret_of(&first.id));
        writeln!(
            text,
            "curl -u '{}:{}' -d grant_type=client_credentials 'http://{base}/oauth/token'",
            first.id,
            secret.as_str()
        )?;
    }
    Ok(text)
}
