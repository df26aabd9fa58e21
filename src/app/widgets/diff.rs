//! What changed between two texts: inserted is blue and underlined, deleted orange and struck.

use std::hash::Hash;

use egui::text::{LayoutJob, TextFormat};
use egui::{Response, Stroke, Ui};

use super::prose::{self, Paragraph};
use crate::app::theme::{self, text};

/// What became of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DiffKind {
    /// In both texts.
    Same,
    /// Only in the text after.
    Inserted,
    /// Only in the text before.
    Deleted,
}

/// A part of a diff, in reading order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DiffPart<'a> {
    /// What became of it.
    pub kind: DiffKind,
    /// Its text.
    pub text: &'a str,
}

/// Draws a diff paragraph by paragraph; `salt` tells apart the diffs of one screen.
///
/// A screen reader hears what was removed and added in words.
pub fn diff_view(
    ui: &mut Ui,
    salt: impl Hash + std::fmt::Debug,
    parts: &[DiffPart<'_>],
) -> Response {
    let t = theme::tokens(ui);
    let same = prose::format_of(ui, &text::reading_style(), t.text);
    let inserted = TextFormat {
        color: t.insert_text,
        background: t.insert_bg,
        underline: Stroke::new(1.0, t.insert_text),
        ..same.clone()
    };
    let deleted = TextFormat {
        color: t.delete_text,
        background: t.delete_bg,
        strikethrough: Stroke::new(1.0, t.delete_text),
        ..same.clone()
    };
    let key = egui::util::hash((parts, &same));
    let id = ui.id().with(egui::Id::new(salt));
    let laid = prose::cached(ui, id, key, || {
        lines(parts)
            .into_iter()
            .map(|line| {
                let mut job = LayoutJob::default();
                for part in &line {
                    let format = match part.kind {
                        DiffKind::Same => &same,
                        DiffKind::Inserted => &inserted,
                        DiffKind::Deleted => &deleted,
                    };
                    job.append(part.text, 0.0, format.clone());
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

/// The parts, line by line.
fn lines<'a>(parts: &[DiffPart<'a>]) -> Vec<Vec<DiffPart<'a>>> {
    let mut lines = vec![Vec::new()];
    for part in parts {
        for (index, text) in part.text.split('\n').enumerate() {
            if index > 0 {
                lines.push(Vec::new());
            }
            for text in prose::pieces(text) {
                if text.is_empty() {
                    continue;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(DiffPart { kind: part.kind, text });
                }
            }
        }
    }
    lines
}

fn spoken(line: &[DiffPart<'_>]) -> String {
    let mut words = String::new();
    for part in line {
        match part.kind {
            DiffKind::Same => words.push_str(part.text),
            DiffKind::Inserted => {
                words.push_str(" [added: ");
                words.push_str(part.text.trim());
                words.push_str("] ");
            }
            DiffKind::Deleted => {
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

    fn part(kind: DiffKind, text: &str) -> DiffPart<'_> {
        DiffPart { kind, text }
    }

    #[test]
    fn parts_are_split_at_line_ends() {
        let parts = [
            part(DiffKind::Same, "one\ntw"),
            part(DiffKind::Deleted, "o\n"),
            part(DiffKind::Inserted, "elve"),
        ];
        let lines = lines(&parts);
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1], [part(DiffKind::Same, "tw"), part(DiffKind::Deleted, "o")]);
        assert_eq!(lines[2], [part(DiffKind::Inserted, "elve")]);
    }

    #[test]
    fn changes_are_said_in_words() {
        let line = [
            part(DiffKind::Same, "It is "),
            part(DiffKind::Deleted, "harmless"),
            part(DiffKind::Inserted, "unclear"),
        ];
        assert_eq!(spoken(&line), "It is  [removed: harmless]  [added: unclear] ");
    }
}
