//! Conditions that diesel has no words for. Their text is always the same, so a statement with one is kept prepared; one
//! with [`diesel::dsl::sql`] is parsed and planned each time, which takes longer than running it.

use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Bool, HasSqlType, SingleValue, SmallInt, Text};

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

/// Of a column: it is one of these. One value is compared, several are looked for: rows of one come in the order of the
/// index, without a sort, and the plan is the same whatever the value, so that the server keeps it; of `= any` the server
/// thinks that there are ten.
#[derive(Clone, Debug)]
pub struct OneOf<C, T> {
    column: C,
    values: Vec<T>,
}

pub const fn one_of<C, T>(column: C, values: Vec<T>) -> OneOf<C, T> {
    OneOf { column, values }
}

impl<C: Expression, T> Expression for OneOf<C, T> {
    type SqlType = Bool;
}
impl<Rows, C: SelectableExpression<Rows>, T> SelectableExpression<Rows> for OneOf<C, T> {}
impl<Rows, C: AppearsOnTable<Rows>, T> AppearsOnTable<Rows> for OneOf<C, T> {}
impl<C, T> ValidGrouping<()> for OneOf<C, T> {
    type IsAggregate = is_aggregate::No;
}
impl<C, T> QueryId for OneOf<C, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C, T> QueryFragment<Pg> for OneOf<C, T>
where
    C: Expression + QueryFragment<Pg>,
    C::SqlType: SingleValue + 'static,
    Pg: HasSqlType<C::SqlType>,
    T: ToSql<C::SqlType, Pg>,
    Vec<T>: ToSql<Array<C::SqlType>, Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        if let [value] = self.values.as_slice() {
            out.push_sql(" = ");
            return out.push_bind_param::<C::SqlType, T>(value);
        }
        out.push_sql(" = any(");
        out.push_bind_param::<Array<C::SqlType>, Vec<T>>(&self.values)?;
        out.push_sql(")");
        Ok(())
    }
}
