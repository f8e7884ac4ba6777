//! The database inside a private cluster. It is made under another name and gets its own when it is whole.

use super::Address;
use super::migrations::Failure;
use diesel::sql_types::Bool;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};

/// `server`: the cluster's owner, connected to another database. Names are ours, never a sender's.
pub async fn exists(server: &Address, name: &str) -> Result<bool, Failure> {
    let mut connection = server.open_plain().await?;
    let found = format!("exists (select from pg_database where datname = '{name}')");
    Ok(diesel::select(diesel::dsl::sql::<Bool>(&found)).get_result(&mut connection).await?)
}

/// A new, empty one in the place of one that was left half made.
pub async fn create(server: &Address, name: &str) -> Result<(), Failure> {
    if exists(server, name).await? {
        drop(server, name).await?;
    }
    Ok(server.open_plain().await?.batch_execute(&format!("create database {name}")).await?)
}

pub async fn drop(server: &Address, name: &str) -> Result<(), Failure> {
    Ok(server.open_plain().await?.batch_execute(&format!("drop database if exists {name} with (force)")).await?)
}

/// Waits for those who have just closed their connections.
pub async fn rename(server: &Address, from: &str, to: &str) -> Result<(), Failure> {
    Ok(server.open_plain().await?.batch_execute(&format!("alter database {from} rename to {to}")).await?)
}
