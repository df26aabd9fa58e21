//! Documents in the style of OpenAI's Model Spec (openai/model_spec, `model_spec.md`).
//!
//! A heading with `{#anchor authority=…}` is a rule; its first paragraph states it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Confidence, Constitution, Format, Imported, Problem, Source, of_principles};
use crate::domain::{Case, Example, Principle, PrincipleId};
use crate::formats::import::sections::{self, Block, Section};

/// Headings with an authority.
pub(super) struct ModelSpec;

impl Format<Constitution> for ModelSpec {
    fn id(&self) -> &'static str {
        "model-spec"
    }
    fn title(&self) -> &'static str {
        "Model Spec (Markdown with authority levels)"
    }
    fn doc(&self) -> &'static str {
        "A document whose headings carry an authority, as OpenAI's Model Spec.\n\nEach such heading \
         becomes a principle: its first paragraph is the text, the rest goes into the notes, the \
         authority gives the priority (root 1, system or platform 2, developer 3, user 4, guideline \
         5), the headings above it become tags. Examples of one user's message become cases, and \
         those with a bad and a good answer become few-shot examples where the bad one says why."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["md", "markdown"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(text) if text.lines().any(|l| l.starts_with('#') && l.contains("authority=")) => {
                Confidence::Sure
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let sections = sections::sections(source.text()?);
        let titles: BTreeMap<&str, &str> = sections
            .iter()
            .filter_map(|section| Some((anchor(section)?, section.title.as_str())))
            .collect();
        let mut principles = Vec::new();
        let mut examples = Vec::new();
        let mut dropped = Vec::new();
        for section in &sections {
            let Some(authority) = attribute(section.attributes, "authority") else {
                if !section.blocks.is_empty() && section.level > 0 {
                    let why = "its heading has no authority".to_owned();
                    dropped.push((place(section), why));
                }
                continue;
            };
            let id = PrincipleId(format!("P{}", principles.len() + 1));
            let mut principle = principle(section, authority, &titles);
            principle.id = id.clone();
            let mut skipped = 0_usize;
            for (title, fence) in fences(section) {
                match Dialogue::read(fence).map(|dialogue| dialogue.into_parts(title, &id)) {
                    Some((case, example)) => {
                        principle.cases.push(case);
                        examples.extend(example);
                    }
                    None => skipped += 1,
                }
            }
            if skipped > 0 {
                let why = format!("{skipped} examples of more than one user's message");
                dropped.push((place(section), why));
            }
            if principle.text.is_empty() {
                dropped.push((place(section), "it has an authority and no text".to_owned()));
            } else {
                principles.push(principle);
            }
        }
        let mut value = of_principles(source, principles)?;
        value.examples = examples;
        let cases: usize = value.principles.iter().map(|principle| principle.cases.len()).sum();
        let pairs = value.examples.len();
        let mut imported = Imported::of(self.id(), value)
            .note("Each heading with an authority became a principle: its first paragraph is the text, what follows stands in its notes, which no model sees.")
            .note("Authority became priority: root 1, system 2, developer 3, user 4, guideline 5.")
            .note(format!("{cases} examples became cases; {pairs} with a bad and a good answer became few-shot examples."));
        imported.dropped = dropped;
        Ok(imported)
    }
}

fn place(section: &Section<'_>) -> String {
    format!("line {}, “{}”", section.line, section.title)
}

fn anchor<'t>(section: &Section<'t>) -> Option<&'t str> {
    section.attributes.split_whitespace().find_map(|word| word.strip_prefix('#'))
}

fn attribute<'t>(attributes: &'t str, name: &str) -> Option<&'t str> {
    attributes.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn priority(authority: &str) -> u8 {
    match authority {
        "root" => 1,
        "system" | "platform" => 2,
        "user" => 4,
        "guideline" => 5,
        _ => 3,
    }
}

