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
        "program_successors_successor_fk",
        Code::ProgramUnknown,
        "/successors",
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

/// What refers to others: the beginning of its constraints' names, longer ones first.
const REFERRERS: &[(&str, &str, &str)] = &[
    ("program_successors_", "後継として、ほかの事業", "a program that it came after"),
    ("program_", "事業の担当課・様式", "a program's departments or form"),
    ("programs_", "事業", "a program"),
    ("plan_reporters_", "報告団体の登録", "a plan's reporter"),
    ("plans_", "計画", "a plan"),
    ("nodes_", "目標・施策・分類", "a node"),
    ("departments_", "担当課", "a department"),
    ("indicators_", "指標", "an indicator"),
    ("evaluation_", "評価基準", "an evaluation scheme"),
    ("round", "照会", "a round"),
    ("report", "報告", "a report"),
    ("record", "目標・実績の記録", "a record of a target or result"),
    ("municipalities_", "団体", "a municipality"),
    ("successions_", "廃置分合の記録", "a succession"),
];

/// Foreign keys that stop a delete or a change because something still points here.
fn in_use(constraint: &str) -> Error {
    let who = REFERRERS.iter().find(|(name, ..)| constraint.starts_with(name));
    let (ja, en) = who.map_or(("ほかのデータ", "something else"), |(_, ja, en)| (*ja, *en));
    Error::new(
        Code::ResourceInUse,
        format!("{ja}から参照されているため、変更・削除できません。先にそちらを変更または削除してください"),
        format!("{en} still refers to it: change or delete that first"),
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
            _ if tells(message, WAITED) => busy(),
            _ if tells(message, GONE) || tells(message, EXHAUSTED) => unavailable(message),
            _ => Self::internal(format!("{message} [{}]", information.constraint_name().unwrap_or_default())),
        }
    }
}

/// diesel keeps the SQLSTATE to itself, and what the server says depends on its `lc_messages`, which an ordinary login
/// cannot set. So the two languages that servers here speak are known. 55P03, 57014, 40P01:
const WAITED: &[&str] = &[
    "lock timeout",
    "statement timeout",
    "deadlock detected",
    "ロックのタイムアウト",
    "ステートメントのタイムアウト",
    "デッドロックを検出",
];
/// Class 57 but for 57014, and 53300.
const GONE: &[&str] = &[
    "terminating connection",
    "the database system is",
    "conflict with recovery",
    "too many clients",
    "connection slots are reserved",
    "接続を終了し",
    "データベースシステムは",
    "リカバリで競合",
    "クライアント数が多すぎ",
    "接続スロットは",
];
/// Class 53: disk, memory.
const EXHAUSTED: &[&str] = &[
    "No space left on device",
    "could not extend file",
    "could not write to file",
    "out of memory",
    "out of shared memory",
    "空き領域がありません",
    "を拡張できませんでした",
    "を書き出せませんでした",
    "メモリ不足",
    "共有メモリが足りません",
];

fn tells(message: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| message.contains(phrase))
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

#[cfg(test)]
mod tests {
    use super::{CONSTRAINTS, Code, DatabaseErrorKind, Diesel, Error, in_use};

    #[test]
    fn who_still_refers_to_it_is_told_in_words() {
        for (constraint, ..) in CONSTRAINTS.iter().filter(|known| known.0.ends_with("_fk")) {
            let told = in_use(constraint).to_string();
            assert!(!told.contains("something else"), "{constraint}: {told}");
        }
        assert!(in_use("record_values_indicator_fk").to_string().contains("a record of a target or result"));
        assert!(in_use("program_indicators_indicator_fk").to_string().contains("a program's"));
    }

    fn code(kind: DatabaseErrorKind, message: &str) -> Code {
        Error::from(Diesel::DatabaseError(kind, Box::new(message.to_owned()))).code()
    }

    /// As PostgreSQL 15 says them in English and in Japanese.
    #[test]
    fn what_the_server_cannot_do_now_is_503_in_both_languages() {
        for message in [
            "canceling statement due to lock timeout",
            "canceling statement due to statement timeout",
            "deadlock detected",
            "ロックのタイムアウトのためステートメントをキャンセルしています",
            "ステートメントのタイムアウトのためステートメントをキャンセルしています",
            "デッドロックを検出しました",
        ] {
            assert_eq!(code(DatabaseErrorKind::Unknown, message), Code::ServiceBusy, "{message}");
        }
        for message in [
            "terminating connection due to administrator command",
            "terminating connection because of crash of another server process",
            "the database system is starting up",
            "the database system is not yet accepting connections",
            "canceling statement due to conflict with recovery",
            "sorry, too many clients already",
            "could not extend file \"base/1/2\": No space left on device",
            "out of memory",
            "管理者コマンドにより接続を終了しています",
            "他のサーバープロセスがクラッシュしたため接続を終了します",
            "データベースシステムは起動処理中です",
            "データベースシステムはリカバリモードです",
            "リカバリで競合が発生したためステートメントをキャンセルしています",
            "現在クライアント数が多すぎます",
            "ファイル\"base/1/2\"を拡張できませんでした: デバイスに空き領域がありません",
            "メモリ不足です",
        ] {
            assert_eq!(code(DatabaseErrorKind::Unknown, message), Code::ServiceUnavailable, "{message}");
        }
        let kinds = [DatabaseErrorKind::ReadOnlyTransaction, DatabaseErrorKind::ClosedConnection];
        for kind in kinds {
            assert_eq!(code(kind, "リードオンリーのトランザクションでは"), Code::ServiceUnavailable);
        }
        assert_eq!(code(DatabaseErrorKind::SerializationFailure, ""), Code::ServiceBusy);
        for message in ["division by zero", "canceling statement due to user request", "0 による除算です"] {
            assert_eq!(code(DatabaseErrorKind::Unknown, message), Code::ServiceInternal, "{message}");
        }
    }
}
