//! The list of figures, as a pull.

use super::queries::{self, Position};
use super::types::ValueRow;
use crate::db::Conn;
use crate::error::Error;
use crate::records::compare::{self, Answer, Compared, ComparedFigure, Comparison};
use crate::records::encode::Encoder;
use crate::records::filter::Scope;
use crate::records::pull::Pull;
use crate::records::queries::published::Goal;
use crate::records::types::Part;
use crate::records::value::RecordValue;
use crate::web::stream::Column;
use crate::web::table::Cell;

pub struct Values;

impl Pull for Values {
    type Found = (Position, ValueRow);
    type Row = ValueRow;
    type Key = Position;
    const NAME: &'static str = "values";

    async fn page(
        conn: &Conn,
        scope: &Scope,
        no: i64,
        after: Option<Position>,
        limit: i64,
    ) -> Result<Vec<(Position, ValueRow)>, Error> {
        let mut rows = queries::page(conn, scope, no, after, limit).await?;
        let results = rows.iter().filter(|(_, row)| row.part == Part::Results);
        let compared: Vec<Compared<'_>> = results.map(|(position, row)| compared(position, row)).collect();
        let told = |answer: Answer<'_>| {
            answer.pairs.into_iter().map(|(pair, goal)| beside(pair, goal)).collect::<Result<Vec<_>, _>>()
        };
        let goals = compare::with_targets(conn, no, &compared, told).await?;
        drop(compared);
        let results = rows.iter_mut().filter(|(_, row)| row.part == Part::Results);
        for ((_, row), goals) in results.zip(goals) {
            // The last change first, the original last.
            for goal in goals?.into_iter().rev() {
                let place = if goal.amendment == 0 { &mut row.target } else { &mut row.amended_target };
                *place = Some(goal);
            }
        }
        Ok(rows)
    }

    fn key(found: &Self::Found) -> Position {
        found.0.clone()
    }

    fn write(_: &mut Encoder, found: &Self::Found, out: &mut Vec<u8>) -> Result<(), Error> {
        serde_json::to_writer(out, &found.1).map_err(Error::internal)
    }

    fn row(found: Self::Found) -> Result<ValueRow, Error> {
        Ok(found.1)
    }

    async fn count(conn: &Conn, scope: &Scope, no: i64) -> Result<i64, Error> {
        queries::count(conn, scope, no).await
    }

    async fn columns(_: &Conn, _: &Scope) -> Result<Vec<Column<ValueRow>>, Error> {
        Ok(columns())
    }
}

fn compared<'a>(position: &'a Position, row: &'a ValueRow) -> Compared<'a> {
    Compared {
        prefecture: &row.prefecture,
        fiscal_year: position.1,
        municipality: &row.municipality,
        plan: &row.plan,
        program: &row.program,
        period: &row.period,
        figures: vec![compare::figure(&row.value)],
    }
}

fn beside(pair: Comparison, goal: &Goal) -> Result<ComparedFigure, Error> {
    let Comparison { against, amendment, target_ordinal, percent, .. } = pair;
    Ok(ComparedFigure { against, amendment, ordinal: target_ordinal, percent, value: goal.figure(target_ordinal)? })
}

/// A figure is the same columns wherever it stands.
fn columns() -> Vec<Column<ValueRow>> {
    let mut columns = vec![
        Column::new("prefecture", |row: &ValueRow| row.prefecture.as_str().into()),
        Column::new("municipality", |row: &ValueRow| row.municipality.as_str().into()),
        Column::new("municipality_name", |row: &ValueRow| row.municipality_name.as_str().into()),
        Column::new("plan", |row: &ValueRow| row.plan.as_str().into()),
        Column::new("program", |row: &ValueRow| row.program.as_str().into()),
        Column::new("program_number", |row: &ValueRow| row.program_number.clone().into()),
        Column::new("program_name", |row: &ValueRow| row.program_name.clone().into()),
        Column::new("period", |row: &ValueRow| row.period.as_str().into()),
        Column::new("period_label_ja", |row: &ValueRow| row.period_label_ja.as_str().into()),
        Column::new("part", |row: &ValueRow| row.part.as_str().into()),
        Column::new("amendment", |row: &ValueRow| row.amendment.into()),
        Column::new("ordinal", |row: &ValueRow| row.ordinal.into()),
        Column::new("edition", |row: &ValueRow| row.edition.into()),
        Column::new("common_indicator", |row: &ValueRow| row.common_indicator.clone().into()),
        Column::new("repost", |row: &ValueRow| row.repost.into()),
    ];
    columns.extend(figure("value", |row| Some(&row.value)));
    columns.extend(goal("target", |row| row.target.as_ref()));
    columns.extend(goal("amended_target", |row| row.amended_target.as_ref()));
    columns
}

