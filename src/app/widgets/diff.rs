//! What changed between two texts: inserted is blue and underlined, deleted orange and struck.

use std::hash::Hash;
use std::sync::Arc;

use egui::mutex::Mutex;
use egui::text::{LayoutJob, TextFormat};
use egui::{Response, Stroke, Ui};

use super::prose::{self, Laid, Paragraph};
use crate::app::theme::{self, text};
use crate::methods::diff::{DiffKind, DiffSpan};

/// A part of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part<'a> {
    kind: DiffKind,
    text: &'a str,
    /// Which span it is a part of.
    span: usize,
}

/// Draws a diff paragraph by paragraph; `salt` tells apart the diffs of one screen.
///
/// A screen reader hears what was removed and added in words.
pub fn diff_view(ui: &mut Ui, salt: impl Hash + std::fmt::Debug, spans: &[DiffSpan]) -> Response {
    let laid = laid(ui, salt, spans, &|_| false);
    prose::draw(ui, &laid)
}

/// [`diff_view`] whose changed spans can be clicked: gives the span that was. The spans for which
/// `marked` is true stand out. Whoever uses it must offer the same by keyboard.
pub fn clickable_diff(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    spans: &[DiffSpan],
    marked: &dyn Fn(usize) -> bool,
) -> Option<usize> {
    let laid = laid(ui, salt, spans, marked);
    // Lines are cut anew only while the pointer is over one of them.
    let cut = std::cell::OnceCell::new();
    let span_at = |paragraph: usize, character: usize| {
        let line: &Vec<Part<'_>> = cut.get_or_init(|| lines(spans)).get(paragraph)?;
        let mut end = 0;
        let part = line.iter().find(|part| {
            end += part.text.chars().count();
            character < end
        })?;
        (part.kind != DiffKind::Same).then_some(part.span)
    };
    let reacts = |paragraph, character| span_at(paragraph, character).is_some();
    let (_, clicked) = prose::draw_clickable(ui, &laid, Some(&reacts));
    clicked.and_then(|(paragraph, character)| span_at(paragraph, character))
}

/// Draws a text of which some stretches are the same elsewhere: those are grey. `stretches` are
/// texts and whether they are.
pub fn shaded_view(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    stretches: &[(bool, &str)],
) -> Response {
    let t = theme::tokens(ui);
    let own = prose::format_of(ui, &text::reading_style(), t.text);
    let shared = TextFormat { color: t.border, ..own.clone() };
    let key = egui::util::hash((stretches, &own));
    let id = ui.scope_id().with(egui::IdSalt::new(salt));
    let laid = prose::cached(ui, id, key, || {
        let mut jobs = vec![LayoutJob::default()];
        for (is_shared, text) in stretches {
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    jobs.push(LayoutJob::default());
                }
                for piece in prose::pieces(line) {
                    let format = if *is_shared { &shared } else { &own };
                    if let Some(job) = jobs.last_mut() {
                        job.append(piece, 0.0, format.clone());
                    }
                }
            }
        }
        for job in &mut jobs {
            if job.text.is_empty() {
                job.append("", 0.0, own.clone());
            }
        }
        jobs.into_iter().map(Paragraph::of).collect()
    });
    prose::draw(ui, &laid)
}

fn laid(
    ui: &Ui,
    salt: impl Hash + std::fmt::Debug,
    spans: &[DiffSpan],
    marked: &dyn Fn(usize) -> bool,
) -> Arc<Mutex<Laid>> {
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
    let lit = |format: &TextFormat| TextFormat {
        color: t.evidence_text,
        background: t.evidence_bg,
        expand_bg: 0.0,
        underline: Stroke { width: format.underline.width * 2.0, color: t.evidence_text },
        strikethrough: Stroke { color: t.evidence_text, ..format.strikethrough },
        ..format.clone()
    };
    let hashed: Vec<(u8, &str, bool)> = spans
        .iter()
        .enumerate()
        .map(|(place, span)| (span.kind as u8, span.text.as_str(), marked(place)))
        .collect();
    let key = egui::util::hash((hashed, &same));
    let id = ui.scope_id().with(egui::IdSalt::new(salt));
    prose::cached(ui, id, key, || {
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
                    let format = if marked(part.span) { lit(format) } else { format.clone() };
                    // What replaces a word stands apart from it.
                    let swapped = before == Some(DiffKind::Removed) && part.kind == DiffKind::Added;
                    job.append(part.text, if swapped { 3.0 } else { 0.0 }, format);
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
    })
}

/// Which of two texts that stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// Draws one of two texts that stand side by side: what only this one has is marked, and what both
/// share is greyed where asked for.
///
/// Nothing is struck or underlined: side by side, neither text came first. A screen reader hears
/// in words what only this one has.
pub fn side_view(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    spans: &[DiffSpan],
    side: Side,
    greyed: bool,
) -> Response {
    let t = theme::tokens(ui);
    let shared = if greyed { t.weak } else { t.text };
    let same = prose::format_of(ui, &text::reading_style(), shared);
    let (background, color, only, name) = match side {
        Side::A => (t.delete_bg, t.delete_text, DiffKind::Removed, "A"),
        Side::B => (t.insert_bg, t.insert_text, DiffKind::Added, "B"),
    };
    let own = TextFormat { color, background, expand_bg: -1.5, ..same.clone() };
    let is_here = |span: &&DiffSpan| span.kind == DiffKind::Same || span.kind == only;
    let hashed: Vec<(u8, &str)> =
        spans.iter().filter(is_here).map(|span| (span.kind as u8, span.text.as_str())).collect();
    let key = egui::util::hash((hashed, &same, side));
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
                    Paragraph::spoken(job, spoken_of(&line, name))
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
            words.push_str(" [only in ");
            words.push_str(name);
            words.push_str(": ");
            words.push_str(part.text.trim());
            words.push_str("] ");
        }
    }
    words
}

/// The parts, line by line.
fn lines(spans: &[DiffSpan]) -> Vec<Vec<Part<'_>>> {
    let mut lines = vec![Vec::new()];
    for (span, part) in spans.iter().enumerate() {
        for (index, text) in part.text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            for text in prose::pieces(text) {
                if text.is_empty() {
                    continue;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(Part { kind: part.kind, text, span });
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
        Part { kind, text, span: 0 }
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
        let at = |kind, text, span| Part { kind, text, span };
        assert_eq!(lines[1], [at(DiffKind::Same, "tw", 0), at(DiffKind::Removed, "o", 1)]);
        assert_eq!(lines[2], [at(DiffKind::Added, "elve", 2)]);
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
