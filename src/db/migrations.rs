//! The schema's steps. Run by `migrate` (and by the private cluster of the demo and the tests) as the owner's login.

use super::{Address, Conn, as_owner};
use crate::clock::Clock;
use crate::municipalities;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sql_types::Bool;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Diesel takes no lock of its own: of several replicas that start at once, one migrates and the others wait.
const LOCK: &str = "select pg_advisory_lock(1751608173)";

/// Brings the schema to the newest step, loads the code list where it is missing, and lets `login` (if given) serve.
pub async fn migrate(owner: &Address, login: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut connection = owner.open_plain().await?;
    diesel::sql_query(LOCK).execute(&mut connection).await?;
    let (done, connection) = with_harness(connection, |harness| {
        Ok(harness.run_pending_migrations(MIGRATIONS)?.iter().map(ToString::to_string).collect::<Vec<_>>())
    })
    .await?;
    let now = Clock::system().now();
    as_owner(owner, async |conn| municipalities::queries::load_code_list(conn, now).await).await?;
    if let Some(login) = login {
        grant(&connection, login).await?;
    }
    Ok(done)
}

/// Takes every step back. For the test that proves each `down.sql`.
pub async fn revert(owner: &Address) -> Result<(), Failure> {
    let connection = owner.open_plain().await?;
    with_harness(connection, |harness| harness.revert_all_migrations(MIGRATIONS).map(|_| ())).await?;
    Ok(())
}

/// How the schema of a database differs from what this program knows.
#[derive(Debug, Default, PartialEq)]
pub struct Difference {
    /// The database is newer, and must not be served.
    pub unknown: Vec<String>,
    /// To be run by `migrate` first.
    pub pending: Vec<String>,
}

/// Looks with the service's login, who may read the list of steps but change nothing.
pub async fn difference(service: &Address) -> Result<Difference, Failure> {
    #[derive(diesel::QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let mut connection = service.open_plain().await?;
    let exists = diesel::select(diesel::dsl::sql::<Bool>("to_regclass('__diesel_schema_migrations') is not null"));
    let applied: Vec<Step> = if exists.get_result(&mut connection).await? {
        diesel::sql_query("select version::text from __diesel_schema_migrations order by version")
            .load(&mut connection)
            .await?
    } else {
        Vec::new()
    };
    let applied: Vec<String> = applied.into_iter().map(|step| step.version).collect();
    let mut known: Vec<String> =
        MigrationSource::<Pg>::migrations(&MIGRATIONS)?.iter().map(|step| step.name().version().to_string()).collect();
    known.sort();
    Ok(Difference {
        unknown: applied.iter().filter(|step| !known.contains(step)).cloned().collect(),
        pending: known.iter().filter(|step| !applied.contains(step)).cloned().collect(),
    })
}

/// Diesel's harness is synchronous: it runs on the blocking pool and hands the connection back.
async fn with_harness<T: Send + 'static>(
    connection: AsyncPgConnection,
    work: impl FnOnce(&mut AsyncConnectionWrapper<AsyncPgConnection>) -> Result<T, Failure> + Send + 'static,
) -> Result<(T, AsyncPgConnection), Failure> {
    tokio::task::spawn_blocking(move || {
        let mut wrapper = AsyncConnectionWrapper::<AsyncPgConnection>::from(connection);
        let done = work(&mut wrapper)?;
        Ok((done, wrapper.into_inner()))
    })
    .await?
}

/// Makes the login of the private cluster where it is missing. An operator creates the login of a real one.
async fn grant(mut connection: &Conn, login: &str) -> Result<(), Failure> {
    use diesel_async::SimpleAsyncConnection;
    let statement = format!(
        "do $$ begin
            if not exists (select from pg_roles where rolname = '{login}') then create role {login} login; end if;
        end $$;
        grant hagukumi_service, hagukumi_published to {login}"
    );
    connection.batch_execute(&statement).await?;
    Ok(())
}
