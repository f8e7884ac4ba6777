//! The role extractors: one line in a handler's signature says who may call it.

use super::{Caller, jwt::Role};
use crate::domain::code::Code;
use crate::error::{self, Error};
use crate::web::params::pairs;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};

macro_rules! extractor {
    ($name:ident) => {
        impl FromRequest for $name {
            type Error = Error;
            type Future = Ready<Result<Self, Error>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready($name::check(request))
            }
        }
    };
}

/// Edits definitions of the body that owns them: `{plan}` (its first six digits), else `{owner}`, else `{municipality}`.
/// A municipality's approver, a prefecture's editor; for common definitions (000000) the administrator.
pub struct OwnerEditor(pub Caller);
extractor!(OwnerEditor);

impl OwnerEditor {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        let path = request.match_info();
        let owner =
            ["plan", "owner", "municipality"].iter().find_map(|name| path.get(name)).and_then(|value| value.get(..6));
        if owner == Some("000000") && caller.is_administrator() {
            return Ok(Self(caller));
        }
        let owner = owner.and_then(|code| Code::parse(code).ok());
        match owner {
            Some(owner) if caller.may(owner, editors(owner)) => Ok(Self(caller)),
            Some(owner) => Err(forbidden(&caller, owner, editors(owner))),
            None => Err(Error::not_found(request.path())),
        }
    }
}

/// Writes the working rows of the `{municipality}` in the path.
pub struct Reporter(pub Caller);
extractor!(Reporter);

impl Reporter {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        let body =
            request.match_info().get("municipality").ok_or_else(|| Error::internal("no municipality in the path"))?;
        let body = crate::web::path::municipality(body, request)?;
        if caller.may(body, reporters(body)) {
            Ok(Self(caller))
        } else {
            Err(forbidden(&caller, body, reporters(body)))
        }
    }
}

/// Moves a report: its reporter, or the owner of its plan. Which of them may make which step is the status machine's.
pub struct ReportActor {
    pub caller: Caller,
    /// Writes this report: submits, withdraws.
    pub reports: bool,
    /// Returns, approves, publishes and corrects reports of this plan.
    pub reviews: bool,
}
extractor!(ReportActor);

impl ReportActor {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        let path = request.match_info();
        let reporter = crate::web::path::municipality(path.get("municipality").unwrap_or_default(), request)?;
        let owner = path.get("plan").and_then(|plan| plan.get(..6)).and_then(|code| Code::parse(code).ok());
        let owner = owner.ok_or_else(|| Error::not_found(request.path()))?;
        let reports = caller.may(reporter, reporters(reporter));
        let reviews = caller.may(owner, reviewers(owner));
        if reports || reviews {
            Ok(Self { caller, reports, reviews })
        } else {
            Err(forbidden(&caller, reporter, reporters(reporter)))
        }
    }
}

/// Municipalities, code lists, common indicators.
pub struct Administrator(pub Caller);
extractor!(Administrator);

impl Administrator {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        if caller.is_administrator() {
            return Ok(Self(caller));
        }
        log::warn!(target: "security", client = caller.client.as_str(), needs = "administrator"; "access refused");
        Err(Error::new(
            error::Code::RequestForbidden,
            "この操作には administrator の役割が必要です",
            "This needs the role administrator",
        ))
    }
}

/// Anybody. A token is read only where the working view is asked for.
pub struct Reader(pub Option<Caller>);

impl FromRequest for Reader {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pairs(request).and_then(|pairs| {
            let working = pairs.iter().any(|(name, value)| (name.as_str(), value.as_str()) == ("view", "working"));
            working.then(|| Caller::from_request(request)).transpose().map(Self)
        }))
    }
}

fn editors(owner: Code) -> &'static [Role] {
    if owner.is_prefecture() { &[Role::PrefectureEditor] } else { &[Role::MunicipalApprover] }
}

fn reporters(body: Code) -> &'static [Role] {
    if body.is_prefecture() { &[Role::PrefectureEditor] } else { &[Role::MunicipalEditor, Role::MunicipalApprover] }
}

fn reviewers(owner: Code) -> &'static [Role] {
    if owner.is_prefecture() { &[Role::PrefectureReviewer] } else { &[Role::MunicipalApprover] }
}

fn forbidden(caller: &Caller, body: Code, roles: &[Role]) -> Error {
    let needs = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    log::warn!(target: "security", client = caller.client.as_str(), body = body.as_str(), needs = needs.join("|").as_str(); "access refused");
    Error::new(
        error::Code::RequestForbidden,
        format!("この操作には {body} の {} の権限が必要です", needs.join(" または ")),
        format!("This needs the role {} for {body}", needs.join(" or ")),
    )
}
