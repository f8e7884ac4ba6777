use super::secret::AT_MOST;
use super::{Client, ClientId};
use crate::auth::jwt::Role;
use crate::db::Conn;
use crate::db::schema::{client_secrets, clients, municipalities};
use crate::domain::code::Code;
use crate::error::Error;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clients)]
struct Row {
    id: String,
    name: String,
    roles: Vec<Option<String>>,
    bodies: Vec<Option<String>>,
    created_at: DateTime<Utc>,
    disabled_at: Option<DateTime<Utc>>,
}

impl Row {
    fn of(client: &Client) -> Self {
        Self {
            id: client.id.to_string(),
            name: client.name.clone(),
            roles: client.roles.iter().map(|role| Some(role.to_string())).collect(),
            bodies: client.bodies.iter().map(|body| Some(body.to_string())).collect(),
            created_at: client.created_at,
            disabled_at: client.disabled_at,
        }
    }

    /// What this program does not know is no authority to hand out.
    fn client(self) -> Result<Client, Error> {
        let unreadable = |what: &str| Error::internal(format!("client {}: unreadable {what}", self.id));
        let roles = self.roles.iter().flatten().map(|role| Role::try_from(role.clone()));
        let bodies = self.bodies.iter().flatten().map(|code| Code::parse(code));
        Ok(Client {
            roles: roles.collect::<Result<_, _>>().map_err(|_| unreadable("role"))?,
            bodies: bodies.collect::<Result<_, _>>().map_err(|_| unreadable("body"))?,
            id: ClientId::parse(&self.id).ok_or_else(|| unreadable("id"))?,
            name: self.name,
            created_at: self.created_at,
            disabled_at: self.disabled_at,
        })
    }
}

/// The client and the hashes of its secrets.
pub async fn find(mut conn: &Conn, id: &ClientId) -> Result<Option<(Client, Vec<String>)>, Error> {
    let row: Option<Row> =
        clients::table.find(id.as_str()).select(Row::as_select()).first(&mut conn).await.optional()?;
    let Some(row) = row else { return Ok(None) };
    let hashes = client_secrets::table.filter(client_secrets::client.eq(id.as_str()));
    let hashes = hashes.select(client_secrets::hash).order(client_secrets::slot).load(&mut conn).await?;
    Ok(Some((row.client()?, hashes)))
}

/// The client, held against other commands until the transaction ends.
pub async fn lock(mut conn: &Conn, id: &ClientId) -> Result<Option<Client>, Error> {
    let row: Option<Row> =
        clients::table.find(id.as_str()).select(Row::as_select()).for_update().first(&mut conn).await.optional()?;
    row.map(Row::client).transpose()
}

/// Every client with the ages of its secrets, by id.
pub async fn all(mut conn: &Conn) -> Result<Vec<(Client, Vec<DateTime<Utc>>)>, Error> {
    let rows: Vec<Row> = clients::table.order(clients::id).select(Row::as_select()).load(&mut conn).await?;
    let secrets: Vec<(String, DateTime<Utc>)> = client_secrets::table
        .order(client_secrets::created_at)
        .select((client_secrets::client, client_secrets::created_at))
        .load(&mut conn)
        .await?;
    let ages = |id: &str| secrets.iter().filter(|(client, _)| client == id).map(|(_, at)| *at).collect();
    rows.into_iter().map(|row| Ok((ages(&row.id), row.client()?))).map(|both| both.map(|(a, c)| (c, a))).collect()
}

/// Those that are none of a municipality's or prefecture's; a ward is part of its city.
pub async fn unknown_bodies(mut conn: &Conn, bodies: &[Code]) -> Result<Vec<Code>, Error> {
    let codes = bodies.iter().map(Code::as_str);
    let known = municipalities::table
        .filter(municipalities::code.eq_any(codes).and(municipalities::parent.is_null()))
        .select(municipalities::code);
    let known: Vec<String> = known.load(&mut conn).await?;
    Ok(bodies.iter().filter(|body| !known.iter().any(|code| code == body.as_str())).copied().collect())
}

/// False: the id is taken.
pub async fn create(mut conn: &Conn, client: &Client) -> Result<bool, Error> {
    let insert = diesel::insert_into(clients::table).values(Row::of(client)).on_conflict_do_nothing();
    Ok(insert.execute(&mut conn).await? == 1)
}

/// One more secret, in the place of the oldest where there are two.
pub async fn add_secret(mut conn: &Conn, id: &ClientId, hash: &str, at: DateTime<Utc>) -> Result<(), Error> {
    let held: Vec<i16> = client_secrets::table
        .filter(client_secrets::client.eq(id.as_str()))
        .order((client_secrets::created_at, client_secrets::slot))
        .select(client_secrets::slot)
        .load(&mut conn)
        .await?;
    let oldest = held.as_slice().first().copied().filter(|_| held.len() >= AT_MOST);
    let slot = oldest.unwrap_or(if held.contains(&1) { 2 } else { 1 });
    let values = (client_secrets::hash.eq(hash), client_secrets::created_at.eq(at));
    diesel::insert_into(client_secrets::table)
        .values((client_secrets::client.eq(id.as_str()), client_secrets::slot.eq(slot), values))
        .on_conflict((client_secrets::client, client_secrets::slot))
        .do_update()
        .set(values)
        .execute(&mut conn)
        .await?;
    Ok(())
}

/// Ends every secret but the newest.
pub async fn keep_newest_secret(mut conn: &Conn, id: &ClientId) -> Result<(), Error> {
    let newest: Option<i16> = client_secrets::table
        .filter(client_secrets::client.eq(id.as_str()))
        .order((client_secrets::created_at.desc(), client_secrets::slot.desc()))
        .select(client_secrets::slot)
        .first(&mut conn)
        .await
        .optional()?;
    let older = client_secrets::table
        .filter(client_secrets::client.eq(id.as_str()).and(client_secrets::slot.nullable().ne(newest)));
    diesel::delete(older).execute(&mut conn).await?;
    Ok(())
}

pub async fn disable(mut conn: &Conn, id: &ClientId, at: DateTime<Utc>) -> Result<(), Error> {
    diesel::update(clients::table.find(id.as_str())).set(clients::disabled_at.eq(at)).execute(&mut conn).await?;
    Ok(())
}

/// The ids whose tokens are refused.
pub async fn disabled(mut conn: &Conn) -> Result<Vec<String>, Error> {
    let ids = clients::table.filter(clients::disabled_at.is_not_null()).select(clients::id);
    Ok(ids.load(&mut conn).await?)
}
