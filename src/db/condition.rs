//! Conditions that diesel has no words for. Their text is always the same, so a statement with one is kept prepared; one
//! with [`diesel::dsl::sql`] is parsed and planned each time, which takes longer than running it.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, Bool, SmallInt, Text};

macro_rules! condition {
    ($name:ident $(<$life:lifetime>)?) => {
        impl$(<$life>)? Expression for $name$(<$life>)? {
            type SqlType = Bool;
        }
        impl<$($life,)? Rows> SelectableExpression<Rows> for $name$(<$life>)? {}
        impl<$($life,)? Rows> AppearsOnTable<Rows> for $name$(<$life>)? {}
        impl$(<$life>)? ValidGrouping<()> for $name$(<$life>)? {
            type IsAggregate = is_aggregate::No;
        }
        impl$(<$life>)? QueryId for $name$(<$life>)? {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
    };
}

/// Of a published row: nothing has replaced it. A constant, because a partial index serves no parameter.
#[derive(Clone, Copy, Debug)]
pub struct InForce;

condition!(InForce);

impl<DB: Backend> QueryFragment<DB> for InForce {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("to_no = 9223372036854775807");
        Ok(())
    }
}

/// Of a published fact: a result, and a number that counts by itself. A constant for the same reason.
#[derive(Clone, Copy, Debug)]
pub struct PlainResult;

condition!(PlainResult);

impl<DB: Backend> QueryFragment<DB> for PlainResult {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("plain and part = 'results'");
        Ok(())
    }
}

/// Of a published row: it is of one of these reporters' years, and lies within a range of programs.
#[derive(Debug)]
pub struct OfYears<'a> {
    pub prefectures: Vec<&'a str>,
    pub fiscal_years: Vec<i16>,
    pub municipalities: Vec<&'a str>,
    pub plans: Vec<&'a str>,
    /// The first and the last
    pub range: (ReportersProgram<'a>, ReportersProgram<'a>),
}

/// Municipality, plan and program.
pub type ReportersProgram<'a> = (&'a str, &'a str, &'a str);

condition!(OfYears<'a>);

impl QueryFragment<Pg> for OfYears<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(prefecture, fiscal_year, municipality, plan) in (select * from unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.prefectures)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SmallInt>, _>(&self.fiscal_years)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.municipalities)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.plans)?;
        out.push_sql("))");
        let (first, last) = &self.range;
        for (comparison, (municipality, plan, program)) in [(">=", first), ("<=", last)] {
            out.push_sql(" and (municipality, plan, program) ");
            out.push_sql(comparison);
            out.push_sql(" (");
            out.push_bind_param::<Text, _>(municipality)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(plan)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(program)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

/// One value is compared, several are looked for: rows of one come in the order of the index, without a sort, and the plan
/// is the same whatever the value, so that the server keeps it.
macro_rules! one_of {
    ($query:expr, $column:expr, $values:expr) => {
        match <[_; 1]>::try_from($values) {
            Ok([value]) => $query.filter($column.eq(value)),
            Err(values) => $query.filter($column.eq_any(values)),
        }
    };
}
pub(crate) use one_of;
