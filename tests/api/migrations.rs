//! The schema's steps go up, down and up again; `schema.rs` is what they make; everything in it has a name and a word.

use crate::harness::{new_database, owner_address, service_address};
use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use hagukumi::db::migrations::{Difference, difference, migrate, revert};
use std::fmt::Write;

/// Not made from the template: an empty database.
const EMPTY: &str = "template0";
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/db/schema.rs");
const DIESELS_OWN: &str = "__diesel_schema_migrations";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// `sql` selects one text column `line`.
async fn lines(database: &mut AsyncPgConnection, sql: &str) -> Vec<String> {
    let found: Vec<Line> = diesel::sql_query(sql).load(database).await.unwrap();
    found.into_iter().map(|found| found.line).collect()
}

/// Everything that a step may have made, in words.
async fn everything(database: &mut AsyncPgConnection) -> Vec<String> {
    let sql = "select 'column ' || concat_ws(' ', table_name, ordinal_position, column_name, data_type, collation_name, is_nullable, column_default) as line
            from information_schema.columns where table_schema = 'public' and table_name <> 'DIESEL'
        union all select 'constraint ' || conname || ' ' || pg_get_constraintdef(oid)
            from pg_constraint where connamespace = 'public'::regnamespace and conrelid <> 'DIESEL'::regclass
        union all select 'index ' || indexdef from pg_indexes where schemaname = 'public' and tablename <> 'DIESEL'
        union all select 'policy ' || concat_ws(' ', tablename, policyname, cmd, roles, qual, with_check) from pg_policies
        union all select 'secured ' || relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity
        union all select 'function ' || proname || ' ' || prosrc from pg_proc where pronamespace = 'public'::regnamespace
        union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
        union all select 'type ' || typname from pg_type where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
        union all select 'sequence ' || sequencename from pg_sequences where schemaname = 'public'
        union all select 'grant ' || concat_ws(' ', grantee, privilege_type, table_name, column_name)
            from information_schema.column_privileges
            where table_schema = 'public' and grantee in ('hagukumi_service', 'hagukumi_published') and table_name <> 'DIESEL'
        order by 1";
    lines(database, &sql.replace("DIESEL", DIESELS_OWN)).await
}

#[actix_web::test]
async fn up_down_up_leaves_nothing_between_and_the_same_at_the_end() {
    let name = new_database(EMPTY).await;
    let address = owner_address(&name);
    let done = migrate(&address, None).await.unwrap();
    let mut database = address.open_plain().await.unwrap();
    let first = everything(&mut database).await;
    assert!(first.len() > 500, "that cannot be all: {first:#?}");
    assert!(migrate(&address, None).await.unwrap().is_empty(), "a second run has nothing to do");
    revert(&address).await.unwrap();
    assert_eq!(everything(&mut database).await, Vec::<String>::new());
    assert_eq!(migrate(&address, None).await.unwrap(), done);
    assert_eq!(everything(&mut database).await, first);
}

#[actix_web::test]
async fn the_services_login_sees_a_schema_that_is_older_or_newer() {
    let name = new_database(EMPTY).await;
    let (owner, service) = (owner_address(&name), service_address(&name));
    let fresh = difference(&service).await.unwrap();
    assert!(fresh.unknown.is_empty() && fresh.pending.len() >= 6, "{fresh:?}");
    migrate(&owner, None).await.unwrap();
    assert_eq!(difference(&service).await.unwrap(), Difference::default());
    let newer = format!(
        "insert into {DIESELS_OWN} (version) values ('20991231000001');
         delete from {DIESELS_OWN} where version = '20261121000006'"
    );
    owner.open_plain().await.unwrap().batch_execute(&newer).await.unwrap();
    let wrong = Difference { unknown: vec!["20991231000001".into()], pending: vec!["20261121000006".into()] };
    assert_eq!(difference(&service).await.unwrap(), wrong);
}

#[actix_web::test]
async fn schema_rs_is_what_the_steps_make() {
    let name = new_database(EMPTY).await;
    migrate(&owner_address(&name), None).await.unwrap();
    let made = schema_rs(&mut owner_address(&name).open_plain().await.unwrap()).await;
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(SCHEMA, &made).unwrap();
    }
    let written = std::fs::read_to_string(SCHEMA).unwrap();
    let differs = written.lines().zip(made.lines()).find(|(written, made)| written != made);
    assert!(
        written == made,
        "src/db/schema.rs is stale, first here (written, made): {differs:?}; \
         run `UPDATE_SCHEMA=1 cargo nextest run schema_rs`"
    );
}

