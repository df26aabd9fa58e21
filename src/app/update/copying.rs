//! What is chosen in a list as text for the clipboard.

use crate::app::command::CopyAs;
use crate::app::effects::Effect;
use crate::app::state::{AppState, Area};
use crate::domain::{Constitution, Criterion, Gate, Principle, Rubric, Scale};
use crate::formats::{document, markdown};

/// Copies what is chosen in the area shown; all of it where nothing is.
pub(super) fn copy(state: &mut AppState, form: CopyAs) -> Vec<Effect> {
    let copied = match state.area {
        Area::Constitution => principles(state, form),
        Area::Rubric => criteria(state, form),
        Area::Home
        | Area::Try
        | Area::Compare
        | Area::Judges
        | Area::Runs
        | Area::Data
        | Area::Settings => None,
    };
    let Some((words, text)) = copied else {
        state.announce("Nothing to copy");
        return Vec::new();
    };
    state.announce(format!("Copied {words} as {form}"));
    vec![Effect::Copy(text)]
}

fn principles(state: &AppState, form: CopyAs) -> Option<(String, String)> {
    let whole = state.constitution()?;
    let chosen = state.chosen_principles();
    let mut part = Constitution::clone(whole);
    if chosen.is_empty() {
        let text = match form {
            CopyAs::Markdown => markdown::constitution(&part),
            CopyAs::Json => document::to_json(&part).ok()?,
            CopyAs::Csv => principles_csv(&part.principles)?,
        };
        return Some((format!("all of {}", part.name), text));
    }
    part.principles.retain(|one| chosen.contains(&one.id));
    let text = match form {
        CopyAs::Markdown => list_of_principles(&part.principles),
        CopyAs::Json => serde_json::to_string_pretty(&part.principles).ok()?,
        CopyAs::Csv => principles_csv(&part.principles)?,
    };
    Some((said(chosen.len(), "principle", "principles"), text))
}

/// As a list, for pasting into a document: the whole form with its marks is for whole files.
fn list_of_principles(all: &[Principle]) -> String {
    let mut text = String::new();
    for one in all {
        let title = one.title.trim();
        let name = if title.is_empty() { String::new() } else { format!("**{title}:** ") };
        let words: Vec<&str> = one.text.split_whitespace().collect();
        text.push_str("- ");
        text.push_str(&name);
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

fn principles_csv(all: &[Principle]) -> Option<String> {
    let head = ["id", "title", "text", "tags", "weight", "priority", "enabled"];
    let rows = all.iter().map(|one| {
        vec![
            one.id.to_string(),
            one.title.clone(),
            one.text.clone(),
            one.tags.join(", "),
            one.weight.to_string(),
            one.priority.to_string(),
            one.enabled.to_string(),
        ]
    });
    csv(&head, rows)
}

fn criteria(state: &AppState, form: CopyAs) -> Option<(String, String)> {
    let whole = state.rubric()?;
    let chosen = state.chosen_criteria();
    let mut part = Rubric::clone(whole);
    let words = if chosen.is_empty() {
        format!("all of {}", part.name)
    } else {
        part.criteria.retain(|one| chosen.contains(&one.id));
        said(chosen.len(), "criterion", "criteria")
    };
    let text = match form {
        CopyAs::Markdown => markdown::rubric(&part),
        CopyAs::Json if chosen.is_empty() => document::to_json(&part).ok()?,
        CopyAs::Json => serde_json::to_string_pretty(&part.criteria).ok()?,
        CopyAs::Csv => criteria_csv(&part.criteria)?,
    };
    Some((words, text))
}

fn criteria_csv(all: &[Criterion]) -> Option<String> {
    let head = ["id", "name", "description", "scale", "points", "weight", "gate", "anchors"];
    let rows = all.iter().map(|one| {
        let (scale, points, anchors) = match &one.scale {
            Scale::Points(points) => ("points".to_owned(), points.to_string(), String::new()),
            Scale::Levels { anchors, .. } => {
                let (lowest, highest) = one.scale.range().unwrap_or_default();
                (format!("{lowest}-{highest}"), String::new(), anchors.join(" | "))
            }
        };
        let gate = match one.gate {
            Gate::Off => String::new(),
            Gate::AtLeast(level) => format!("at least {level}"),
            Gate::Met => "met".to_owned(),
        };
        vec![
            one.id.to_string(),
            one.name.clone(),
            one.description.clone(),
            scale,
            points,
            one.weight.to_string(),
            gate,
            anchors,
        ]
    });
    csv(&head, rows)
}

fn csv(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Option<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(head).ok()?;
    for row in rows {
        writer.write_record(row).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

fn said(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
