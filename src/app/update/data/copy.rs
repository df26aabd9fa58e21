//! A row as text for other programs.

use std::fmt::Write as _;

use crate::app::command::CopyAs;
use crate::app::state::data::{RowDetail, RowFacts};
use crate::app::widgets::number::score;
use crate::domain::Part;

/// The row in that form.
pub(super) fn row_as(detail: &RowDetail, form: CopyAs) -> String {
    match form {
        CopyAs::Markdown => markdown(detail),
        // A row was read from JSON, so it can be written as JSON.
        CopyAs::Json => serde_json::to_string_pretty(&detail.row).unwrap_or_default(),
        CopyAs::Csv => csv(detail),
    }
}

fn markdown(detail: &RowDetail) -> String {
    let row = &detail.row;
    let mut out = format!("### {}\n\n", row.prompt.id);
    for message in &row.prompt.messages {
        write!(out, "**{}**\n\n{}\n\n", message.role, quoted(&message.content)).ok();
    }
    if let Some(failure) = &row.failure {
        writeln!(out, "Failed at {}: {}\n", failure.at, failure.failure.message).ok();
    }
    if let Some(chain) = &row.chain {
        for (name, text) in chain.responses() {
            write!(out, "**{name}**\n\n{}\n\n", quoted(text)).ok();
        }
    }
    for (part, name, text) in row.parts() {
        // A chain's are among its answers above.
        if row.chain.is_none() || matches!(part, Part::A | Part::B) {
            write!(out, "**{name}**\n\n{}\n\n", quoted(text)).ok();
        }
    }
    for scored in &row.scores {
        let reward = scored.score.reward.map_or_else(|| "unparsed".to_owned(), score);
        writeln!(out, "- {}: reward {reward}", scored.name).ok();
    }
    if let Some(p) = row.pair.as_ref().and_then(|pair| pair.verdict.p_a) {
        writeln!(out, "- P(A is better) = {}", score(p)).ok();
    }
    out
}

fn quoted(text: &str) -> String {
    text.trim()
        .lines()
        .map(|line| format!("> {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// A head and one line: id, prompt, chosen, rejected, value, flags.
fn csv(detail: &RowDetail) -> String {
    let facts = RowFacts::of(detail.position, &detail.row);
    let (chosen, rejected) = crate::app::state::data::answers(&detail.row);
    let mut out = csv::Writer::from_writer(Vec::new());
    let value = facts.value.map(|value| format!("{value}")).unwrap_or_default();
    let head = ["id", "prompt", "chosen", "rejected", "value", "flags"];
    let cells = [
        facts.id.as_str(),
        detail.row.prompt.text(),
        chosen,
        rejected,
        &value,
        &facts.flags.in_words(),
    ];
    // Nothing can go wrong when writing into memory.
    out.write_record(head).and_then(|()| out.write_record(cells)).ok();
    out.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
