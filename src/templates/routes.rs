use super::form::{self, Entry, Form, Sheet};
use super::types::{Template, TemplateBody, TemplateLastYear, TemplateResource, TemplateRow, TemplateRowKey};
use super::{csv, xlsx};
use crate::auth::Reporter;
use crate::error::Error;
use crate::records::queries::last_year::LastYear;
use crate::records::types::Part;
use crate::reports::types::ReportKey;
use crate::state::State;
use crate::web::answer;
use crate::web::params::Params;
use crate::web::table::{self, Media, TableFile, TableParams};
use actix_web::web::{Data, block};
use actix_web::{HttpResponse, get};
use utoipa_actix_web::service_config::ServiceConfig;

/// 記入様式 / get a template
///
/// 照会で報告する事業を、今の内容・前年の内容とともに返す。`Accept` で JSON、CSV（見出しは英語の列名）、XLSX（記入用のExcel）。
/// 記入したものは、見出しを変えずにそのまま `POST /imports` に送れる。途中まででもよい。
/// / what is reported in the round, with what stands there now and last year: as JSON, as CSV, or as a workbook to be filled
/// in. It goes back to `POST /imports` as it is, half filled in if need be.
#[utoipa::path(tag = "Imports and templates 取込と様式", params(ReportKey, TableParams),
    security(("bearer" = ["municipal_editor", "municipal_approver", "prefecture_editor"])),
    extensions(("x-codes" = json!(["plan.not_a_reporter", "template.too_large"]))),
    responses((status = 200, description = "記入様式", content((Template = "application/json"), (TableFile = "text/csv"),
        (TableFile = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/templates/{plan}/{municipality}/{round}")]
pub async fn get_template(
    reporter: Reporter,
    state: Data<State>,
    key: ReportKey,
    params: Params<TableParams>,
    media: Media,
) -> Result<HttpResponse, Error> {
    let read = state.db.as_reader(&reporter.0, async |conn| form::load(conn, &reporter.0, &key).await);
    let form = read.await?;
    let name = format!("hagukumi-{}-{}-{}", key.plan, key.municipality, key.round);
    let (bom, now) = (params.0.bom.unwrap_or(false), state.clock.now());
    // A large form takes a second: not of the thread that serves others meanwhile.
    let written = match media {
        Media::Json => return Ok(answer::list(true, &template(form))),
        Media::Csv => block(move || csv::write(&form, bom)).await,
        Media::Xlsx => block(move || xlsx::write(&form, now)).await,
    };
    Ok(table::file(&name, media, true, written.map_err(Error::internal)??))
}

fn template(form: Form) -> Template {
    let Form { key, version, fingerprint, sheets, .. } = form;
    let rows = sheets.into_iter().flat_map(|Sheet { part, period, entries }| {
        let period = period.code();
        entries.into_iter().map(|entry| row(&key, part, &period, entry)).collect::<Vec<_>>()
    });
    Template {
        plan: key.plan.to_string(),
        municipality: key.municipality.to_string(),
        round: key.round.to_string(),
        form_version: version,
        form: fingerprint,
        rows: rows.collect(),
    }
}

fn row(key: &ReportKey, part: Part, period: &str, entry: Entry) -> TemplateRow {
    let resource = match part {
        Part::Targets => TemplateResource::Target,
        Part::Results => TemplateResource::Result,
    };
    TemplateRow {
        resource,
        key: TemplateRowKey {
            plan: key.plan.to_string(),
            program: entry.program.code.clone(),
            municipality: key.municipality.to_string(),
            period: period.to_owned(),
            amendment: (part == Part::Targets).then_some(entry.amendment),
        },
        if_match: entry.etag,
        body: entry.body.map(|body| TemplateBody::new(resource, body)),
        last_year: entry.last_year.into_iter().map(last_year).collect(),
    }
}

fn last_year(last: LastYear) -> TemplateLastYear {
    TemplateLastYear {
        plan: last.from_plan,
        program: last.from_program,
        period: last.record.period.clone(),
        amendment: last.record.amendment,
        texts: last.record.body.texts.clone(),
        values: last.record.body.values.clone(),
    }
}

pub fn all(config: &mut ServiceConfig<'_>) {
    config.service(get_template);
}
