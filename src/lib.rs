//! Hagukumi 育み: exchange of child-care plans, targets and yearly results between municipalities and prefectures.
//!
//! # The tree
//!
//! Folder = resource, file = role: `routes.rs` is HTTP, `types.rs` what travels, `queries.rs` SQL, `rules.rs` logic of
//! its own. Start reading in [`app`], the route table.
//!
//! | | |
//! |---|---|
//! | [`app`] | the route table, the service, the OpenAPI document ([`document`]: what is true of every operation) |
//! | [`municipalities`] | municipalities, prefectures, wards, and who came after whom |
//! | [`departments`] | who is in charge |
//! | [`plans`] | plans and who reports on them |
//! | [`nodes`] | a plan's goals, policies and categories |
//! | [`programs`] | what is done, and the form it is reported in ([`statutory_programs`]: the law's list) |
//! | [`indicators`] | what is counted, in which unit and how |
//! | [`evaluation_schemes`] | scales, their levels and years |
//! | [`rounds`] | what is handed in together |
//! | [`records`] | what targets and annual results have in common |
//! | [`targets`], [`results`] | what was planned, what was done |
//! | [`values`] | the figures of both, side by side |
//! | [`aggregates`] | what adds up over municipalities, and on what it rests |
//! | [`reports`] | the state of what a reporter hands in, from draft to published; how complete it is, its receipt, its corrections |
//! | [`templates`] | what a reporter is asked for, to be filled in and sent back |
//! | [`imports`] | many targets and results in one call: JSON, CSV, workbooks; what became of each row |
//! | [`changes`] | what is public, as it changes: the feed by which a copy stays up to date |
//! | [`pull`] | `hagukumi pull`, a client of the feed to learn from: a copy in one file |
//! | [`redactions`] | what should never have been published, emptied for good |
//! | [`tables`] | a report and a round as they are printed |
//! | [`exports`] | everything public as data sets to compute with |
//! | [`audit`] | the trail of changes, for those who answer for it |
//! | [`problems`] | what the code of a problem means |
//! | [`warnings`] | what looks wrong and may be right, and what its reporter says to it |
//! | [`definitions`] | the one way in which all but targets and results are written |
//! | [`idempotency`] | a POST sent again happens once |
//! | [`publications`], [`journal`] | the numbered steps of what is public; the trail of every change |
//! | [`domain`] | codes, periods, keys: pure, knows nobody |
//! | [`db`] | the two doors to PostgreSQL, the schema and its steps, the private cluster of demo and tests |
//! | [`nation`] | a database as large as the country's, made up, to measure on |
//! | [`clients`] | the systems that get tokens, and their secrets |
//! | [`auth`] | tokens, and the extractors that say who may |
//! | [`web`] | bodies, parameters, paging, preconditions, languages; limits, and what is on every answer |
//! | [`error`] | everything that can go wrong, in two languages |
//! | [`clock`], [`state`] | the only source of time; what every handler shares |
//! | [`config`], [`server`], [`demo`], [`commands`], [`logging`], [`metrics`], [`health`] | how it starts, stops, and tells how it is |
//!
//! # The words
//!
//! | Japanese | here | Japanese | here |
//! |---|---|---|---|
//! | 市区町村 / 都道府県 | municipality / prefecture | 全国地方公共団体コード | code (six digits) |
//! | 政令指定都市 / 行政区 / 特別区 | designated_city / ward / special_ward | 廃置分合 | succession |
//! | 計画 | plan | 基本目標 / 施策 / 分類 | node: basic_goal / policy / category |
//! | 事業・事務事業・取組 | program | 項目No.・取組番号 | number, as printed: number_label |
//! | 担当課・所管課 / 局 | department / bureau | 重点 | priority |
//! | 指標 | indicator | 単位 | unit |
//! | 目標・見込・計画 | target | 実行計画と差異のある事業目標 | amendment (of a target) |
//! | 実績・取組状況 | result | 現状（計画策定時） | baseline |
//! | 評価・達成度・点検結果 | evaluation | 評価基準 / 区分 | evaluation scheme / level |
//! | 達成率 | achievement rate | 量の見込み / 確保方策 | demand estimate / provision plan |
//! | 延べ / 実 | cumulative / actual (count basis) | 計・累計 | running total |
//! | うち | of which | 見込・予定（実績の中） | estimate |
//! | 年度 / 上半期 / 以降 | fiscal year / first half / open-ended | 現在・時点 | measured on |
//! | 再掲 / 資料…のとおり | repost / cross reference | 回答・報告 | report |
//! | 照会・調査 | round | 作成 / 提出 / 差戻し / 承認 / 公表 | draft / submit / return / approve / publish |
//! | 訂正 | correct: a new edition | 報告団体 | reporter |
//! | 確認事項 | warning | 確認済み | acknowledged |
//! | 照会の概況 | overview of a round | 記入率 | completeness |
//! | 受付の控え | receipt | 正誤表 | corrections |
//! | 表 | table | 出典 | source line |
//!
//! Three words, three things: an *amendment* is a changed goal, an *edition* a published state of a report, a *version*
//! the history of a row behind its ETag.

pub mod aggregates;
pub mod app;
pub mod audit;
pub mod auth;
pub mod changes;
pub mod clients;
pub mod clock;
pub mod commands;
pub mod config;
pub mod db;
pub mod definitions;
pub mod demo;
pub mod departments;
pub mod document;
pub mod domain;
pub mod error;
pub mod evaluation_schemes;
pub mod exports;
pub mod health;
pub mod idempotency;
pub mod imports;
pub mod indicators;
pub mod journal;
pub mod logging;
pub mod metrics;
pub mod municipalities;
pub mod nation;
pub mod nodes;
pub mod plans;
pub mod problems;
pub mod programs;
pub mod publications;
pub mod pull;
pub mod records;
pub mod redactions;
pub mod reports;
pub mod results;
pub mod rounds;
pub mod server;
pub mod state;
pub mod statutory_programs;
pub mod tables;
pub mod targets;
pub mod templates;
pub mod values;
pub mod warnings;
pub mod web;
