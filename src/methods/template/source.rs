//! Cuts a template's source into sections, before anything is rendered.

use crate::domain::Speaker;

use super::TemplateError;
use super::registry::{TemplateInfo, TemplateKind};

/// A source cut into parts, in order.
#[derive(Debug, Clone)]
pub(super) struct Parsed {
    /// The parts; each gives no, one or several messages.
    pub(super) parts: Vec<Part>,
}

/// What a source is made of.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// One message.
    Section(Section),
    /// The prompt's own messages.
    Conversation,
    /// Sections repeated for each element of a list.
    Loop {
        /// What an element is called within.
        variable: String,
        /// The list's name.
        list: String,
        /// The line of `--- for …`.
        line: usize,
        /// The sections.
        sections: Vec<Section>,
    },
}

/// The text of one message, not yet rendered.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// Who says it.
    pub(super) role: Speaker,
    /// The line of the source that the body begins at, counted from 1.
    pub(super) line: usize,
    /// Minijinja text.
    pub(super) body: String,
}

/// Cuts a source.
pub(super) fn parse(info: &TemplateInfo, text: &str) -> Result<Parsed, TemplateError> {
    match info.kind {
        TemplateKind::Text => Ok(Parsed {
            parts: vec![Part::Section(Section {
                role: Speaker::User,
                line: 1,
                body: text.to_owned(),
            })],
        }),
        TemplateKind::Conversation => cut(info.name, text),
    }
}

/// What stands between the dashes of a section line; `None` for any other line.
fn marker(line: &str) -> Option<&str> {
    let inner = line.trim_end().strip_prefix("--- ")?.strip_suffix(" ---")?;
    Some(inner.trim())
}

fn cut(name: &str, text: &str) -> Result<Parsed, TemplateError> {
    let mut parts: Vec<Part> = Vec::new();
    let mut open_loop: Option<(String, String, usize, Vec<Section>)> = None;
    let mut open: Option<Section> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let Some(inner) = marker(line) else {
            match &mut open {
                Some(section) => {
                    section.body.push_str(line);
                    section.body.push('\n');
                }
                None if line.trim().is_empty() => {}
                None => {
                    return Err(TemplateError::new(
                        name,
                        number,
                        "this text belongs to no section, so no model would be told it",
                        "write --- user ---, --- system --- or --- assistant --- on a line above it",
                    ));
                }
            }
            continue;
        };
        if let Some(section) = open.take() {
            match &mut open_loop {
                Some((_, _, _, sections)) => sections.push(section),
                None => parts.push(Part::Section(section)),
            }
        }
        let words: Vec<&str> = inner.split_whitespace().collect();
        match words.as_slice() {
            ["system"] => open = Some(section(Speaker::System, number)),
            ["user"] => open = Some(section(Speaker::User, number)),
            ["assistant"] => open = Some(section(Speaker::Assistant, number)),
            ["conversation"] if open_loop.is_none() => parts.push(Part::Conversation),
            ["for", variable, "in", list] if open_loop.is_none() => {
                open_loop = Some(((*variable).to_owned(), (*list).to_owned(), number, Vec::new()));
            }
            ["end"] if open_loop.is_some() => {
                if let Some((variable, list, line, sections)) = open_loop.take() {
                    parts.push(Part::Loop { variable, list, line, sections });
                }
            }
            ["end"] => {
                return Err(TemplateError::new(
                    name,
                    number,
                    "--- end --- without a --- for … in … --- before it",
                    "delete it, or write the --- for … in … --- line",
                ));
            }
            ["for", ..] | ["conversation"] if open_loop.is_some() => {
                return Err(TemplateError::new(
                    name,
                    number,
                    format!("--- {inner} --- stands inside a --- for … ---"),
                    "end the one before with --- end ---",
                ));
            }
            _ => {
                return Err(TemplateError::new(
                    name,
                    number,
                    format!("--- {inner} --- is no section"),
                    "use system, user, assistant, conversation, for NAME in LIST, or end",
                ));
            }
        }
    }
    if let Some((_, list, line, _)) = open_loop {
        return Err(TemplateError::new(
            name,
            line,
            format!("the sections repeated for each of {list} have no end"),
            "write --- end --- on a line after them",
        ));
    }
    parts.extend(open.map(Part::Section));
    Ok(Parsed { parts })
}

fn section(role: Speaker, marker_line: usize) -> Section {
    Section { role, line: marker_line + 1, body: String::new() }
}
