//! The data set's card: `README.md` with the front matter that `datasets` reads.

use std::fmt::Write as _;

use super::{Container, Format, Kind, Options, Summary, data_path, recalibrated};

/// What the card tells beside the counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct About {
    /// The data set's title.
    pub title: String,
    /// The run that it was made from, such as `R-0007`.
    pub run: String,
    /// Name of the constitution; empty where none was used.
    pub constitution: String,
    /// Name of the rubric; empty where none was used.
    pub rubric: String,
    /// Name of the recipe.
    pub recipe: String,
    /// Name of the prompt set.
    pub prompts: String,
    /// The judge of its own that the run had, in a line; empty where the model of that role judged.
    pub judge: String,
    /// Lower-case licence id such as `cc-by-4.0`; empty: left for the author to fill in.
    pub license: String,
    /// Language codes such as `en`.
    pub languages: Vec<String>,
}

/// Writes the card of a data set: the same bytes for the same input.
pub fn card(
    format: &dyn Format,
    container: Container,
    summary: &Summary,
    options: &Options,
    about: &About,
) -> String {
    let mut out = front_matter(format, container, summary, about);
    let title = if about.title.is_empty() { "Exported data set" } else { &about.title };
    let first = format.doc().split("\n\n").next().unwrap_or_default();
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line(&format!("# {title}\n"));
    line(&format!("{first} Made with Preamble as `{}`.\n", format.id()));
    line("## What is in it\n");
    line(&format!("{} records from {} rows.\n", summary.records, summary.rows));
    if !format.columns().is_empty() {
        line("| column | type | what it holds |\n| --- | --- | --- |");
        for column in format.columns() {
            line(&format!("| `{}` | {} | {} |", column.name, kind(column.kind), column.doc));
        }
        line("");
    }
    line("Answers are exported without white space around them.");
    if options.keep_cut_off {
        line("Answers that were cut off at their longest length are kept.");
    }
    if format.id() == "trl-preference" {
        line(&format!(
            "Labels are {}; pairs with |p − ½| below {} are left out. `p`, `p_ab` and `p_ba` are \
             seen from the chosen answer.",
            options.labels, options.drop_band
        ));
    }
    if let Some(map) = &options.recalibration {
        line(&recalibrated::words(map));
    }
    line("");
    counts(&mut line, "Left out", &summary.left_out);
    counts(&mut line, "Worth a look", &summary.flagged);
    provenance(&mut line, summary, about);
    line("## Before training on it\n");
    // A run that only judges has no writer: its answers came from outside.
    let writes = summary.models.iter().any(|(role, _)| role.starts_with("writer"));
    let edited = summary.flagged.get(super::EDITED).copied().unwrap_or_default();
    if edited > 0 {
        line(&format!(
            "- A person rewrote texts of {edited} records; all else was written by models."
        ));
    }
    line(if edited > 0 && writes {
        "- Every other answer, critique, reward and preference here is synthetic. The prompts are \
         as the prompt set has them."
    } else if writes {
        "- Every answer, critique, reward and preference here was written by a model: synthetic \
         100 %, human 0 %. The prompts are as the prompt set has them."
    } else {
        "- Every reward and preference here was written by a model: no label is a person's. \
         Prompts and answers were brought in from outside; who wrote them is not recorded."
    });
    line(
        "- Model judges favour longer answers, answers shown first and answers of their own kind; compare some verdicts with people's before relying on them.",
    );
    line("- The licence of a model's output is set by that model's terms.\n");
    line("## How to load it\n");
    line(&format!("```python\n{}\n```\n", format.how_to_load()));
    line(
        "`datasets` keeps a cache by folder name: after exporting again under the same name, pass another `cache_dir`.",
    );
    out
}

