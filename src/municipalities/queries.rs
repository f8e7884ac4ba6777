use super::dictionary::Reporting;
use super::rules;
use super::types::{
    Municipality, MunicipalityFilter, MunicipalityKey, MunicipalityKind, PutMunicipality, Succession, SuccessionKind,
};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::schema::{municipalities, successions};
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::error::Error;
use crate::publications::{self, Entry, Op};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};

/// The code list this release brings: `data/municipalities.csv`.
const CODE_LIST: &str = include_str!("../../data/municipalities.csv");

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = municipalities, treat_none_as_null = true)]
struct Row {
    code: String,
    prefecture: String,
    name: String,
    kana: String,
    kind: MunicipalityKind,
    parent: Option<String>,
    northern_territories: bool,
    valid_from: Option<NaiveDate>,
    valid_to: Option<NaiveDate>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(code: &str, body: &PutMunicipality, version: i64) -> Self {
        Self {
            code: code.to_owned(),
            prefecture: body.prefecture.clone(),
            name: body.name.clone(),
            kana: body.kana.clone(),
            kind: body.kind,
            parent: body.parent.clone(),
            northern_territories: body.northern_territories,
            valid_from: body.valid_from,
            valid_to: body.valid_to,
            version,
        }
    }

    fn into_body(self, successors: Vec<Succession>) -> PutMunicipality {
        PutMunicipality {
            name: self.name,
            kana: self.kana,
            kind: self.kind,
            prefecture: self.prefecture,
            parent: self.parent,
            northern_territories: self.northern_territories,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            successors,
        }
    }
}

impl Definition for Municipality {
    type Key = MunicipalityKey;
    type Body = PutMunicipality;
    const RESOURCE: &'static str = "municipality";

    fn missing(key: &MunicipalityKey) -> Error {
        Error::not_found(format_args!("団体 {}", key.municipality), format_args!("municipality {}", key.municipality))
    }

    fn owner(key: &MunicipalityKey) -> Option<Code> {
        Some(key.municipality)
    }

    async fn find(conn: &Conn, key: &MunicipalityKey) -> Result<Option<(PutMunicipality, i64)>, Error> {
        Ok(find(conn, key).await?.map(|(_, body, version)| (body, version)))
    }

    async fn check(
        _: &Conn,
        key: &MunicipalityKey,
        _: Option<&PutMunicipality>,
        body: &PutMunicipality,
    ) -> Result<(), Error> {
        body.check_code(key.municipality)
    }

    async fn insert(
        mut conn: &Conn,
        key: &MunicipalityKey,
        body: &PutMunicipality,
        version: i64,
    ) -> Result<bool, Error> {
        let inserted = diesel::insert_into(municipalities::table)
            .values((Row::new(key.municipality.as_str(), body, 1), municipalities::version.eq(version)))
            .on_conflict(municipalities::code)
            .do_nothing()
            .execute(&mut conn)
            .await?;
        if inserted == 1 {
            put_successors(conn, key.municipality.as_str(), &body.successors).await?;
        }
        Ok(inserted == 1)
    }

