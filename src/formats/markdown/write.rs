//! Writing documents as Markdown.

use std::fmt::Write as _;

use super::MARK;
use crate::domain::{Constitution, FORMAT, Gate, Principle, Rubric, Scale};

pub(super) fn constitution(document: &Constitution) -> String {
    let mut out = format!("{MARK}{FORMAT} -->\n# {}\n\n", one_line(&document.name));
    labelled(&mut out, "Description", &document.description);
    labelled(&mut out, "Preface", &document.preface);
    if !document.principles.is_empty() {
        out.push_str("## Principles\n\n");
    }
    for each in &document.principles {
        principle(&mut out, each);
    }
    if !document.examples.is_empty() {
        out.push_str("## Examples\n\n");
    }
    for (index, example) in document.examples.iter().enumerate() {
        write!(out, "### Example {}\n\n", index + 1).ok();
        if !example.principle.0.is_empty() {
            write!(out, "- Principle: {}\n\n", one_line(&example.principle.0)).ok();
        }
        labelled(&mut out, "Prompt", &example.prompt);
        labelled(&mut out, "Draft", &example.draft);
        labelled(&mut out, "Critique", &example.critique);
        labelled(&mut out, "Revision", &example.revision);
    }
    ended(out)
}

fn principle(out: &mut String, principle: &Principle) {
    write!(out, "### {}", one_line(&principle.id.0)).ok();
    if !principle.title.is_empty() {
        write!(out, " · {}", one_line(&principle.title)).ok();
    }
    out.push_str("\n\n");
    quote(out, &principle.text);
    let mut facts = Vec::new();
    if !principle.tags.is_empty() {
        let tags: Vec<String> =
            principle.tags.iter().map(|tag| format!("`{}`", one_line(tag))).collect();
        facts.push(format!("- Tags: {}", tags.join(", ")));
    }
    #[expect(clippy::float_cmp, reason = "only the exact default is left out")]
    if principle.weight != 1.0 {
        facts.push(format!("- Weight: {}", principle.weight));
    }
    if principle.priority != 3 {
        facts.push(format!("- Priority: {}", principle.priority));
    }
    if !principle.enabled {
        facts.push("- Enabled: no".to_owned());
    }
    if !facts.is_empty() {
        out.push_str(&facts.join("\n"));
        out.push_str("\n\n");
    }
    labelled(out, "Critique request", &principle.critique_request);
    labelled(out, "Revision request", &principle.revision_request);
    labelled(out, "Comparison question", &principle.comparison_question);
    for case in &principle.cases {
        out.push_str("**Case**\n\n");
        quote(out, &case.prompt);
        labelled(out, "Expect", &case.expect);
    }
    labelled(out, "Notes", &principle.notes);
}

/// A label and its text; nothing where the text is empty.
fn labelled(out: &mut String, label: &str, text: &str) {
    if !text.is_empty() {
        write!(out, "**{label}**\n\n").ok();
        quote(out, text);
    }
}

/// A text as a block quote, so that nothing in it is taken for structure.
fn quote(out: &mut String, text: &str) {
    for line in text.split('\n') {
        out.push_str(if line.is_empty() { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
    out.push('\n');
}

pub(super) fn rubric(document: &Rubric) -> String {
    let mut out = format!("# {}\n\n", one_line(&document.name));
    if !document.description.is_empty() {
        write!(out, "{}\n\n", document.description.trim()).ok();
    }
    write!(out, "Reward: {}.\n\n", document.aggregation.to_string().to_lowercase()).ok();
    for criterion in &document.criteria {
        write!(out, "## {}", one_line(&criterion.id.0)).ok();
        if !criterion.name.is_empty() {
            write!(out, " · {}", one_line(&criterion.name)).ok();
        }
        out.push_str("\n\n");
        if !criterion.description.is_empty() {
            write!(out, "{}\n\n", criterion.description.trim()).ok();
        }
        let mut facts = vec![format!("Weight {}", criterion.weight)];
        match criterion.gate {
            Gate::Off => {}
            Gate::AtLeast(level) => facts.push(format!("below {level} the reward is 0")),
            Gate::Met => facts.push("failing it makes the reward 0".to_owned()),
        }
        write!(out, "{}.\n\n", facts.join("; ")).ok();
        match &criterion.scale {
            Scale::Levels { lowest, anchors } => {
                out.push_str("| level | what it looks like |\n| ---: | --- |\n");
                for (index, anchor) in anchors.iter().enumerate() {
                    let level = usize::from(*lowest) + index;
                    writeln!(out, "| {level} | {} |", cell(anchor)).ok();
                }
            }
            Scale::Points(points) => {
                let kind = if *points < 0.0 { "a fault" } else { "a merit" };
                write!(out, "| points | kind |\n| ---: | --- |\n| {points} | {kind} |\n").ok();
            }
        }
        out.push('\n');
    }
    ended(out)
}

fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', "<br>")
}

fn one_line(text: &str) -> String {
    text.split(['\n', '\r']).map(str::trim).collect::<Vec<_>>().join(" ")
}

fn ended(mut out: String) -> String {
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}
