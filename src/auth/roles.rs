//! The role extractors: one line in a handler's signature says who may call it.

use super::{Caller, jwt::Role};
use crate::domain::code::Code;
use crate::error::{self, Error};
use crate::logging::SECURITY;
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
        if owner == Some("000000") {
            return administrator(caller).map(Self);
        }
        let owner = owner.and_then(|code| Code::parse(code).ok());
        match owner {
            Some(owner) if caller.may(owner, editors(owner)) => Ok(Self(caller)),
            Some(owner) => Err(forbidden(&caller, owner, editors(owner))),
            None => Err(Error::not_found(request.path(), request.path())),
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

/// Writes the working rows of some body; of which, each row of what is sent says.
pub struct Importer(pub Caller);
extractor!(Importer);

impl Importer {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        if caller.bodies().any(|body| caller.may(body, reporters(body))) {
            return Ok(Self(caller));
        }
        tell_refused(&caller, "a reporter");
        Err(Error::new(
            error::Code::RequestForbidden,
            "取込ができるのは、団体の municipal_editor・municipal_approver・prefecture_editor です",
            "Importing takes the role municipal_editor, municipal_approver or prefecture_editor of a body",
        ))
    }

    /// As [`Reporter`] of this body.
    pub fn check_reporter(&self, body: Code) -> Result<(), Error> {
        if self.0.may(body, reporters(body)) { Ok(()) } else { Err(forbidden(&self.0, body, reporters(body))) }
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
        let owner = owner.ok_or_else(|| Error::not_found(request.path(), request.path()))?;
        Self::of(caller, owner, reporter)
    }

    /// What the caller is to a report of this plan's owner and this reporter.
    pub fn of(caller: Caller, owner: Code, reporter: Code) -> Result<Self, Error> {
        let reports = caller.may(reporter, reporters(reporter));
        let reviews = caller.may(owner, reviewers(owner));
        if reports || reviews {
            Ok(Self { caller, reports, reviews })
        } else {
            Err(forbidden(&caller, reporter, reporters(reporter)))
        }
    }
}

/// Reads what the parties of a report keep between them: its reporter and the owner of its plan, in whichever role.
/// Whether the owner sees the content yet is the report's status', which the database knows.
pub struct ReportParty(pub Caller);
extractor!(ReportParty);

impl ReportParty {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        let path = request.match_info();
        let reporter = crate::web::path::municipality(path.get("municipality").unwrap_or_default(), request)?;
        let owner = path.get("plan").and_then(|plan| plan.get(..6));
        if caller.bodies().any(|body| body == reporter || Some(body.as_str()) == owner) {
            return Ok(Self(caller));
        }
        Err(forbidden(&caller, reporter, of(reporter)))
    }
}

/// Municipalities, code lists, common indicators.
pub struct Administrator(pub Caller);
extractor!(Administrator);

impl Administrator {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        administrator(Caller::from_request(request)?).map(Self)
    }
}

fn administrator(caller: Caller) -> Result<Caller, Error> {
    if caller.is_administrator() {
        return Ok(caller);
    }
    tell_refused(&caller, "administrator");
    Err(Error::new(
        error::Code::RequestForbidden,
        "この操作には administrator の役割が必要です",
        "This needs the role administrator",
    ))
}

/// Reads the trail of changes: a body's approver or reviewer, the administrator.
pub struct Auditor(pub Caller);
extractor!(Auditor);

impl Auditor {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        if caller.is_administrator() || caller.audited().next().is_some() {
            return Ok(Self(caller));
        }
        tell_refused(&caller, "an auditor");
        Err(Error::new(
            error::Code::RequestForbidden,
            "変更の記録を読めるのは、自団体の municipal_approver または prefecture_reviewer、および administrator です",
            "What was changed is read by a body's municipal_approver or prefecture_reviewer, and by the administrator",
        ))
    }

    /// About whom, or of whose plans; none: of everybody.
    pub fn bodies(&self) -> Option<Vec<String>> {
        let of_some = || self.0.audited().map(|body| body.to_string()).collect();
        (!self.0.is_administrator()).then(of_some)
    }
}

/// Whoever acts for a body: row-level security shows what is theirs.
pub struct Insider(pub Caller);
extractor!(Insider);