fn principle(section: &Section<'_>, authority: &str, titles: &BTreeMap<&str, &str>) -> Principle {
    let mut parts: Vec<String> = Vec::new();
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) if text.starts_with("**Example**") => {}
            Block::Paragraph(text) => parts.push(readable(text, titles)),
            Block::List(items) => {
                let list: Vec<String> =
                    items.iter().map(|item| format!("- {}", readable(item, titles))).collect();
                match parts.last_mut() {
                    // “…:” and its list are one statement.
                    Some(before) if before.ends_with(':') => {
                        before.push('\n');
                        before.push_str(&list.join("\n"));
                    }
                    _ => parts.push(list.join("\n")),
                }
            }
            Block::Fence(_) | Block::Commentary => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    let text = if parts.is_empty() { String::new() } else { parts.remove(0) };
    let mut tags: Vec<String> =
        section.parents.iter().map(|parent| parent.to_lowercase()).collect();
    tags.push(authority.to_owned());
    Principle {
        title: section.title.clone(),
        text,
        tags,
        priority: priority(authority),
        notes: parts.join("\n\n"),
        ..Principle::default()
    }
}

/// Text with `[?](#anchor)` as the heading that it points to.
fn readable(text: &str, titles: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("[?](#") {
        out.push_str(&rest[..at]);
        rest = &rest[at + 5..];
        let Some(end) = rest.find(')') else { break };
        let target = &rest[..end];
        write!(out, "“{}”", titles.get(target).copied().unwrap_or(target)).ok();
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    sections::inline(&out).replace(" --- ", " — ")
}

/// Each fence with the title of the example before it.
fn fences<'s, 't>(section: &'s Section<'t>) -> Vec<(&'s str, &'s [&'t str])> {
    let mut title = "";
    let mut found = Vec::new();
    for block in &section.blocks {
        match block {
            Block::Paragraph(text) => {
                title = text.strip_prefix("**Example**:").map_or("", str::trim);
            }
            Block::Fence(lines) if !title.is_empty() => found.push((title, lines.as_slice())),
            Block::Fence(_) | Block::List(_) | Block::Commentary => {}
        }
    }
    found
}

/// A user's message with answers marked good or bad.
struct Dialogue {
    user: String,
    good: Option<String>,
    /// The answer, and why it is bad.
    bad: Option<(String, String)>,
}

impl Dialogue {
    /// Reads an example of one user's message; `None` for others.
    fn read(lines: &[&str]) -> Option<Self> {
        let mut dialogue = Self { user: String::new(), good: None, bad: None };
        let mut users = 0;
        let mut open: Option<(&str, String, Vec<&str>)> = None;
        for line in lines {
            let trimmed = line.trim();
            if let Some((tag, remark, body)) = &mut open {
                if trimmed == format!("</{tag}>") {
                    let text = body.join("\n").trim().to_owned();
                    match *tag {
                        "user" => {
                            users += 1;
                            dialogue.user = text;
                        }
                        "assistant" => dialogue.answer(remark, text)?,
                        // A system's or tool's message belongs to the prompt, which is a text only.
                        _ => return None,
                    }
                    open = None;
                } else {
                    body.push(line);
                }
            } else if let Some(tag) = ["user", "assistant", "system", "developer", "tool"]
                .into_iter()
                .find(|tag| trimmed.starts_with(&format!("<{tag}")))
            {
                let remark = trimmed.split_once("<!--").map_or("", |(_, after)| after);
                let remark = remark.split("-->").next().unwrap_or_default().trim();
                open = Some((tag, remark.to_owned(), Vec::new()));
            }
        }
        (users == 1 && !dialogue.user.is_empty()).then_some(dialogue)
    }

    /// Takes an answer; `None` for one that is part of the prompt.
    fn answer(&mut self, remark: &str, text: String) -> Option<()> {
        if remark.starts_with("GOOD") {
            self.good.get_or_insert(text);
        } else if let Some(why) = remark.strip_prefix("BAD") {
            let why = why.trim_start_matches(':').trim();
            let why = why.strip_prefix('[').map_or(why, |_| "");
            self.bad.get_or_insert((text, why.to_owned()));
        } else if self.user.is_empty() {
            return None;
        }
        Some(())
    }

    fn into_parts(self, title: &str, principle: &PrincipleId) -> (Case, Option<Example>) {
        let example = match (self.bad, self.good) {
            (Some((draft, why)), Some(revision)) if !why.is_empty() => Some(Example {
                prompt: self.user.clone(),
                principle: principle.clone(),
                draft,
                critique: why,
                revision,
            }),
            _ => None,
        };
        (Case { prompt: self.user, expect: title.to_owned() }, example)
    }
}