/// `schema.rs` from the catalogue, in the order and form it has.
async fn schema_rs(database: &mut AsyncPgConnection) -> String {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        table: String,
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        udt: String,
        #[diesel(sql_type = Text)]
        nullable: String,
    }
    let sql = format!(
        "select c.table_name::text as table, c.column_name::text as name, c.udt_name::text as udt,
            c.is_nullable::text as nullable,
            (select coalesce(string_agg(k.column_name, ', ' order by k.ordinal_position), '')
             from information_schema.table_constraints t
             join information_schema.key_column_usage k using (constraint_schema, constraint_name, table_name)
             where t.table_schema = 'public' and t.table_name = c.table_name and t.constraint_type = 'PRIMARY KEY') as key
         from information_schema.columns c
         join information_schema.tables b using (table_schema, table_name)
         where c.table_schema = 'public' and b.table_type = 'BASE TABLE' and c.table_name <> '{DIESELS_OWN}'
         order by c.table_name collate \"C\", c.ordinal_position"
    );
    let columns: Vec<Column> = diesel::sql_query(sql).load(database).await.unwrap();
    let mut text =
        "// The tables as diesel sees them. Equal to the migrated database: a test compares and can rewrite this file.\n"
            .to_owned();
    let tables: Vec<&[Column]> = columns.chunk_by(|a, b| a.table == b.table).collect();
    for table in &tables {
        write!(text, "\ndiesel::table! {{\n    {} ({}) {{\n", table[0].table, table[0].key).unwrap();
        for column in *table {
            let plain = diesel_type(&column.udt);
            let whole = if column.nullable == "YES" { format!("Nullable<{plain}>") } else { plain.to_owned() };
            writeln!(text, "        {} -> {whole},", column.name).unwrap();
        }
        text.push_str("    }\n}\n");
    }
    text.push_str("\ndiesel::allow_tables_to_appear_in_same_query!(\n");
    for table in &tables {
        writeln!(text, "    {},", table[0].table).unwrap();
    }
    text + ");\n"
}

fn diesel_type(udt: &str) -> &'static str {
    match udt {
        "text" => "Text",
        "bool" => "Bool",
        "int2" => "Int2",
        "int4" => "Int4",
        "int8" => "Int8",
        "numeric" => "Numeric",
        "date" => "Date",
        "timestamptz" => "Timestamptz",
        "uuid" => "Uuid",
        "json" => "Json",
        "jsonb" => "Jsonb",
        "bytea" => "Binary",
        "_text" => "Array<Nullable<Text>>",
        other => panic!("add the type {other} to this list"),
    }
}

#[actix_web::test]
async fn every_table_is_explained() {
    let name = new_database(EMPTY).await;
    migrate(&owner_address(&name), None).await.unwrap();
    let sql = format!(
        "select relname::text as line from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'p') and relname <> '{DIESELS_OWN}'
           and coalesce(obj_description(oid, 'pg_class'), '') = ''"
    );
    let mute = lines(&mut owner_address(&name).open_plain().await.unwrap(), &sql).await;
    assert!(mute.is_empty(), "`comment on table … is …` is missing for {mute:?}");
}

/// A violated constraint is told by its name, so the name must be ours and stay.
#[actix_web::test]
async fn every_constraint_and_index_has_a_name_of_ours() {
    let name = new_database(EMPTY).await;
    migrate(&owner_address(&name), None).await.unwrap();
    // 'n' is `not null`, a constraint with a name only since PostgreSQL 18.
    let sql = format!(
        "select conname::text as line from pg_constraint
         where connamespace = 'public'::regnamespace and conrelid <> '{DIESELS_OWN}'::regclass and contype <> 'n'
           and conname ~ '_(pkey|fkey|key|check|excl)[0-9]*$'
         union all
         select indexname::text from pg_indexes
         where schemaname = 'public' and tablename <> '{DIESELS_OWN}' and indexname ~ '_(idx|pkey|key|excl)[0-9]*$'"
    );
    let nameless = lines(&mut owner_address(&name).open_plain().await.unwrap(), &sql).await;
    assert!(nameless.is_empty(), "named by PostgreSQL, not by us: {nameless:?}");
}