impl Insider {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let caller = Caller::from_request(request)?;
        if caller.bodies().next().is_some() {
            return Ok(Self(caller));
        }
        tell_refused(&caller, "a body");
        Err(Error::new(
            error::Code::RequestForbidden,
            "市区町村または都道府県の役割とその団体を持つ利用者だけが見られます",
            "This is for callers with a role of a municipality or prefecture and that body",
        ))
    }
}

/// Anybody. A token is read only where the working view is asked for: that one is for who acts for a body.
pub struct Reader(pub Option<Caller>);
extractor!(Reader);

impl Reader {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let is_working = |(name, value): &(String, String)| (name.as_str(), value.as_str()) == ("view", "working");
        if !pairs(request)?.iter().any(is_working) {
            return Ok(Self(None));
        }
        let caller = Caller::from_request(request)?;
        if caller.bodies().next().is_some() {
            return Ok(Self(Some(caller)));
        }
        tell_refused(&caller, "a body");
        Err(Error::new(
            error::Code::RequestForbidden,
            "view=working を見られるのは、市区町村または都道府県の役割とその団体を持つ利用者です。公表された内容は view を付けずに取得できます",
            "view=working is for callers with a role of a municipality or prefecture and that body. What is public is there without `view`",
        ))
    }
}

impl Reader {
    /// Of the working view: whose reports, and the reports of whose plans. None: the public view.
    pub fn parties(&self) -> Option<Vec<String>> {
        self.0.as_ref().map(|caller| caller.bodies().map(|body| body.to_string()).collect())
    }
}

/// As [`Reader`], of one report or record: its working view is the reporter's and the plan's owner's, and to others it is
/// not there. Whether the owner sees it yet is its status', which the database knows.
pub struct PartyReader(pub Reader);
extractor!(PartyReader);

impl PartyReader {
    fn check(request: &HttpRequest) -> Result<Self, Error> {
        let reader = Reader::check(request)?;
        if let Some(caller) = &reader.0 {
            let path = request.match_info();
            let codes = ["plan", "municipality"].into_iter().filter_map(|name| path.get(name)?.get(..6));
            let parties: Vec<&str> = codes.collect();
            if !caller.bodies().any(|body| parties.contains(&body.as_str())) {
                return Err(Error::new(
                    error::Code::ResourceNotFound,
                    format!(
                        "{} の作業中の内容は見つかりません。公表された内容は view を付けずに取得できます",
                        request.path()
                    ),
                    format!(
                        "No working content of {} was found. What is public is there without `view`",
                        request.path()
                    ),
                ));
            }
        }
        Ok(Self(reader))
    }
}

/// The roles in which somebody acts for a body.
pub(super) fn of(body: Code) -> &'static [Role] {
    if body.is_prefecture() {
        &[Role::PrefectureReader, Role::PrefectureEditor, Role::PrefectureReviewer]
    } else {
        &[Role::MunicipalEditor, Role::MunicipalApprover]
    }
}

fn editors(owner: Code) -> &'static [Role] {
    if owner.is_prefecture() { &[Role::PrefectureEditor] } else { &[Role::MunicipalApprover] }
}

fn reporters(body: Code) -> &'static [Role] {
    if body.is_prefecture() { &[Role::PrefectureEditor] } else { &[Role::MunicipalEditor, Role::MunicipalApprover] }
}

pub(super) fn reviewers(owner: Code) -> &'static [Role] {
    if owner.is_prefecture() { &[Role::PrefectureReviewer] } else { &[Role::MunicipalApprover] }
}

fn tell_refused(caller: &Caller, needs: &str) {
    log::warn!(target: SECURITY, request_id:% = caller.request_id, client = caller.client.as_str(), needs; "access refused");
}

fn forbidden(caller: &Caller, body: Code, roles: &[Role]) -> Error {
    let needs = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    log::warn!(target: SECURITY, request_id:% = caller.request_id, client = caller.client.as_str(), body = body.as_str(), needs = needs.join("|").as_str(); "access refused");
    Error::new(
        error::Code::RequestForbidden,
        format!("この操作には {body} の {} の権限が必要です", needs.join(" または ")),
        format!("This needs the role {} for {body}", needs.join(" or ")),
    )
}
