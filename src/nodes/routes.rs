use super::queries;
use super::types::{Node, NodeFilter, NodeKey, NodeList, PutNode};
use crate::auth::{OwnerEditor, Reader};
use crate::db::Conn;
use crate::definitions;
use crate::error::Error;
use crate::plans::types::ViewParams;
use crate::publications::moment::Turns;
use crate::state::State;
use crate::web::answer::{self, Known};
use crate::web::json::Valid;
use crate::web::page::PagingParams;
use crate::web::params::{Listing, Params};
use crate::web::write::{PreconditionHeaders, Write, WriteParams, etag};
use actix_web::web::Data;
use actix_web::{HttpResponse, delete, get, put};
use utoipa_actix_web::service_config::ServiceConfig;

/// 計画の目標・施策・分類の一覧 / list the nodes of a plan
#[utoipa::path(tag = "Plans 計画", params(NodeFilter, PagingParams),
    responses((status = 200, description = "position・コード順の1ページ", body = NodeList, headers(("ETag" = String)))))]
#[get("/nodes")]
pub async fn list_nodes(
    state: Data<State>,
    reader: Reader,
    known: Known,
    listing: Listing<NodeFilter>,
) -> Result<HttpResponse, Error> {
    let Listing { filter, paging } = listing;
    let after = paging.after()?;
    let parties = reader.parties().unwrap_or_default();
    let page = async |conn: &Conn| {
        let mut results = queries::page(conn, &parties, &filter, after, paging.limit).await?;
        let resultset = paging.close(&mut results, None, |node| (node.position, node.code.clone()))?;
        Ok(NodeList { resultset, results })
    };
    definitions::list(&state, &reader, &known, Turns::Definitions, page).await
}

/// 目標・施策・分類 / get a node
#[utoipa::path(tag = "Plans 計画", params(NodeKey, ViewParams),
    responses((status = 200, description = "目標・施策・分類", body = Node, headers(("ETag" = String)))))]
#[get("/nodes/{plan}/{node}")]
pub async fn get_node(
    state: Data<State>,
    reader: Reader,
    key: NodeKey,
    _params: Params<ViewParams>,
    known: Known,
) -> Result<HttpResponse, Error> {
    let (body, version) = definitions::get::<Node>(&state, &reader, &key).await?;
    Ok(known.answer(&etag(version), reader.0.is_some(), &node(&key, body)))
}

fn node(key: &NodeKey, body: PutNode) -> Node {
    Node::new(key.plan.to_string(), key.node.to_string(), body)
}

/// 目標・施策・分類の登録・更新 / put a node
///
/// 親を先に登録する。自分自身やその下にあるものは親にできない。
#[utoipa::path(tag = "Plans 計画", params(NodeKey, WriteParams, PreconditionHeaders), request_body = PutNode,
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.unknown", "node.unknown", "node.cycle"]))),
    responses((status = 200, description = "更新、または変更なし", body = Node), (status = 201, description = "作成", body = Node)))]
#[put("/nodes/{plan}/{node}")]
pub async fn put_node(
    editor: OwnerEditor,
    state: Data<State>,
    key: NodeKey,
    write: Write,
    body: Valid<PutNode>,
) -> Result<HttpResponse, Error> {
    let done = definitions::put::<Node>(&state, &editor.0, &write, &key, &body.0).await?;
    Ok(answer::written(done.outcome, done.version, &node(&key, body.0)))
}

/// 目標・施策・分類の削除 / delete a node
///
/// 下に何かあるもの、事業が属しているものは削除できない。
#[utoipa::path(tag = "Plans 計画", params(NodeKey, WriteParams, PreconditionHeaders),
    security(("bearer" = ["municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["resource.in_use"]))),
    responses((status = 204, description = "削除")))]
#[delete("/nodes/{plan}/{node}")]
pub async fn delete_node(
    editor: OwnerEditor,
    state: Data<State>,
    key: NodeKey,
    write: Write,
) -> Result<HttpResponse, Error> {
    definitions::delete::<Node>(&state, &editor.0, &write, &key).await?;
    Ok(answer::deleted())
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(list_nodes).service(get_node).service(put_node).service(delete_node);
}
