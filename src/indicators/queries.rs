use super::types::{
    Aggregation, CountBasis, Dimension, Direction, Indicator, IndicatorFilter, IndicatorKey, IndicatorKind,
    PutIndicator, Temporality,
};
use crate::db::Conn;
use crate::db::columns::AsJson;
use crate::db::keyset;
use crate::db::schema::indicators;
use crate::definitions::Definition;
use crate::domain::code::{Code, Owner};
use crate::error::{self, Error};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = indicators, treat_none_as_null = true)]
struct Row {
    owner: String,
    code: String,
    name: String,
    kind: IndicatorKind,
    unit: Option<String>,
    count_basis: CountBasis,
    direction: Direction,
    aggregation: Aggregation,
    temporality: Temporality,
    decimals: i16,
    dimensions: AsJson<Vec<Dimension>>,
    sensitive: bool,
    common_indicator: Option<String>,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(key: &IndicatorKey, body: &PutIndicator) -> Self {
        let body = body.clone();
        Self {
            owner: key.owner.to_string(),
            code: key.indicator.to_string(),
            name: body.name,
            kind: body.kind,
            unit: body.unit,
            count_basis: body.count_basis,
            direction: body.direction,
            aggregation: body.aggregation,
            temporality: body.temporality,
            decimals: body.decimals,
            dimensions: AsJson(body.dimensions),
            sensitive: body.sensitive,
            common_indicator: body.common_indicator,
            version: 1,
        }
    }

    fn into_body(self) -> PutIndicator {
        PutIndicator {
            name: self.name,
            kind: self.kind,
            unit: self.unit,
            count_basis: self.count_basis,
            direction: self.direction,
            aggregation: self.aggregation,
            temporality: self.temporality,
            decimals: self.decimals,
            dimensions: self.dimensions.0,
            sensitive: self.sensitive,
            common_indicator: self.common_indicator,
        }
    }
}

impl Definition for Indicator {
    type Key = IndicatorKey;
    type Body = PutIndicator;
    const RESOURCE: &'static str = "indicator";

    fn missing(key: &IndicatorKey) -> Error {
        let (owner, indicator) = (&key.owner, &key.indicator);
        Error::not_found(format_args!("指標 {owner}/{indicator}"), format_args!("indicator {owner}/{indicator}"))
    }

    fn owner(key: &IndicatorKey) -> Option<Code> {
        match key.owner {
            Owner::Common => None,
            Owner::Body(code) => Some(code),
        }
    }

    async fn find(mut conn: &Conn, key: &IndicatorKey) -> Result<Option<(PutIndicator, i64)>, Error> {
        let row = indicators::table.find((key.owner.as_str(), key.indicator.as_str()));
        let row: Option<Row> = row.select(Row::as_select()).first(&mut conn).await.optional()?;
        Ok(row.map(|row| (row.version, row)).map(|(version, row)| (row.into_body(), version)))
    }

    async fn check(_: &Conn, key: &IndicatorKey, _: Option<&PutIndicator>, body: &PutIndicator) -> Result<(), Error> {
        if key.owner == Owner::Common && body.common_indicator.is_some() {
            return Err(Error::at(
                "/common_indicator",
                error::Code::RequestInvalid,
                "共通指標（000000）は、ほかの共通指標に含められません",
                "a common indicator (000000) feeds no other",
            ));
        }
        Ok(())
    }

    async fn insert(mut conn: &Conn, key: &IndicatorKey, body: &PutIndicator, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(indicators::table)
            .values((Row::new(key, body), indicators::version.eq(version)))
            .on_conflict((indicators::owner, indicators::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &IndicatorKey, body: &PutIndicator, version: i64) -> Result<bool, Error> {
        let row = indicators::table
            .find((key.owner.as_str(), key.indicator.as_str()))
            .filter(indicators::version.eq(version));
        let updated = diesel::update(row)
            .set((Row::new(key, body), indicators::version.eq(version + 1)))
            .execute(&mut conn)
            .await?;
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &IndicatorKey, version: i64) -> Result<bool, Error> {
        let row = indicators::table
            .find((key.owner.as_str(), key.indicator.as_str()))
            .filter(indicators::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// One page and one more, by owner and code.
pub async fn page(
    mut conn: &Conn,
    filter: &IndicatorFilter,
    after: Option<(String, String)>,
    limit: i64,
) -> Result<Vec<Indicator>, Error> {
    let key = (indicators::owner, indicators::code);
    let mut query = indicators::table.order(key).limit(limit + 1).select(Row::as_select()).into_boxed();
    if let Some(owner) = &filter.owner {
        query = query.filter(indicators::owner.eq(owner));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(indicators::kind.eq(kind));
    }
    if let Some(common) = &filter.common_indicator {
        query = query.filter(indicators::common_indicator.eq(common));
    }
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| Indicator::new(row.owner.clone(), row.code.clone(), row.into_body())).collect())
}
