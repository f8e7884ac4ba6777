//! Rules about what is written.

use super::characters;
use super::{Code, Part, Record, Warning, folded, pointer_token, targets};
use crate::domain::period::Period;
use std::collections::BTreeSet;

/// A text of fewer characters says a quantity (全園実施, 24か所) and may well be the same in plan and result.
pub(super) const SHORTEST_PROSE: usize = 10;

pub fn judge(record: &Record<'_>, found: &mut Vec<Warning>) {
    for (field, text) in record.texts {
        let at = format!("/texts/{}", pointer_token(field));
        match record.part {
            Part::Result => {
                found.extend(same_as_target(record, field, text, &at));
                found.extend(estimated(record, text, &at));
            }
            Part::Target if record.period != Period::Baseline => found.extend(done(text, &at)),
            Part::Target => {}
        }
    }
    if record.part == Part::Result {
        found.extend(estimated_figure(record, found));
    }
    let texts = record.texts.iter().map(|(field, text)| (format!("/texts/{}", pointer_token(field)), text.as_str()));
    let prose = record.prose.iter().map(|(at, text)| (at.clone(), *text));
    for (at, text) in texts.chain(prose) {
        found.extend(tags(text, &at));
        found.extend(strange_characters(text, &at));
    }
}

fn same_as_target(record: &Record<'_>, field: &str, text: &str, at: &str) -> Option<Warning> {
    let target = targets::compared(record.targets, record.period).next()?;
    let same = target.texts.get(field).is_some_and(|planned| planned == text);
    if !same || folded(text).chars().count() < SHORTEST_PROSE {
        return None;
    }
    let warning = Warning::new(
        Code::SameTextAsTarget,
        at,
        format!(
            "実績の文章が{}の目標と一字一句同じです。実際に行ったことが書かれているか確認してください",
            target.period.label_ja()
        ),
        format!(
            "the text is that of the target for {}, to the letter: does it say what was done?",
            target.period.label_en()
        ),
    );
    Some(warning.with("period", target.period))
}

/// What ends a statement: 〜予定。, 〜実施済み（1回）, 〜の見込みです. What goes on (予定どおり, 実施済みの研修) states something else.
fn ends_statement(after: &str) -> bool {
    const ENDS: [&str; 6] = ["です", "であり", "である", "となって", "としてい", "していま"];
    let follows = |word: &&str| after.starts_with(*word);
    let past = ["としていた", "としていまし", "していまし", "であった"].iter().any(follows);
    match after.chars().next() {
        None => true,
        Some(next) => {
            next.is_whitespace()
                || "。．.、，,（(）)」』］】・;；/／<＜".contains(next)
                || (!past && ENDS.iter().any(follows))
        }
    }
}

/// The words of `words` that end a statement in `text`, each with what stands before and behind it.
fn statements<'a>(text: &'a str, words: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
    words.iter().flat_map(move |word| {
        text.match_indices(word).filter_map(move |(at, _)| {
            let (before, rest) = text.split_at_checked(at)?;
            Some((before, *word, rest.strip_prefix(word)?))
        })
    })
}

/// A word with the few characters before it, for the reader to find it.
fn quoted(before: &str, word: &str) -> String {
    let line = before.rsplit(['\n', '。']).next().unwrap_or_default();
    let skip = line.chars().count().saturating_sub(12);
    format!("{}{word}", line.chars().skip(skip).collect::<String>().trim_start())
}

/// Says a sentence about the time after the period what is planned for it?
fn looks_ahead(before: &str, period: Period) -> bool {
    const LATER: [&str; 8] = ["今後", "次年度", "来年度", "翌年度", "次期", "来期", "次回", "引き続き"];
    const IN_THE_YEAR: [&str; 5] = ["年度中", "年度内", "年度末", "下半期", "後期"];
    let sentence = before.rsplit(['\n', '。']).next().unwrap_or_default();
    let part_of_year = !matches!(period, Period::FiscalYear(_));
    LATER.iter().any(|word| sentence.contains(word))
        || (part_of_year && IN_THE_YEAR.iter().any(|word| sentence.contains(word)))
}

