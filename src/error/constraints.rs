//! What the database refuses, in the words of the API. Postgres holds the invariants; here each of those a sender can
//! run into gets its code, its place in the body and its text. What is not listed is a fault of ours: an internal error.

use super::{Code, Error};
use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// Constraint → (code, JSON pointer, Japanese, English).
const CONSTRAINTS: &[(&str, Code, &str, &str, &str)] = &[
    (
        "municipalities_prefecture_fk",
        Code::MunicipalityUnknown,
        "/prefecture",
        "都道府県コードが存在しません",
        "unknown prefecture",
    ),
    (
        "municipalities_parent_fk",
        Code::MunicipalityUnknown,
        "/parent",
        "親の市のコードが存在しません",
        "unknown parent city",
    ),
    (
        "successions_successor_fk",
        Code::MunicipalityUnknown,
        "/successors",
        "承継先の団体コードが存在しません",
        "unknown successor",
    ),
    (
        "departments_municipality_fk",
        Code::MunicipalityUnknown,
        "/municipality",
        "団体コードが存在しません",
        "unknown municipality",
    ),
    (
        "departments_successor_fk",
        Code::DepartmentUnknown,
        "/successor",
        "後継の担当課が登録されていません。先に登録してください",
        "the successor is not registered; register it first",
    ),
    (
        "plans_owner_fk",
        Code::MunicipalityUnknown,
        "/plan",
        "計画コードの先頭6桁の団体が存在しません",
        "the first six digits of the plan code name no municipality",
    ),
    ("plan_reporters_plan_fk", Code::PlanUnknown, "/plan", "計画が登録されていません", "the plan is not registered"),
    (
        "plan_reporters_municipality_fk",
        Code::MunicipalityUnknown,
        "/municipality",
        "団体コードが存在しません",
        "unknown municipality",
    ),
    ("nodes_plan_fk", Code::PlanUnknown, "/plan", "計画が登録されていません", "the plan is not registered"),
    (
        "nodes_parent_fk",
        Code::NodeUnknown,
        "/parent",
        "親が登録されていません。先に登録してください",
        "the parent is not registered; register it first",
    ),
    ("indicators_owner_fk", Code::MunicipalityUnknown, "/owner", "団体コードが存在しません", "unknown municipality"),
    (
        "indicators_common_fk",
        Code::IndicatorUnknown,
        "/common_indicator",
        "共通指標（000000）に登録されていません",
        "no such common indicator (000000)",
    ),
    ("programs_plan_fk", Code::PlanUnknown, "/plan", "計画が登録されていません", "the plan is not registered"),
    (
        "programs_node_fk",
        Code::NodeUnknown,
        "/node",
        "目標・施策・分類が登録されていません。先に登録してください",
        "the node is not registered; register it first",
    ),
    ("programs_area_fk", Code::MunicipalityUnknown, "/area", "区域の団体コードが存在しません", "unknown area"),
    (
        "programs_statutory_fk",
        Code::StatutoryProgramUnknown,
        "/statutory_program",
        "法定事業コードが存在しません。/api/v1/statutory_programs を見てください",
        "see /api/v1/statutory_programs",
    ),
    (
        "programs_successor_fk",
        Code::ProgramUnknown,
        "/successor",
        "後継の事業が登録されていません",
        "the successor is not registered",
    ),
    (
        "programs_number_unique",
        Code::ProgramNumberTaken,
        "/number_label",
        "同じ番号の事業がすでにあります",
        "another program has this number",
    ),
    (
        "program_departments_department_fk",
        Code::DepartmentUnknown,
        "/departments",
        "担当課が登録されていません。先に登録するか、コードを外して printed_text だけにしてください",
        "a department is not registered; register it first or send printed_text alone",
    ),
    (
        "program_indicators_indicator_fk",
        Code::IndicatorUnknown,
        "/indicators",
        "指標が登録されていません",
        "an indicator is not registered",
    ),
    (
        "evaluation_schemes_owner_fk",
        Code::MunicipalityUnknown,
        "/owner",
        "団体コードが存在しません",
        "unknown municipality",
    ),
    ("rounds_plan_fk", Code::PlanUnknown, "/plan", "計画が登録されていません", "the plan is not registered"),
    (
        "round_covers_pk",
        Code::RoundPairTaken,
        "/covers",
        "同じ計画のほかの照会が、この部（targets・results）と期間をすでに扱っています",
        "another round of this plan covers this part and period",
    ),
    (
        "round_members_reporter_fk",
        Code::PlanNotAReporter,
        "/members",
        "計画の報告団体ではない団体があります",
        "a member is not a reporter of the plan",
    ),
    (
        "records_program_fk",
        Code::ProgramUnknown,
        "/program",
        "事業が登録されていません",
        "the program is not registered",
    ),
    (
        "records_repost_fk",
        Code::ProgramUnknown,
        "/repost_of",
        "再掲元の事業が登録されていません",
        "the reposted program is not registered",
    ),
    (
        "record_values_indicator_fk",
        Code::IndicatorUnknown,
        "/values",
        "指標が登録されていません",
        "an indicator is not registered",
    ),
    (
        "record_values_same_figure_fk",
        Code::ProgramUnknown,
        "/values",
        "same_figure_as の事業が登録されていません",
        "the program in same_figure_as is not registered",
    ),
    (
        "record_values_whole_fk",
        Code::ValueContent,
        "/values",
        "whole の番号の数値がありません",
        "`whole` names no figure of the record",
    ),
    (
        "record_evaluations_level_fk",
        Code::EvaluationUnknownLevel,
        "/evaluations",
        "評価基準にない区分です",
        "a level is not in its scheme",
    ),
];

