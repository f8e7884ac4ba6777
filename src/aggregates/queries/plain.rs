//! The SQL of sums of plain facts: PostgreSQL adds them up from an index and says whose they were.

use crate::aggregates::filter::{AggregateFilter, Which};
use crate::aggregates::rules::basis::{Basis, Units};
use crate::db::Conn;
use crate::db::condition::PlainResult;
use crate::db::schema::published_facts;
use crate::domain::period::Period;
use crate::error::Error;
use crate::indicators::types::CountBasis;
use diesel::dsl::{max, min, sum};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;

diesel::define_sql_function! {
    #[aggregate]
    fn string_agg(column: Text, between: Text) -> Text;
}

/// Plain facts of one period and basis, added up.
#[derive(Debug)]
pub struct Sum {
    /// None: of all
    pub prefecture: Option<String>,
    pub basis: Basis,
    pub total: Decimal,
    pub measured_from: Option<String>,
    pub measured_to: Option<String>,
    /// A code for each fact, with nothing between: all are of one length.
    reporters: String,
}

const CODE: usize = 6;

impl Sum {
    pub fn reporters(&self) -> impl ExactSizeIterator<Item = &str> {
        self.reporters.as_bytes().chunks_exact(CODE).map(|code| str::from_utf8(code).unwrap_or_default())
    }
}

type Row = (
    Option<String>,
    Option<String>,
    CountBasis,
    Option<String>,
    Option<Decimal>,
    Option<String>,
    Option<String>,
    String,
);

/// The sums of an indicator's results of a period, without those of some reporters, as public at number `no`.
pub async fn sums(
    mut conn: &Conn,
    filter: &AggregateFilter,
    which: &Which,
    period: Period,
    without: &[&str],
    no: i64,
) -> Result<Vec<Sum>, Error> {
    use published_facts as rows;
    // Grouped in the order of the index.
    macro_rules! added_up {
        ($prefecture:expr, by $by:expr) => {{
            let query = rows::table
                .group_by($by)
                .select((
                    $prefecture,
                    rows::unit,
                    rows::count_basis,
                    rows::counted,
                    sum(rows::value),
                    min(rows::measured_on),
                    max(rows::measured_on),
                    string_agg(rows::municipality, ""),
                ))
                .filter(PlainResult)
                .filter(rows::period.eq(period.code()))
                .filter(rows::from_no.le(no))
                .filter(rows::to_no.gt(no));
            let mut query = query.into_boxed();
            query = match which {
                Which::Common(code) => query.filter(rows::common_indicator.eq(code)),
                Which::Indicator(owner, code) => {
                    query.filter(rows::indicator_owner.eq(owner)).filter(rows::indicator.eq(code))
                }
                Which::Statutory(code) => query.filter(rows::statutory_program.eq(code)),
            };
            if let Some(prefecture) = &filter.prefecture {
                query = query.filter(rows::prefecture.eq(prefecture));
            }
            if !without.is_empty() {
                query = query.filter(rows::municipality.ne_all(without));
            }
            query.load::<Row>(&mut conn).await?
        }};
    }
    let found = if filter.parsed.groups.prefecture {
        added_up!(rows::prefecture.nullable(), by(rows::unit, rows::count_basis, rows::counted, rows::prefecture))
    } else {
        let of_all = None::<String>.into_sql::<Nullable<Text>>();
        added_up!(of_all, by(rows::unit, rows::count_basis, rows::counted))
    };
    let mut units = Units::default();
    let sum = |(prefecture, unit, count_basis, counted, total, measured_from, measured_to, reporters): Row| Sum {
        prefecture,
        basis: Basis { unit: unit.map(|unit: String| units.canonical(&unit)), count_basis, counted },
        total: total.unwrap_or_default(),
        measured_from,
        measured_to,
        reporters,
    };
    Ok(found.into_iter().map(sum).collect())
}
