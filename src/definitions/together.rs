//! Several definitions written at once: each as if it were written alone, all under one number.

use super::{Definition, json, number, tell};
use crate::auth::Caller;
use crate::db::Conn;
use crate::error::Error;
use crate::journal::{self, Operation};
use crate::publications;
use crate::state::State;

pub struct Together<'a> {
    state: &'a State,
    tx: &'a Conn,
    caller: &'a Caller,
    changes: Vec<publications::Entry>,
}

impl<'a> Together<'a> {
    pub fn new(state: &'a State, tx: &'a Conn, caller: &'a Caller) -> Self {
        Self { state, tx, caller, changes: Vec::new() }
    }

    /// The version it begins with.
    pub async fn create<D: Definition>(&mut self, key: &D::Key, body: &D::Body) -> Result<i64, Error> {
        D::check(self.tx, key, None, body).await?;
        let version = journal::next_version(self.tx, D::RESOURCE, json(key)?).await?;
        if !D::insert(self.tx, key, body, version).await? {
            return Err(Error::contended());
        }
        self.tell::<D>(key, Operation::Create, version, None, body).await?;
        Ok(version)
    }

    /// `before`: what is replaced, with its version.
    pub async fn replace<D: Definition>(
        &mut self,
        key: &D::Key,
        (before, version): (&D::Body, i64),
        body: &D::Body,
    ) -> Result<(), Error> {
        D::check(self.tx, key, Some(before), body).await?;
        if !D::update(self.tx, key, body, version).await? {
            return Err(Error::contended());
        }
        self.tell::<D>(key, Operation::Replace, version + 1, Some(before), body).await
    }

    async fn tell<D: Definition>(
        &mut self,
        key: &D::Key,
        operation: Operation,
        version: i64,
        before: Option<&D::Body>,
        after: &D::Body,
    ) -> Result<(), Error> {
        let told = tell::<D>(self.state, self.tx, self.caller, key, operation, version, before, Some(after)).await?;
        self.changes.extend(told);
        Ok(())
    }

    /// The number, last of all: what is not public takes none.
    pub async fn close(self, dry_run: bool) -> Result<(), Error> {
        number(self.state, self.tx, dry_run, self.changes).await
    }
}