    async fn update(
        mut conn: &Conn,
        key: &MunicipalityKey,
        body: &PutMunicipality,
        version: i64,
    ) -> Result<bool, Error> {
        let code = key.municipality.as_str();
        let updated = diesel::update(municipalities::table.find(code).filter(municipalities::version.eq(version)))
            .set((Row::new(code, body, version), municipalities::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        if updated == 1 {
            put_successors(conn, code, &body.successors).await?;
        }
        Ok(updated == 1)
    }

    async fn shown_etag(conn: &Conn, key: &MunicipalityKey, version: i64) -> Result<String, Error> {
        let predecessors = find(conn, key).await?.map(|found| found.0).unwrap_or_default();
        rules::shown_etag(version, &predecessors)
    }

    /// Those that are named as successors now and were not before, or no more: what is shown of them changes.
    async fn told_with(
        conn: &Conn,
        _: &MunicipalityKey,
        before: Option<&PutMunicipality>,
        after: Option<&PutMunicipality>,
    ) -> Result<Vec<Entry>, Error> {
        let named = |body: Option<&PutMunicipality>| -> BTreeSet<Succession> {
            body.into_iter().flat_map(|body| body.successors.iter().cloned()).collect()
        };
        let (before, after) = (named(before), named(after));
        let heirs: BTreeSet<&str> = before.symmetric_difference(&after).map(|one| one.municipality.as_str()).collect();
        told(conn, &heirs.into_iter().collect::<Vec<_>>()).await
    }

    /// No route leads here: a municipality that ended keeps its row.
    async fn delete(_: &Conn, _: &MunicipalityKey, _: i64) -> Result<bool, Error> {
        Err(Error::internal("municipalities are never deleted"))
    }
}

/// What the feed tells of these: that each is another now.
async fn told(mut conn: &Conn, codes: &[&str]) -> Result<Vec<Entry>, Error> {
    let these = municipalities::table.filter(municipalities::code.eq_any(codes)).order(municipalities::code);
    let rows: Vec<(String, i64)> =
        these.select((municipalities::code, municipalities::version)).load(&mut conn).await?;
    let mut around = successions_of(conn, codes).await?;
    let entry = |(code, version): (String, i64)| {
        let predecessors = around.remove(&code).unwrap_or_default().0;
        Ok(Entry {
            op: Op::Upsert,
            resource: Municipality::RESOURCE,
            plan: None,
            prefecture: Code::parse(&code).ok().map(Code::prefecture),
            etag: Some(rules::shown_etag(version, &predecessors)?),
            key: json!({ "municipality": code }),
        })
    };
    rows.into_iter().map(entry).collect()
}

/// Its predecessors, its body and version: in one statement, hence from one moment.
pub async fn find(
    mut conn: &Conn,
    key: &MunicipalityKey,
) -> Result<Option<(Vec<Succession>, PutMunicipality, i64)>, Error> {
    let predecessors = sql::<Jsonb>(
        "coalesce((select jsonb_agg(jsonb_build_object(
                'municipality', s.predecessor, 'effective_on', s.effective_on, 'kind', s.kind)
                order by s.predecessor, s.effective_on)
            from successions s where s.successor = municipalities.code), '[]')",
    );
    let successors = sql::<Jsonb>(
        "coalesce((select jsonb_agg(jsonb_build_object(
                'municipality', s.successor, 'effective_on', s.effective_on, 'kind', s.kind)
                order by s.successor, s.effective_on)
            from successions s where s.predecessor = municipalities.code), '[]')",
    );
    type Whole = (Row, AsJson<Vec<Succession>>, AsJson<Vec<Succession>>);
    let found: Option<Whole> = municipalities::table
        .find(key.municipality.as_str())
        .select((Row::as_select(), predecessors, successors))
        .first(&mut conn)
        .await
        .optional()?;
    Ok(found.map(|(row, predecessors, successors)| {
        let version = row.version;
        (predecessors.0, row.into_body(successors.0), version)
    }))
}

async fn put_successors(mut conn: &Conn, code: &str, successors: &[Succession]) -> Result<(), Error> {
    diesel::delete(successions::table.filter(successions::predecessor.eq(code))).execute(&mut conn).await?;
    let rows: Vec<_> = successors
        .iter()
        .map(|succession| {
            (
                successions::predecessor.eq(code),
                successions::successor.eq(&succession.municipality),
                successions::effective_on.eq(succession.effective_on),
                successions::kind.eq(succession.kind),
            )
        })
        .collect();
    diesel::insert_into(successions::table).values(&rows).execute(&mut conn).await?;
    Ok(())
}

/// Predecessors and successors of each of the codes, in order.
type Successions = HashMap<String, (Vec<Succession>, Vec<Succession>)>;

pub async fn successions_of(mut conn: &Conn, codes: &[&str]) -> Result<Successions, Error> {
    let rows: Vec<(String, String, NaiveDate, SuccessionKind)> = successions::table
        .filter(successions::predecessor.eq_any(codes).or(successions::successor.eq_any(codes)))
        .order((successions::predecessor, successions::successor, successions::effective_on))
        .load(&mut conn)
        .await?;
    let mut found = Successions::new();
    for (predecessor, successor, effective_on, kind) in rows {
        let succession = |municipality: &String| Succession { municipality: municipality.clone(), effective_on, kind };
        found.entry(successor.clone()).or_default().0.push(succession(&predecessor));
        found.entry(predecessor).or_default().1.push(succession(&successor));
    }
    Ok(found)
}

