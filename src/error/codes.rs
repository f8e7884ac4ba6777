//! Every error code of the API: one line a code. Codes are part of the contract: never renamed, never reused.

use super::FixBy;

macro_rules! codes {
    ($($variant:ident = $id:literal, $status:literal, $fix_by:ident, $ja:literal, $en:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($variant),+ }
        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),+];
            pub fn find(id: &str) -> Option<Code> {
                Self::ALL.iter().copied().find(|code| code.id() == id)
            }
            /// `resource.reason`, stable.
            pub const fn id(self) -> &'static str { match self { $(Code::$variant => $id),+ } }
            pub const fn status(self) -> u16 { match self { $(Code::$variant => $status),+ } }
            pub const fn fix_by(self) -> FixBy { match self { $(Code::$variant => FixBy::$fix_by),+ } }
            pub const fn title_ja(self) -> &'static str { match self { $(Code::$variant => $ja),+ } }
            pub const fn title_en(self) -> &'static str { match self { $(Code::$variant => $en),+ } }
        }
    };
}

codes! {
    RequestMalformed = "request.malformed", 400, Sender, "リクエストを読み取れません", "The request cannot be read";
    RequestUnknownField = "request.unknown_field", 400, Sender, "知らない項目があります", "Unknown field";
    RequestUnknownParameter = "request.unknown_parameter", 400, Sender, "知らないパラメーターがあります", "Unknown parameter";
    RequestParameter = "request.parameter", 400, Sender, "パラメーターの値を読み取れません", "A parameter cannot be read";
    RequestRepeatedParameter = "request.repeated_parameter", 400, Sender, "パラメーターが重複しています", "A parameter is repeated";
    RequestCursor = "request.cursor", 400, Sender, "cursor を使えません", "The cursor cannot be used";
    RequestInvalid = "request.invalid", 422, Sender, "内容に誤りがあります", "The content is not valid";
    RequestPreconditionRequired = "request.precondition_required", 428, Sender, "前提条件（If-Match / If-None-Match）がありません", "A precondition is required";
    RequestPrecondition = "request.precondition", 400, Sender, "前提条件ヘッダーを読み取れません", "The precondition header cannot be read";
    RequestVersionConflict = "request.version_conflict", 412, Sender, "別の更新が先に行われています", "Another change came first";
    RequestUnauthorized = "request.unauthorized", 401, Sender, "認証が必要です", "Authentication is required";
    RequestForbidden = "request.forbidden", 403, Administrator, "この操作を行う権限がありません", "Not allowed";
    RequestNotAcceptable = "request.not_acceptable", 406, Sender, "その形式では返せません", "Not acceptable";
    RequestTooLarge = "request.too_large", 413, Sender, "リクエストが大きすぎます", "The request is too large";
    RequestMediaType = "request.media_type", 415, Sender, "この形式は受け付けません", "Unsupported media type";
    RequestTimeout = "request.timeout", 408, Sender, "本文が時間内に届きません", "The body did not arrive in time";
    RequestAddressTooLong = "request.address_too_long", 414, Sender, "URL が長すぎます", "The address is too long";
    RequestHeadersTooLarge = "request.headers_too_large", 431, Sender, "ヘッダーが大きすぎます", "The headers are too large";
    RequestRateLimit = "request.rate_limit", 429, Sender, "リクエストが多すぎます", "Too many requests";
    RequestMethod = "request.method", 405, Sender, "このメソッドは使えません", "Method not allowed";
    RequestIdempotencyKeyRequired = "request.idempotency_key_required", 400, Sender, "Idempotency-Key がありません", "Idempotency-Key is required";
    RequestIdempotencyKeyReused = "request.idempotency_key_reused", 422, Sender, "Idempotency-Key が別の内容で使われています", "Idempotency-Key was used with other content";
    RequestStillRunning = "request.still_running", 409, Sender, "同じリクエストを処理中です", "The same request is still running";
    ResourceNotFound = "resource.not_found", 404, Sender, "見つかりません", "Not found";
    ResourceInUse = "resource.in_use", 409, Sender, "ほかから使われているため変更・削除できません", "Still in use";
    CursorEpoch = "cursor.epoch", 410, Sender, "データベースが復元されたため、この cursor は無効です", "The database was restored: this cursor is gone";
    CursorPruned = "cursor.pruned", 410, Sender, "この位置の変更の記録は、保存期間を過ぎました", "The changes behind this place are no longer kept";
    MunicipalityCodeLength = "municipality.code_length", 422, Sender, "団体コードの桁数の誤り", "A municipality code has six digits";
    MunicipalityCheckDigit = "municipality.check_digit", 422, Sender, "団体コードの検査数字の誤り", "Wrong check digit";
    MunicipalityNotCanonical = "municipality.not_canonical", 400, Sender, "URL の団体コードは6桁で書いてください", "Municipality code in the address is not canonical";
    MunicipalityNameMismatch = "municipality.name_mismatch", 422, Sender, "団体名とコードが食い違っています", "The municipality's name and code disagree";
    MunicipalityUnknown = "municipality.unknown", 422, Sender, "存在しない団体コードです", "Unknown municipality";
    PeriodUnknown = "period.unknown", 422, Sender, "期間を読み取れません", "Unknown period";
    PeriodNotCanonical = "period.not_canonical", 400, Sender, "URL の期間は正規の書き方にしてください", "Period in the address is not canonical";
    PlanUnknown = "plan.unknown", 422, Sender, "存在しない計画です", "Unknown plan";
    PlanNotAReporter = "plan.not_a_reporter", 403, Administrator, "この計画の報告団体ではありません", "Not a reporter of this plan";
    PlanStatus = "plan.status", 409, Sender, "計画の状態をそのようには変えられません", "The plan's status cannot change like this";
    PlanNotAdopted = "plan.not_adopted", 409, Sender, "計画が策定済みになっていません", "The plan is not adopted";
    PlanCodeTaken = "plan.code_taken", 409, Sender, "同じコードの計画があります", "The plan is there already";
    PlanNumberingInUse = "plan.numbering_in_use", 409, Sender, "事業の登録後に番号の付け方は変えられません", "Numbering cannot change once there are programs";
    NodeUnknown = "node.unknown", 422, Sender, "存在しない目標・施策・分類です", "Unknown plan node";
    NodeCycle = "node.cycle", 422, Sender, "親子関係が循環しています", "The tree of nodes has a cycle";
    DepartmentUnknown = "department.unknown", 422, Sender, "存在しない担当課です", "Unknown department";
    ProgramUnknown = "program.unknown", 422, Sender, "存在しない事業です", "Unknown program";
    ProgramNameMismatch = "program.name_mismatch", 422, Sender, "事業名とコードが食い違っています", "The program's name and code disagree";
    ProgramCodeTaken = "program.code_taken", 422, Sender, "新しい計画で同じコードが2回使われます", "Two programs of the new plan have one code";
    ProgramMappedTwice = "program.mapped_twice", 422, Sender, "同じ事業の行き先が矛盾しています", "A program is mapped twice";
    ProgramNumberTaken = "program.number_taken", 409, Sender, "同じ番号の事業があります", "The number is taken";
    StatutoryProgramUnknown = "statutory_program.unknown", 422, Sender, "存在しない法定事業コードです", "Unknown statutory program";
    IndicatorUnknown = "indicator.unknown", 422, Sender, "存在しない指標です", "Unknown indicator";
    EvaluationUnknownScheme = "evaluation.unknown_scheme", 422, Sender, "存在しない評価基準です", "Unknown evaluation scheme";
    EvaluationUnknownLevel = "evaluation.unknown_level", 422, Sender, "評価基準にない区分です", "Unknown level";
    EvaluationReasonRequired = "evaluation.reason_required", 422, Sender, "この区分には理由が必要です", "The level needs a reason";
    RoundPairTaken = "round.pair_taken", 409, Sender, "ほかの照会がすでに扱っている期間です", "Another round covers this part and period";
    RoundCodeTaken = "round.code_taken", 409, Sender, "同じコードの照会があります", "The round is there already";
    RoundNoNextYear = "round.no_next_year", 409, Sender, "次の年度の照会は作れません", "There is no next year for the round";
    RoundUnknown = "round.unknown", 422, Sender, "存在しない照会です", "Unknown round";
    TemplateTooLarge = "template.too_large", 409, Administrator, "様式が大きすぎます", "The form is too large";
    TableTooLarge = "table.too_large", 409, Administrator, "表が大きすぎます", "The table is too large";
    ReporterIsWard = "reporter.is_ward", 422, Sender, "行政区は報告団体になりません", "Wards do not report";
    ReportLocked = "report.locked", 409, Sender, "報告は提出済みのため変更できません", "The report is locked";
    ReportTransition = "report.transition", 409, Sender, "報告の状態をそのようには変えられません", "The report's status cannot change like this";
    ReportReasonRequired = "report.reason_required", 422, Sender, "理由が必要です", "A reason is required";
    ReportSamePerson = "report.same_person", 409, Sender, "提出した人は公表できません", "Who submits does not publish";
    ReportEmpty = "report.empty", 422, Sender, "空の報告は理由なしに提出できません", "An empty report needs a reason";
    RecordUnknownTextField = "record.unknown_text_field", 422, Sender, "計画にない文章欄です", "Unknown text field";
    RecordEmpty = "record.empty", 422, Sender, "内容が空です", "The record is empty";
    RecordRepost = "record.repost", 422, Sender, "再掲元の誤り", "Wrong repost";
    RecordPeriod = "record.period", 422, Sender, "この期間には記録できません", "Nothing can be recorded for this period";
    RecordNoLastYear = "record.no_last_year", 422, Sender, "写せる前年度の文章がありません", "No text of last year to go on";
    RecordTextChanged = "record.text_changed", 422, Sender, "変更なしとした文章が前年度と異なります", "The text differs from last year's";
    AmendmentReasonRequired = "amendment.reason_required", 422, Sender, "変更した理由が必要です", "A changed goal needs its reason";
    AmendmentGap = "amendment.gap", 422, Sender, "変更目標の番号が続いていません", "Amendment numbers have a gap";
    ValueContent = "value.content", 422, Sender, "数値の内容の誤り", "Wrong content of a value";
    NumberDigits = "number.digits", 422, Sender, "数値の桁数の誤り", "Too many digits";
    FigureUnreadable = "figure.unreadable", 422, Sender, "数値として読めません", "The figure cannot be read";
    FigureUnit = "figure.unit", 422, Sender, "単位が食い違っています", "The units disagree";
    FigureTwice = "figure.twice", 422, Sender, "数値が2か所にあります", "The figure stands in two places";
    AggregateNotSummable = "aggregate.not_summable", 422, Sender, "その集計のしかたはこの指標には使えません", "The function does not go with the indicator";
    AggregateUnlikeUnits = "aggregate.unlike_units", 422, Sender, "単位の異なる値は合計できません", "Different units are not added";
    AggregateUnlikeBases = "aggregate.unlike_bases", 422, Sender, "数え方の異なる値は合計できません", "Different bases are not added";
    AggregateOverTime = "aggregate.over_time", 422, Sender, "時点の値は期間をまたいで合計できません", "Points in time are not added over periods";
    AggregateTooLarge = "aggregate.too_large", 422, Sender, "集計の件数が多すぎます", "Too many groups";
    ImportRefused = "import.refused", 422, Sender, "誤りがあるため何も書き込んでいません", "Nothing was written, because of errors";
    ImportRows = "import.rows", 422, Sender, "取り込める件数ではありません", "Too few or too many rows";
    ImportKind = "import.kind", 422, Sender, "この種類のファイルは読めません", "A file of another kind";
    ImportMalformed = "import.malformed", 422, Sender, "ファイルを読み取れません", "The file cannot be read";
    ImportCharset = "import.charset", 422, Sender, "文字コードの誤り", "Another character encoding";
    ImportTooLarge = "import.too_large", 413, Sender, "ファイルの中身が大きすぎます", "The content of the file is too large";
    ImportUnknownColumn = "import.unknown_column", 422, Sender, "知らない列があります", "Unknown column";
    ImportMissingColumn = "import.missing_column", 422, Sender, "必要な列がありません", "A column is missing";
    ImportRepeatedColumn = "import.repeated_column", 422, Sender, "同じ列が2つあります", "A column is repeated";
    ImportBrokenCell = "import.broken_cell", 422, Sender, "セルに値がありません", "The cell has no value";
    ImportDateCell = "import.date_cell", 422, Sender, "セルが日付になっています", "The cell became a date";
    ImportNotCanonical = "import.not_canonical", 422, Sender, "セルの書き方の誤り", "The cell is written otherwise";
    ImportOutdatedForm = "import.outdated_form", 422, Sender, "様式が変わっています", "The form has changed";
    RowVersionConflict = "row.version_conflict", 412, Sender, "登録済みの内容と異なります", "Another content is stored";
    RowKey = "row.key", 422, Sender, "どの記録の行か決まりません", "The row's record is not clear";
    RowRepeated = "row.repeated", 422, Sender, "同じ記録の行が2回あります", "The same record twice";
    RowDisagrees = "row.disagrees", 422, Sender, "同じ記録の行が食い違っています", "Rows of one record disagree";
    RowEmptied = "row.emptied", 422, Sender, "登録済みの記録が空になっています", "An existing record is blank";
    ServiceBusy = "service.busy", 503, Operator, "ただいま混み合っています", "Busy";
    ServiceUnavailable = "service.unavailable", 503, Operator, "データベースに接続できません", "The database is unavailable";
    ServiceStopping = "service.stopping", 503, Operator, "停止処理中です", "The service is stopping";
    ServiceInternal = "service.internal", 500, Operator, "サーバー内部の誤り", "Internal error";
}
