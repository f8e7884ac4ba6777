use super::types::{Node, NodeFilter, NodeKey, NodeKind, PutNode};
use crate::db::Conn;
use crate::db::keyset;
use crate::db::schema::nodes;
use crate::definitions::Definition;
use crate::domain::code::Code;
use crate::domain::key::{LocalCode, PlanCode};
use crate::error::{self, Error};
use crate::plans;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = nodes, treat_none_as_null = true)]
struct Row {
    plan: String,
    code: String,
    kind: NodeKind,
    number_label: Option<String>,
    title: String,
    parent: Option<String>,
    position: i32,
    #[diesel(skip_insertion, skip_update)]
    version: i64,
}

impl Row {
    fn new(key: &NodeKey, body: &PutNode) -> Self {
        let body = body.clone();
        Self {
            plan: key.plan.to_string(),
            code: key.node.to_string(),
            kind: body.kind,
            number_label: body.number_label,
            title: body.title,
            parent: body.parent,
            position: body.position,
            version: 1,
        }
    }

    fn into_body(self) -> PutNode {
        PutNode {
            kind: self.kind,
            number_label: self.number_label,
            title: self.title,
            parent: self.parent,
            position: self.position,
        }
    }
}

impl Definition for Node {
    type Key = NodeKey;
    type Body = PutNode;
    const RESOURCE: &'static str = "node";

    fn missing(key: &NodeKey) -> Error {
        let (plan, node) = (&key.plan, &key.node);
        Error::not_found(
            format_args!("計画 {plan} の目標・施策・分類 {node}"),
            format_args!("node {node} of plan {plan}"),
        )
    }

    fn owner(key: &NodeKey) -> Option<Code> {
        Some(key.plan.owner())
    }

    fn plan(key: &NodeKey) -> Option<&PlanCode> {
        Some(&key.plan)
    }

    async fn find(mut conn: &Conn, key: &NodeKey) -> Result<Option<(PutNode, i64)>, Error> {
        let row = nodes::table.find((key.plan.as_str(), key.node.as_str()));
        let row: Option<Row> = row.select(Row::as_select()).first(&mut conn).await.optional()?;
        Ok(row.map(|row| (row.version, row)).map(|(version, row)| (row.into_body(), version)))
    }

    /// Moves within a plan stand in line: each sees where the one before it has put its node.
    async fn check(conn: &Conn, key: &NodeKey, _: Option<&PutNode>, body: &PutNode) -> Result<(), Error> {
        let Some(parent) = &body.parent else { return Ok(()) };
        plans::queries::lock(conn, &key.plan).await?;
        if parent != key.node.as_str() && !lies_under(conn, key, parent).await? {
            return Ok(());
        }
        Err(Error::at(
            "/parent",
            error::Code::NodeCycle,
            format!("「{parent}」は「{}」自身か、その下にあるため、親にできません", key.node),
            format!("`{parent}` is `{}` itself or lies under it, so it cannot be its parent", key.node),
        ))
    }

    async fn insert(mut conn: &Conn, key: &NodeKey, body: &PutNode, version: i64) -> Result<bool, Error> {
        let inserted = diesel::insert_into(nodes::table)
            .values((Row::new(key, body), nodes::version.eq(version)))
            .on_conflict((nodes::plan, nodes::code))
            .do_nothing()
            .execute(&mut conn)
            .await?;
        Ok(inserted == 1)
    }

    async fn update(mut conn: &Conn, key: &NodeKey, body: &PutNode, version: i64) -> Result<bool, Error> {
        let row = nodes::table.find((key.plan.as_str(), key.node.as_str())).filter(nodes::version.eq(version));
        let updated =
            diesel::update(row).set((Row::new(key, body), nodes::version.eq(version + 1))).execute(&mut conn).await?;
        Ok(updated == 1)
    }

    async fn delete(mut conn: &Conn, key: &NodeKey, version: i64) -> Result<bool, Error> {
        let row = nodes::table.find((key.plan.as_str(), key.node.as_str())).filter(nodes::version.eq(version));
        Ok(diesel::delete(row).execute(&mut conn).await? == 1)
    }
}

/// Is the node among the ancestors of `code`? (`union` ends even where the tree were already broken.)
async fn lies_under(mut conn: &Conn, node: &NodeKey, code: &str) -> Result<bool, Error> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let walk = diesel::sql_query(
        "with recursive ancestors (code) as (
             select parent from nodes where plan = $1 and code = $2
             union
             select nodes.parent from nodes join ancestors on nodes.plan = $1 and nodes.code = ancestors.code
         ) select exists (select from ancestors where code = $3) as found",
    )
    .bind::<Text, _>(node.plan.as_str())
    .bind::<Text, _>(code)
    .bind::<Text, _>(node.node.as_str());
    Ok(RunQueryDsl::get_result::<Answer>(walk, &mut conn).await?.found)
}

/// All of a plan's, in its order.
pub async fn of_plan(mut conn: &Conn, plan: &PlanCode) -> Result<Vec<(LocalCode, PutNode)>, Error> {
    let all = nodes::table.filter(nodes::plan.eq(plan.as_str())).order((nodes::position, nodes::code));
    let rows: Vec<Row> = all.select(Row::as_select()).load(&mut conn).await?;
    let keyed = |row: Row| {
        let code = LocalCode::parse(&row.code).ok_or_else(|| Error::internal(&row.code))?;
        Ok((code, row.into_body()))
    };
    rows.into_iter().map(keyed).collect()
}

/// One page and one more of a plan's nodes, by position and code, if the parties see the plan.
pub async fn page(
    mut conn: &Conn,
    parties: &[String],
    filter: &NodeFilter,
    after: Option<(i32, String)>,
    limit: i64,
) -> Result<Vec<Node>, Error> {
    let key = (nodes::position, nodes::code);
    let mut query = nodes::table
        .filter(nodes::plan.eq(&filter.plan))
        .filter(nodes::plan.eq_any(plans::queries::seen(parties)))
        .order(key)
        .limit(limit + 1)
        .select(Row::as_select())
        .into_boxed();
    if let Some(position) = after {
        query = query.filter(keyset::after(key, position));
    }
    let rows: Vec<Row> = query.load(&mut conn).await?;
    Ok(rows.into_iter().map(|row| Node::new(row.plan.clone(), row.code.clone(), row.into_body())).collect())
}