type Of<T> = fn(&ValueRow) -> Option<&T>;

fn goal(name: &str, of: Of<ComparedFigure>) -> Vec<Column<ValueRow>> {
    let column = |field: &str, cell: fn(&ComparedFigure) -> Cell| {
        Column::new(format!("{name}.{field}"), move |row: &ValueRow| of(row).map_or(Cell::Empty, cell))
    };
    vec![
        column("against", |goal| goal.against.as_str().into()),
        column("amendment", |goal| goal.amendment.into()),
        column("label", |goal| goal.value.label.as_str().into()),
        column("value", |goal| goal.value.value.into()),
        column("value_to", |goal| goal.value.value_to.into()),
        column("rate", |goal| goal.value.rate.into()),
        column("unit", |goal| goal.value.unit.clone().into()),
        column("text", |goal| goal.value.text.clone().into()),
        column("percent", |goal| goal.percent.into()),
    ]
}

fn figure(name: &str, of: Of<RecordValue>) -> Vec<Column<ValueRow>> {
    let column = |field: &str, cell: fn(&RecordValue) -> Cell| {
        Column::new(format!("{name}.{field}"), move |row: &ValueRow| of(row).map_or(Cell::Empty, cell))
    };
    vec![
        column("item", |value| value.item.as_str().into()),
        column("role", |value| value.role.as_str().into()),
        column("whole", |value| value.whole.into()),
        column("whole_item", |value| value.whole_item.clone().into()),
        column("label", |value| value.label.as_str().into()),
        column("value", |value| value.value.into()),
        column("value_to", |value| value.value_to.into()),
        column("rate", |value| value.rate.into()),
        column("unit", |value| value.unit.clone().into()),
        column("text", |value| value.text.clone().into()),
        column("missing_reason", |value| value.missing_reason.map(|reason| reason.as_str()).into()),
        column("comparator", |value| value.comparator.map(|comparator| comparator.as_str()).into()),
        column("approximate", |value| value.approximate.into()),
        column("estimate", |value| value.estimate.into()),
        column("numerator", |value| value.numerator.into()),
        column("denominator", |value| value.denominator.into()),
        column("running_total", |value| value.running_total.into()),
        column("counted", |value| value.counted.clone().into()),
        column("count_basis", |value| value.count_basis.as_str().into()),
        column("per", |value| value.per.map(|per| per.as_str()).into()),
        column("period", |value| value.period.clone().into()),
        column("breakdown", |value| breakdown(value).into()),
        column("indicator_owner", |value| value.indicator.as_ref().map(|named| named.owner.as_str()).into()),
        column("indicator", |value| value.indicator.as_ref().map(|named| named.indicator.as_str()).into()),
        column("department", |value| value.department.clone().into()),
        column("measured_on", |value| value.measured_on.clone().into()),
        column("measured_on_text", |value| value.measured_on_text.clone().into()),
        column("method", |value| value.method.clone().into()),
        column("note", |value| value.note.clone().into()),
        column("same_figure_program", |value| value.same_figure_as.as_ref().map(|same| same.program.as_str()).into()),
        column("same_figure_ordinal", |value| value.same_figure_as.as_ref().map(|same| same.ordinal).into()),
        column("source", |value| value.source.as_str().into()),
    ]
}

/// `施設=既存;年齢=0歳`
fn breakdown(value: &RecordValue) -> Option<String> {
    let parts: Vec<String> = value.breakdown.iter().map(|(axis, part)| format!("{axis}={part}")).collect();
    (!parts.is_empty()).then(|| parts.join(";"))
}