/// Foreign keys that stop a delete or a change because something still points here.
fn in_use(constraint: &str) -> Error {
    Error::new(
        Code::ResourceInUse,
        format!("ほかのデータから参照されているため、変更・削除できません（{constraint}）"),
        format!("other data still refer to it ({constraint})"),
    )
}

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let Diesel::DatabaseError(kind, information) = &error else { return Self::internal(error) };
        let message = information.message();
        match kind {
            DatabaseErrorKind::ForeignKeyViolation if message.starts_with("update or delete on table") => {
                in_use(information.constraint_name().unwrap_or_default())
            }
            DatabaseErrorKind::ForeignKeyViolation | DatabaseErrorKind::UniqueViolation => {
                let name = information.constraint_name().unwrap_or_default();
                CONSTRAINTS.iter().find(|known| known.0 == name).map_or_else(
                    || Self::internal(format!("{message} [{name}]")),
                    |(_, code, pointer, ja, en)| Self::at(*pointer, *code, *ja, *en),
                )
            }
            DatabaseErrorKind::SerializationFailure => busy(),
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction => unavailable(message),
            // The driver gives no SQLSTATE here; the service's cluster answers in the C locale.
            _ if message.contains("lock timeout")
                || message.contains("deadlock")
                || message.contains("statement timeout") =>
            {
                busy()
            }
            _ if message.contains("terminating connection")
                || message.contains("shutting down")
                || message.contains("starting up") =>
            {
                unavailable(message)
            }
            _ => Self::internal(format!("{message} [{}]", information.constraint_name().unwrap_or_default())),
        }
    }
}

fn busy() -> Error {
    Error::new(
        Code::ServiceBusy,
        "ほかの処理の完了を待てませんでした。少し待って、同じリクエストをもう一度送ってください",
        "Another operation did not finish in time. Wait a little and send the same request again",
    )
}

/// The database cannot be reached. The cause is for the log.
pub fn unavailable(cause: &str) -> Error {
    log::warn!(cause; "database unavailable");
    Error::new(
        Code::ServiceUnavailable,
        "データベースに接続できません。少し待って、同じリクエストをもう一度送ってください",
        "The database cannot be reached. Wait a little and send the same request again",
    )
}
