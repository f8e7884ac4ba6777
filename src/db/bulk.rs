//! Filling tables by COPY, as their owner: for a command that makes a database, and for no request.

use super::Address;
use actix_web::web::Bytes;
use futures_util::{SinkExt, pin_mut};
use std::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};

pub use super::migrations::Failure;

/// So many bytes are sent at once.
const PIECE: usize = 256 * 1024;

/// Rows of a table, each a line in the text form of COPY.
pub struct Table<'a> {
    pub name: &'static str,
    pub columns: &'static str,
    pub lines: Box<dyn Iterator<Item = String> + Send + 'a>,
}

pub struct Bulk(Client);

/// What makes tables slow to fill, to be made again when they are full.
pub struct LaidAside(Vec<String>);

impl Bulk {
    pub async fn open(owner: &Address) -> Result<Self, Failure> {
        let client = owner.open_driver().await?;
        client.batch_execute("set synchronous_commit = off; set maintenance_work_mem = '1GB'; set jit = off").await?;
        Ok(Self(client))
    }

    pub async fn run(&self, statements: &str) -> Result<(), Failure> {
        Ok(self.0.batch_execute(statements).await?)
    }

    pub async fn rows(&self, query: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        Ok(self.0.query(query, parameters).await?)
    }

    /// Beside what is there. Tells how many rows came.
    pub async fn copy(&mut self, table: Table<'_>) -> Result<u64, Failure> {
        self.send(table, "").await
    }

    /// Instead of what is there, in one transaction: so rows can be written as ones that everybody sees already, and no
    /// vacuum has to mark them later.
    pub async fn fill(&mut self, table: Table<'_>) -> Result<u64, Failure> {
        self.run(&format!("begin; truncate {}", table.name)).await?;
        let rows = self.send(table, "(freeze)").await?;
        self.run("commit").await?;
        Ok(rows)
    }

    async fn send(&self, table: Table<'_>, how: &str) -> Result<u64, Failure> {
        let Table { name, columns, lines } = table;
        let sink = self.0.copy_in::<_, Bytes>(&format!("copy {name} ({columns}) from stdin {how}")).await?;
        pin_mut!(sink);
        let fresh = || String::with_capacity(PIECE + PIECE / 16);
        let mut piece = fresh();
        for line in lines {
            piece.push_str(&line);
            if piece.len() > PIECE {
                sink.feed(std::mem::replace(&mut piece, fresh()).into()).await?;
            }
        }
        sink.send(piece.into()).await?;
        Ok(sink.finish().await?)
    }

    /// Takes foreign keys and indexes of these tables away. Primary keys stay, since rows come in their order, and checks
    /// stay, since they cost little and prove what is written.
    pub async fn lay_aside(&self, tables: &[&str]) -> Result<LaidAside, Failure> {
        let query = "
            select format('alter table %I drop constraint %I', r.relname, c.conname),
                   format('alter table %I add constraint %I %s', r.relname, c.conname, pg_get_constraintdef(c.oid))
            from pg_constraint c join pg_class r on r.oid = c.conrelid
            where r.relname = any($1) and c.contype = 'f'
            union all
            select format('drop index %I', i.relname), pg_get_indexdef(i.oid)
            from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class r on r.oid = x.indrelid
            where r.relname = any($1) and not x.indisprimary";
        let mut again = Vec::new();
        for row in self.rows(query, &[&tables]).await? {
            self.run(row.try_get(0)?).await?;
            again.push(row.try_get(1)?);
        }
        Ok(LaidAside(again))
    }
}

impl LaidAside {
    /// By two hands: an index is made by one core.
    pub async fn put_back(self, one: &Bulk, other: &Bulk) -> Result<(), Failure> {
        let work = Mutex::new(self.0);
        let next = || work.lock().ok().and_then(|mut left| left.pop());
        let hand = async |bulk: &Bulk| -> Result<(), Failure> {
            while let Some(statement) = next() {
                bulk.run(&statement).await?;
            }
            Ok(())
        };
        tokio::try_join!(hand(one), hand(other))?;
        Ok(())
    }
}