fn estimated(record: &Record<'_>, text: &str, at: &str) -> Option<Warning> {
    const ENDING: [&str; 3] = ["予定", "見込み", "見込"];
    const ALWAYS: [&str; 4] = ["見込まれる", "見込まれます", "見込んでいる", "見込んでいます"];
    if !record.ended {
        return None;
    }
    let ending = statements(text, &ENDING).filter(|(_, _, after)| ends_statement(after));
    let words: Vec<String> = ending
        .chain(statements(text, &ALWAYS))
        .filter(|(before, _, _)| !before.ends_with("量の") && !looks_ahead(before, record.period))
        .map(|(before, word, _)| quoted(before, word))
        .collect();
    let first = words.first()?;
    let warning = Warning::new(
        Code::EstimateAfterPeriod,
        at,
        format!(
            "{}は終わっていますが、実績に「{first}」とあります。確定した内容に直してください",
            record.period.label_ja()
        ),
        format!("{} is over, but the result says `{first}`: write what it came to", record.period.label_en()),
    );
    Some(warning.with("words", words.join(" ／ ")))
}

/// A figure still marked as an estimate, where no text says so.
fn estimated_figure(record: &Record<'_>, found: &[Warning]) -> Option<Warning> {
    let place = record.figures.iter().position(|figure| figure.estimate)?;
    if !record.ended || found.iter().any(|warning| warning.code == Code::EstimateAfterPeriod) {
        return None;
    }
    Some(Warning::new(
        Code::EstimateAfterPeriod,
        format!("/values/{place}/estimate"),
        format!("{}は終わっていますが、見込の数値のままです。確定した数値に直してください", record.period.label_ja()),
        format!("{} is over, but the figure is still an estimate: send the final one", record.period.label_en()),
    ))
}

/// Doings only: that something is 設置済み or 整備済み may be where a plan begins.
fn done(text: &str, at: &str) -> Option<Warning> {
    const DONE: [&str; 6] = ["実施済", "開催済", "受講済", "修了済", "配布済", "配付済"];
    let words: Vec<String> = statements(text, &DONE)
        .filter(|(_, _, after)| ends_statement(after.strip_prefix('み').unwrap_or(after)))
        .map(|(before, word, _)| quoted(before, word))
        .collect();
    let first = words.first()?;
    let warning = Warning::new(
        Code::DoneInPlan,
        at,
        format!("目標に「{first}」とあります。実績の文章ではないか確認してください"),
        format!("the target says `{first}`: is it the text of the result?"),
    );
    Some(warning.with("words", words.join(" ／ ")))
}

/// Elements that office software and web pages leave behind. Other `<…>` is what the author wrote.
const ELEMENTS: [&str; 47] = [
    "a",
    "b",
    "blockquote",
    "body",
    "br",
    "center",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "script",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "html",
];

fn tags(text: &str, at: &str) -> Option<Warning> {
    let mut names = BTreeSet::new();
    for rest in text.split('<').skip(1) {
        let Some((inside, _)) = rest.split_once('>') else { continue };
        let inside = inside.strip_prefix('/').unwrap_or(inside);
        let name: String =
            inside.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let attributes = inside.get(name.len()..).unwrap_or_default();
        let is_tag = attributes.is_empty() || attributes.starts_with(['/', ' ', '\n', '\t', '\r']);
        if is_tag && ELEMENTS.contains(&name.as_str()) {
            names.insert(name);
        }
    }
    let first = names.first()?.clone();
    let warning = Warning::new(
        Code::HtmlTags,
        at,
        format!("HTMLのタグ（<{first}> など）が残っています。文字だけにして送り直してください"),
        format!("HTML tags (<{first}>, …) are in the text: send it as plain text"),
    );
    Some(warning.with("tags", names.into_iter().collect::<Vec<_>>().join(" ")))
}

fn strange_characters(text: &str, at: &str) -> Option<Warning> {
    const MOST: usize = 20;
    let strange: BTreeSet<char> = text.chars().filter(|c| !characters::is_known(*c)).collect();
    let shown = |c: &char| {
        let visible = !c.is_control()
            && !c.is_whitespace()
            && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E01EF}');
        if visible { format!("{c}（U+{:04X}）", u32::from(*c)) } else { format!("U+{:04X}", u32::from(*c)) }
    };
    let list = strange.iter().take(MOST).map(shown).collect::<Vec<_>>().join("、");
    strange.first()?;
    let wave = if strange.contains(&'～') {
        "。「～」は波ダッシュ「〜」（U+301C）に置き換えられます"
    } else {
        ""
    };
    let warning = Warning::new(
        Code::OutsideCharacterSet,
        at,
        format!("JIS X 0213 にない文字があります：{list}。ほかのシステムで読めないことがあります{wave}"),
        format!(
            "characters outside JIS X 0213, which other systems may not read: {}",
            strange.iter().take(MOST).map(|c| format!("U+{:04X}", u32::from(*c))).collect::<Vec<_>>().join(", ")
        ),
    );
    Some(warning.with("characters", strange.iter().take(MOST).collect::<String>()))
}