fn front_matter(
    format: &dyn Format,
    container: Container,
    summary: &Summary,
    about: &About,
) -> String {
    let mut out = String::from("---\n");
    let mut put = |text: std::fmt::Arguments<'_>| {
        // Writing into a String can't fail.
        out.write_fmt(text).ok();
        out.push('\n');
    };
    if !about.license.is_empty() {
        put(format_args!("license: {}", yaml(&about.license)));
    }
    if !about.languages.is_empty() {
        put(format_args!("language:"));
        for language in &about.languages {
            put(format_args!("- {}", yaml(language)));
        }
    }
    put(format_args!("task_categories:"));
    for category in format.task_categories() {
        put(format_args!("- {category}"));
    }
    put(format_args!("tags:\n- preamble\n- synthetic\n- {}", format.id()));
    if !about.title.is_empty() {
        put(format_args!("pretty_name: {}", yaml(&about.title)));
    }
    put(format_args!("size_categories:\n- {}", size_category(summary.records)));
    put(format_args!("configs:\n- config_name: default\n  data_files:\n  - split: train"));
    put(format_args!("    path: {}", data_path(container)));
    if !format.columns().is_empty() {
        put(format_args!("dataset_info:\n  config_name: default\n  features:"));
        for column in format.columns() {
            put(format_args!("{}", feature(column.name, column.kind)));
        }
    }
    out.push_str("---\n\n");
    out
}

/// The type as `datasets` writes it, so that JSON lines get the same types as Parquet even where
/// a column is null throughout.
fn feature(name: &str, of: Kind) -> String {
    let scalar = |dtype: &str| format!("  - name: {name}\n    dtype: {dtype}");
    let list = |fields: &[(&str, &str)]| {
        let mut out = format!("  - name: {name}\n    list:");
        for (field, dtype) in fields {
            write!(out, "\n    - name: {field}\n      dtype: {dtype}").ok();
        }
        out
    };
    match of {
        Kind::Text => scalar("string"),
        Kind::Number => scalar("float64"),
        Kind::Whole => scalar("int64"),
        Kind::Flag => scalar("bool"),
        Kind::Messages => list(&[("role", "string"), ("content", "string")]),
        Kind::Verdicts => list(&[
            ("criterion", "string"),
            ("unit", "float64"),
            ("reading", "string"),
            ("reason", "string"),
        ]),
    }
}

fn kind(of: Kind) -> &'static str {
    match of {
        Kind::Text => "text",
        Kind::Number => "number or null",
        Kind::Whole => "whole number",
        Kind::Flag => "yes or no",
        Kind::Messages => "list of {role, content}",
        Kind::Verdicts => "list of {criterion, unit, reading, reason}",
    }
}

fn size_category(records: u64) -> &'static str {
    match records {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "1M<n<10M",
    }
}

/// A YAML scalar: JSON's quoted form is YAML as well.
fn yaml(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn counts(
    line: &mut impl FnMut(&str),
    title: &str,
    of: &std::collections::BTreeMap<&'static str, u64>,
) {
    if of.is_empty() {
        return;
    }
    line(&format!("## {title}\n\n| how many | why |\n| --- | --- |"));
    for (why, count) in of {
        line(&format!("| {count} | {} |", why.replace('|', "\\|")));
    }
    line("");
}

fn provenance(line: &mut impl FnMut(&str), summary: &Summary, about: &About) {
    line("## What made it\n\n| what | which |\n| --- | --- |");
    let mut row = |what: &str, which: String| {
        if !which.is_empty() {
            line(&format!("| {what} | {} |", which.replace('|', "\\|").replace('\n', " ")));
        }
    };
    let named = |name: &str, hashes: &std::collections::BTreeSet<String>| {
        let hashes: Vec<String> = hashes.iter().map(|hash| format!("`{hash}`")).collect();
        [name.to_owned(), hashes.join(", ")]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    row("run", about.run.clone());
    row("prompts", about.prompts.clone());
    row("constitution", named(&about.constitution, &summary.constitutions));
    row("rubric", named(&about.rubric, &summary.rubrics));
    row("recipe and templates", named(&about.recipe, &summary.recipes));
    row("judge", about.judge.clone());
    for (role, model) in &summary.models {
        row(role, format!("`{model}`"));
    }
    let protocols: Vec<&str> = summary.protocols.iter().map(String::as_str).collect();
    row("judge asked by", protocols.join(", "));
    row("judge asked as", named("", &summary.judges));
    let seeds: Vec<String> = summary.seeds.iter().map(u64::to_string).collect();
    row("seed", seeds.join(", "));
    line("");
}
