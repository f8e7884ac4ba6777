use crate::domain::key::LocalCode;
use crate::error::{Code, FixBy};
use crate::path_key;
use serde::Serialize;
use utoipa::ToSchema;

path_key! {
    /// Address of a code: those of problems have the form of other codes.
    pub struct ProblemKey { code: LocalCode = "report.locked" }
}

/// 誤りのコードの意味 / what a code of a problem means
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemCode {
    /// 変わらないコード / stable code
    #[schema(max_length = 100, pattern = "^[a-z_]+\\.[a-z_]+$", example = "report.locked")]
    pub code: String,
    /// HTTP のステータス
    #[schema(minimum = 400, maximum = 599, example = 409)]
    pub status: u16,
    #[schema(max_length = 200, example = "報告は提出済みのため変更できません")]
    pub title_ja: String,
    #[schema(max_length = 200, example = "The report is locked")]
    pub title_en: String,
    /// 誰が直せるか / who can mend it
    pub fix_by: FixBy,
    /// 次にすること
    #[schema(max_length = 400)]
    pub next_ja: String,
    /// What to do next
    #[schema(max_length = 400)]
    pub next_en: String,
}

impl From<Code> for ProblemCode {
    fn from(code: Code) -> Self {
        let (next_ja, next_en) = next(code);
        Self {
            code: code.id().into(),
            status: code.status(),
            title_ja: code.title_ja().into(),
            title_en: code.title_en().into(),
            fix_by: code.fix_by(),
            next_ja: next_ja.into(),
            next_en: next_en.into(),
        }
    }
}

const fn next(code: Code) -> (&'static str, &'static str) {
    match code.status() {
        400 | 405 | 413 | 414 | 415 | 431 => (
            "`detail` と `errors` が示す所を直して送り直す。そのまま送り直しても同じ結果になる",
            "Mend what `detail` and `errors` point at and send again; sent as it is, it fails again",
        ),
        401 => (
            "新しいトークンを取得して送り直す。続くときは管理者に、クライアントが有効か確かめる",
            "Get a new token and send again; if it stays, ask the administrator whether the client is in force",
        ),
        403 => (
            "`detail` が示す役割と団体の権限を、管理者（計画の報告団体のことは計画の所有団体）に頼む",
            "Ask the administrator for the role and body `detail` names, or the plan's owner to be made a reporter",
        ),
        404 => (
            "アドレスのコードを確かめる。作業中の内容なら `view=working` とトークンを付ける",
            "Check the codes in the address; for working content add `view=working` and a token",
        ),
        408 | 429 | 503 => (
            "`Retry-After` の秒数だけ待って、同じリクエストを送り直す。書き込みの再送は安全",
            "Wait the seconds of `Retry-After` and send the same again; repeating a write is safe",
        ),
        409 => (
            "`detail` が示す状態を先に変える。同じリクエストの処理中なら、少し待って送り直す",
            "First change the state `detail` names; if the same request is still running, wait and send again",
        ),
        410 => ("cursor なしで最初から取得し直す", "Begin again without a cursor"),
        412 => (
            "取得し直して相手の変更と突き合わせ、新しい ETag を `If-Match` に付けて送り直す",
            "Read again, merge with the other change, and send with the new ETag as `If-Match`",
        ),
        422 => (
            "`errors` の `pointer` が示す項目の内容を直して送り直す",
            "Mend the content of the fields that the `pointer`s of `errors` name, and send again",
        ),
        428 => (
            "新規作成なら `If-None-Match: *`、更新なら直前の ETag を `If-Match` に付けて送り直す",
            "Send again with `If-None-Match: *` to create or the last ETag as `If-Match` to replace",
        ),
        _ => (
            "少し待って送り直す。続くときは `request_id` を添えて運用者に知らせる",
            "Wait a little and send again; if it stays, tell the operator the `request_id`",
        ),
    }
}
