//! `hagukumi client add|list|rotate|disable`: the operator's hand on the clients, through the owner's login.
//!
//! Each change leaves its row in the journal, with `operator` as its subject and never a secret or a hash.

use super::secret::Secret;
use super::{Client, ClientId, queries, rules};
use crate::auth::Caller;
use crate::auth::jwt::Role;
use crate::clock::wire;
use crate::db::{Address, Conn, as_owner};
use crate::domain::code::Code;
use crate::error::Error;
use crate::journal::{self, Entry, Operation};
use crate::server::Failure;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::io::Write;
use uuid::Uuid;

const RESOURCE: &str = "client";

/// What a new client is to be.
pub struct NewClient {
    pub id: ClientId,
    pub name: String,
    pub roles: Vec<Role>,
    pub bodies: Vec<Code>,
}

/// Which secrets a client has after `rotate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// A new one beside the newest of those it has.
    Beside,
    /// A new one, and no other from now on.
    AtOnce,
    /// No new one: the newest of those it has, and no other from now on.
    Finish,
}

/// A client and its first secret.
pub async fn add(owner: &Address, new: NewClient, now: DateTime<Utc>) -> Result<Secret, Failure> {
    add_with(owner, new, Secret::generate()?, now).await
}

/// As [`add`], with a secret that is known beforehand: the demo's are.
pub async fn add_with(
    owner: &Address,
    mut new: NewClient,
    secret: Secret,
    now: DateTime<Utc>,
) -> Result<Secret, Failure> {
    new.roles.sort();
    new.roles.dedup();
    new.bodies.sort();
    new.bodies.dedup();
    rules::check(&new.roles, &new.bodies)?;
    if !(1..=100).contains(&new.name.chars().count()) || new.name.contains(char::is_control) {
        return Err("--name has 1 to 100 characters / --name は1〜100文字です".into());
    }
    let NewClient { id, name, roles, bodies } = new;
    let client = Client { id, name, roles, bodies, created_at: now, disabled_at: None };
    let hash = secret.hash()?;
    let done = as_owner(owner, async |tx| {
        let unknown = queries::unknown_bodies(tx, &client.bodies).await?;
        if !unknown.is_empty() {
            let codes: Vec<String> = unknown.iter().map(Code::to_string).collect();
            let codes = codes.join(", ");
            return Ok(Err(format!(
                "{codes}: no municipality or prefecture has this code (a ward acts through its city) / \
                 このコードの市区町村・都道府県はありません（行政区は市のコードで）"
            )));
        }
        if !queries::create(tx, &client).await? {
            return Ok(Err(format!(
                "{}: there is such a client already; an id is never given twice / このクライアントIDは使用済みです",
                client.id
            )));
        }
        queries::add_secret(tx, &client.id, &hash, now).await?;
        record(tx, &client, Operation::Create, None, now).await?;
        Ok(Ok(()))
    });
    done.await??;
    Ok(secret)
}

/// The new secret, where there is one.
pub async fn rotate(
    owner: &Address,
    id: &ClientId,
    rotation: Rotation,
    now: DateTime<Utc>,
) -> Result<Option<Secret>, Failure> {
    let secret = if rotation == Rotation::Finish { None } else { Some(Secret::generate()?) };
    let hash = secret.as_ref().map(Secret::hash).transpose()?;
    let done = as_owner(owner, async |tx| {
        let client = match in_force(queries::lock(tx, id).await?, id) {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(hash) = &hash {
            queries::add_secret(tx, id, hash, now).await?;
        }
        if rotation != Rotation::Beside {
            queries::keep_newest_secret(tx, id).await?;
        }
        record(tx, &client, Operation::Replace, Some(&client), now).await?;
        Ok(Ok(()))
    });
    done.await??;
    Ok(secret)
}

pub async fn disable(owner: &Address, id: &ClientId, now: DateTime<Utc>) -> Result<(), Failure> {
    let done = as_owner(owner, async |tx| {
        let client = match in_force(queries::lock(tx, id).await?, id) {
            Ok(client) => client,
            Err(refused) => return Ok(Err(refused)),
        };
        queries::disable(tx, id, now).await?;
        let disabled = Client { disabled_at: Some(now), ..client.clone() };
        record(tx, &disabled, Operation::Replace, Some(&client), now).await?;
        Ok(Ok(()))
    });
    Ok(done.await??)
}

/// One line a client: id, state, ages of its secrets, roles, bodies, name.
pub async fn list(owner: &Address, mut out: impl Write) -> Result<(), Failure> {
    for (client, secrets) in as_owner(owner, async |tx| queries::all(tx).await).await? {
        let state =
            client.disabled_at.map_or_else(|| "enabled".to_owned(), |at| format!("disabled {}", wire::text(at)));
        let secrets: Vec<String> = secrets.into_iter().map(wire::text).collect();
        let roles: Vec<&str> = client.roles.iter().map(|role| role.as_str()).collect();
        let bodies: Vec<&str> = client.bodies.iter().map(Code::as_str).collect();
        let (secrets, roles, bodies) = (secrets.join(","), roles.join(","), bodies.join(","));
        writeln!(out, "{}\t{state}\t{secrets}\t{roles}\t{bodies}\t{}", client.id, client.name)?;
    }
    Ok(())
}

fn in_force(found: Option<Client>, id: &ClientId) -> Result<Client, String> {
    match found {
        Some(client) if client.disabled_at.is_none() => Ok(client),
        Some(_) => {
            Err(format!("{id} is disabled, for good: add another client / {id} は無効です。別のIDで追加してください"))
        }
        None => Err(format!("{id}: no such client; `hagukumi client list` shows them / このクライアントはありません")),
    }
}

/// A change of secrets has the same content before and after: that there was one is what the row tells.
async fn record(
    tx: &Conn,
    client: &Client,
    operation: Operation,
    before: Option<&Client>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let key = json!({ "client": client.id.as_str() });
    let shown = |client: &Client| -> Value {
        json!({
            "name": client.name, "roles": client.roles,
            "bodies": client.bodies.iter().map(Code::as_str).collect::<Vec<_>>(),
            "disabled_at": client.disabled_at.map(wire::text),
        })
    };
    let version = journal::next_version(tx, RESOURCE, key.clone()).await?;
    let entry = Entry {
        resource: RESOURCE,
        key,
        body: None,
        plan: None,
        operation,
        version,
        before: before.map(shown),
        after: Some(shown(client)),
        person: None,
    };
    journal::record(tx, &Caller::without_authority("operator", Uuid::now_v7()), now, entry).await
}