/// One page and one more, by code.
pub async fn page(
    mut conn: &Conn,
    filter: &MunicipalityFilter,
    today: NaiveDate,
    after: Option<String>,
    limit: i64,
) -> Result<Vec<Municipality>, Error> {
    let day = filter.valid_on.unwrap_or(today);
    let mut query = municipalities::table
        .filter(municipalities::valid_from.is_null().or(municipalities::valid_from.le(day)))
        .filter(municipalities::valid_to.is_null().or(municipalities::valid_to.ge(day)))
        .order(municipalities::code)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if filter.kinds.is_empty() {
        query = query
            .filter(municipalities::kind.ne_all([MunicipalityKind::Prefecture, MunicipalityKind::Ward]))
            .filter(municipalities::northern_territories.eq(false));
    } else {
        query = query.filter(municipalities::kind.eq_any(&filter.kinds));
    }
    if let Some(prefecture) = &filter.prefecture {
        query = query.filter(municipalities::prefecture.eq(prefecture));
    }
    if let Some(after) = after {
        query = query.filter(municipalities::code.gt(after));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    let codes: Vec<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let mut around = successions_of(conn, &codes).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (predecessors, successors) = around.remove(&row.code).unwrap_or_default();
            Municipality::new(row.code.clone(), predecessors, row.into_body(successors))
        })
        .collect())
}

/// Name and kind, of one that has ended too.
/// The names of all that ever were, by code.
pub async fn names(mut conn: &Conn) -> Result<Vec<(Code, String)>, Error> {
    let all: Vec<(String, String)> =
        municipalities::table.select((municipalities::code, municipalities::name)).load(&mut conn).await?;
    Ok(all.into_iter().filter_map(|(code, name)| Some((Code::parse(&code).ok()?, name))).collect())
}

/// Every municipality that may be expected to report, in force or not, by code.
pub async fn reporting(mut conn: &Conn) -> Result<Vec<Reporting>, Error> {
    type Found = (String, String, String, Option<NaiveDate>, Option<NaiveDate>);
    let found: Vec<Found> = municipalities::table
        .filter(municipalities::kind.ne_all([MunicipalityKind::Prefecture, MunicipalityKind::Ward]))
        .filter(municipalities::northern_territories.eq(false))
        .order(municipalities::code)
        .select((
            municipalities::code,
            municipalities::name,
            municipalities::prefecture,
            municipalities::valid_from,
            municipalities::valid_to,
        ))
        .load(&mut conn)
        .await?;
    let reporting =
        |(code, name, prefecture, valid_from, valid_to)| Reporting { code, name, prefecture, valid_from, valid_to };
    Ok(found.into_iter().map(reporting).collect())
}

pub async fn name_and_kind(mut conn: &Conn, code: Code) -> Result<Option<(String, MunicipalityKind)>, Error> {
    let query = municipalities::table.find(code.as_str()).select((municipalities::name, municipalities::kind));
    Ok(query.first(&mut conn).await.optional()?)
}

/// Adds the codes of the list that are not there yet. What an administrator changed stays as it is. Those that a later
/// release brings are told by the feed; the first list is what everybody begins with.
pub async fn load_code_list(mut conn: &Conn, now: DateTime<Utc>) -> Result<(), Error> {
    let is_first = !diesel::select(diesel::dsl::exists(municipalities::table.select(municipalities::code)))
        .get_result::<bool>(&mut conn)
        .await?;
    let mut added: Vec<String> = Vec::new();
    let mut rows: Vec<Row> = CODE_LIST.lines().skip(1).map(code_list_row).collect::<Result<_, _>>()?;
    // Prefectures before their municipalities, cities before their wards.
    rows.sort_by_key(|row| (row.kind != MunicipalityKind::Prefecture, row.parent.is_some()));
    for rows in rows.chunks(1_000) {
        let new = diesel::insert_into(municipalities::table)
            .values(rows)
            .on_conflict(municipalities::code)
            .do_nothing()
            .returning(municipalities::code)
            .load(&mut conn)
            .await?;
        added.extend(new);
    }
    if is_first || added.is_empty() {
        return Ok(());
    }
    let no = publications::next(conn, now, true).await?.no;
    let added: Vec<&str> = added.iter().map(String::as_str).collect();
    publications::announce(conn, no, 0, told(conn, &added).await?).await
}

/// `code,prefecture,name,kana,kind,parent,northern_territories`
fn code_list_row(line: &str) -> Result<Row, Error> {
    let wrong = || Error::internal(format!("data/municipalities.csv: {line}"));
    let [code, prefecture, name, kana, kind, parent, northern] =
        line.split(',').collect::<Vec<_>>().try_into().map_err(|_| wrong())?;
    Ok(Row {
        code: code.to_owned(),
        prefecture: prefecture.to_owned(),
        name: name.to_owned(),
        kana: kana.to_owned(),
        kind: serde_json::from_value(kind.into()).map_err(|_| wrong())?,
        parent: (!parent.is_empty()).then(|| parent.to_owned()),
        northern_territories: northern == "1",
        valid_from: None,
        valid_to: None,
        version: 1,
    })
}
