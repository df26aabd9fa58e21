//! What changed between two texts: inserted is blue and underlined, deleted orange and struck.

use std::hash::Hash;

use egui::text::{LayoutJob, TextFormat};
use egui::{Response, Stroke, Ui};

use super::prose::{self, Paragraph};
use crate::app::theme::{self, text};
use crate::methods::diff::{DiffKind, DiffSpan};

/// A part of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'a> {
    kind: DiffKind,
    text: &'a str,
}

/// Draws a diff paragraph by paragraph; `salt` tells apart the diffs of one screen.
///
/// A screen reader hears what was removed and added in words.
pub fn diff_view(ui: &mut Ui, salt: impl Hash + std::fmt::Debug, spans: &[DiffSpan]) -> Response {
    let t = theme::tokens(ui);
    let same = prose::format_of(ui, &text::reading_style(), t.text);
    let inserted = TextFormat {
        color: t.insert_text,
        background: t.insert_bg,
        // Within its line: it would cover the underline of the line above.
        expand_bg: -1.5,
        underline: Stroke::new(1.0, t.insert_text),
        ..same.clone()
    };
    let deleted = TextFormat {
        color: t.delete_text,
        background: t.delete_bg,
        expand_bg: -1.5,
        strikethrough: Stroke::new(1.0, t.delete_text),
        ..same.clone()
    };
    let hashed: Vec<(u8, &str)> =
        spans.iter().map(|span| (span.kind as u8, span.text.as_str())).collect();
    let key = egui::util::hash((hashed, &same));
    let id = ui.scope_id().with(egui::IdSalt::new(salt));
    let laid = prose::cached(ui, id, key, || {
        lines(spans)
            .into_iter()
            .map(|line| {
                let mut job = LayoutJob::default();
                let mut before = None;
                for part in &line {
                    let format = match part.kind {
                        DiffKind::Same => &same,
                        DiffKind::Added => &inserted,
                        DiffKind::Removed => &deleted,
                    };
                    // What replaces a word stands apart from it.
                    let swapped = before == Some(DiffKind::Removed) && part.kind == DiffKind::Added;
                    job.append(part.text, if swapped { 3.0 } else { 0.0 }, format.clone());
                    before = Some(part.kind);
                }
                if job.text.is_empty() {
                    // An empty job has no height; an empty line has.
                    job.append("", 0.0, same.clone());
                }
                if line.iter().all(|part| part.kind == DiffKind::Same) {
                    Paragraph::of(job)
                } else {
                    Paragraph::spoken(job, spoken(&line))
                }
            })
            .collect()
    });
    prose::draw(ui, &laid)
}

/// Draws one of two texts that stand side by side: what only this one has is marked, and what both
/// share is greyed where asked for. `is_b` says which of both it is.
///
/// Nothing is struck or underlined: side by side, neither text came first. A screen reader hears
/// in words what only this one has.
pub fn side_view(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    spans: &[DiffSpan],
    is_b: bool,
    greyed: bool,
) -> Response {
    let t = theme::tokens(ui);
    let shared = if greyed { t.weak } else { t.text };
    let same = prose::format_of(ui, &text::reading_style(), shared);
    let (background, color, only) = if is_b {
        (t.insert_bg, t.insert_text, DiffKind::Added)
    } else {
        (t.delete_bg, t.delete_text, DiffKind::Removed)
    };
    let own = TextFormat { color, background, expand_bg: -1.5, ..same.clone() };
    let is_here = |span: &&DiffSpan| span.kind == DiffKind::Same || span.kind == only;
    let hashed: Vec<(u8, &str)> =
        spans.iter().filter(is_here).map(|span| (span.kind as u8, span.text.as_str())).collect();
    let key = egui::util::hash((hashed, &same, is_b));
    let id = ui.scope_id().with(egui::IdSalt::new(salt));
    let laid = prose::cached(ui, id, key, || {
        let parts: Vec<DiffSpan> = spans.iter().filter(is_here).cloned().collect();
        lines(&parts)
            .into_iter()
            .map(|line| {
                let mut job = LayoutJob::default();
                for part in &line {
                    let format = if part.kind == DiffKind::Same { &same } else { &own };
                    job.append(part.text, 0.0, format.clone());
                }
                if job.text.is_empty() {
                    job.append("", 0.0, same.clone());
                }
                if line.iter().all(|part| part.kind == DiffKind::Same) {
                    Paragraph::of(job)
                } else {
                    Paragraph::spoken(job, spoken_of(&line, if is_b { "B" } else { "A" }))
                }
            })
            .collect()
    });
    prose::draw(ui, &laid)
}

fn spoken_of(line: &[Part<'_>], name: &str) -> String {
    let mut words = String::new();
    for part in line {
        if part.kind == DiffKind::Same {
            words.push_str(part.text);
        } else {
            words.push_str(&format!(" [only in {name}: {}] ", part.text.trim()));
        }
    }
    words
}

/// The parts, line by line.
fn lines(spans: &[DiffSpan]) -> Vec<Vec<Part<'_>>> {
    let mut lines = vec![Vec::new()];
    for part in spans {
        for (index, text) in part.text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            for text in prose::pieces(text) {
                if text.is_empty() {
                    continue;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(Part { kind: part.kind, text });
                }
            }
        }
    }
    lines
}

fn spoken(line: &[Part<'_>]) -> String {
    let mut words = String::new();
    for part in line {
        match part.kind {
            DiffKind::Same => words.push_str(part.text),
            DiffKind::Added => {
                words.push_str(" [added: ");
                words.push_str(part.text.trim());
                words.push_str("] ");
            }
            DiffKind::Removed => {
                words.push_str(" [removed: ");
                words.push_str(part.text.trim());
                words.push_str("] ");
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: DiffKind, text: &str) -> Part<'_> {
        Part { kind, text }
    }

    fn span(kind: DiffKind, text: &str) -> DiffSpan {
        DiffSpan { kind, text: text.to_owned() }
    }

    #[test]
    fn parts_are_split_at_line_ends() {
        let parts = [
            span(DiffKind::Same, "one\ntw"),
            span(DiffKind::Removed, "o\n"),
            span(DiffKind::Added, "elve"),
        ];
        let lines = lines(&parts);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1], [part(DiffKind::Same, "tw"), part(DiffKind::Removed, "o")]);
        assert_eq!(lines[2], [part(DiffKind::Added, "elve")]);
    }

    #[test]
    fn changes_are_said_in_words() {
        let line = [
            part(DiffKind::Same, "It is "),
            part(DiffKind::Removed, "harmless"),
            part(DiffKind::Added, "unclear"),
        ];
        assert_eq!(spoken(&line), "It is  [removed: harmless]  [added: unclear] ");
    }
}
