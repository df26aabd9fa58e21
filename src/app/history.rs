//! Undo and redo across all documents.
//!
//! An entry holds a document before and after as `Arc` snapshots, so that undo is putting the
//! old value back. Edits of the same field in quick succession are one entry. Runs and model
//! calls are never undone.

use super::state::{Document, DocumentId, Moment, Target};

/// Edits of the same field this close together are one entry.
const JOIN_MILLIS: u64 = 2_000;
/// … unless they have grown to this many keystrokes.
const JOIN_STROKES: u32 = 20;
/// The oldest entries are dropped beyond this many.
const KEPT: usize = 1_000;

/// One document edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// What the Edit menu calls it: `Edit text of P3`.
    pub label: String,
    /// What was changed, for going there.
    pub target: Target,
    /// The document.
    pub document: DocumentId,
    /// Its value before.
    pub before: Document,
    /// Its value after.
    pub after: Document,
    /// When its first and its last stroke came.
    pub span: (Moment, Moment),
    /// How many strokes it holds.
    pub strokes: u32,
    /// Whether it may take in further strokes of the same target.
    pub open: bool,
}

/// Undo and redo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    undo: Vec<Entry>,
    redo: Vec<Entry>,
}

/// An edit to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What the Edit menu calls it.
    pub label: String,
    /// What is changed.
    pub target: Target,
    /// The document.
    pub document: DocumentId,
    /// Its value before.
    pub before: Document,
    /// Its value after.
    pub after: Document,
    /// Whether it may join the edit before (typing, dragging a slider).
    pub joins: bool,
}

impl History {
    /// Records an edit, joined to the one before where it continues it.
    pub fn record(&mut self, edit: Edit, at: Moment) {
        self.redo.clear();
        // The field's own undo went back to where the last entry began: that entry is undone.
        if edit.joins
            && let Some(last) = self.undo.pop_if(|last| {
                last.document == edit.document
                    && last.target == edit.target
                    && last.before == edit.after
                    && last.after == edit.before
            })
        {
            self.redo.push(last);
            return;
        }
        if edit.joins
            && let Some(last) = self.undo.last_mut()
            && last.open
            && last.document == edit.document
            && last.target == edit.target
            && at.millis_since(last.span.1) <= JOIN_MILLIS
            && last.strokes < JOIN_STROKES
        {
            last.after = edit.after;
            last.span.1 = at;
            last.strokes += 1;
            if last.after == last.before {
                self.undo.pop();
            }
            return;
        }
        self.undo.push(Entry {
            label: edit.label,
            target: edit.target,
            document: edit.document,
            before: edit.before,
            after: edit.after,
            span: (at, at),
            strokes: 1,
            open: edit.joins,
        });
        if self.undo.len() > KEPT {
            self.undo.remove(0);
        }
    }

    /// Lets no further stroke join the last entry: focus moved, a run started.
    pub fn seal(&mut self) {
        if let Some(last) = self.undo.last_mut() {
            last.open = false;
        }
    }

    /// Takes the newest edit back: the entry whose `before` shall be put in place.
    pub fn undo(&mut self) -> Option<Entry> {
        self.seal();
        let entry = self.undo.pop()?;
        self.redo.push(entry.clone());
        Some(entry)
    }

    /// Does the last undone edit again: the entry whose `after` shall be put in place.
    pub fn redo(&mut self) -> Option<Entry> {
        let mut entry = self.redo.pop()?;
        entry.open = false;
        self.undo.push(entry.clone());
        Some(entry)
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.undo.last().map(|entry| entry.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.redo.last().map(|entry| entry.label.as_str())
    }

    /// How many edits can be taken back.
    pub fn depth(&self) -> usize {
        self.undo.len()
    }

    /// Forgets the edits of a document whose value came from elsewhere (the file was taken):
    /// putting an old value back would silently undo somebody else's work.
    pub fn forget(&mut self, document: &DocumentId) {
        self.undo.retain(|entry| &entry.document != document);
        self.redo.retain(|entry| &entry.document != document);
    }

    /// Forgets everything: another project is open.
    pub fn clear(&mut self) {
        self.undo.clear();
        self.redo.clear();
    }
}
