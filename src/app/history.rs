//! Undo and redo across all documents, as a tree that nothing falls out of.
//!
//! An entry holds a document before and after as `Arc` snapshots, so that undo is putting the
//! old value back. Typing in the same field is one entry for half a minute; then it is split at
//! the next pause. A new edit after an undo does not drop what was undone: that becomes a branch,
//! listed and reachable. Runs and model calls are never undone.

use std::collections::BTreeMap;

use super::state::{Document, DocumentId, Moment, Target};

/// Strokes of the same field this close together belong to one stretch of typing.
const STRETCH_MILLIS: u64 = 2_000;
/// … unless it has grown to this many strokes.
const STRETCH_STROKES: u32 = 20;
/// Stretches in the same field are one entry when they begin this soon after its first stroke.
const JOIN_MILLIS: u64 = 30_000;
/// The oldest entries are dropped beyond this many.
const KEPT: usize = 1_000;

/// One document edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Names it within its history; grows.
    pub number: u64,
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
    /// How many strokes the stretch of typing on its way holds.
    strokes: u32,
    /// Whether the stretch may go on.
    open: bool,
    /// Whether further stretches of the same field may join.
    joinable: bool,
    /// The edit before it; `None`: the documents as they were opened.
    parent: Option<u64>,
    /// Where redo leads from here.
    next: Option<u64>,
}

/// Undo and redo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    entries: BTreeMap<u64, Entry>,
    /// The last edit that is done; `None`: nothing is.
    current: Option<u64>,
    /// Where redo leads from the beginning.
    first: Option<u64>,
    last_number: u64,
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

/// One line of the history as it is listed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// The edit.
    pub entry: &'a Entry,
    /// Whether it is done.
    pub done: bool,
    /// Whether redo does not lead there: a way that was left.
    pub aside: bool,
}

impl History {
    /// Records an edit, joined to the one before where it continues it.
    pub fn record(&mut self, edit: Edit, at: Moment) {
        if edit.joins && self.takes_back(&edit) {
            self.step_back();
            return;
        }
        if edit.joins
            && let Some(last) = self.current.and_then(|number| self.entries.get_mut(&number))
            && last.next.is_none()
            && last.joinable
            && last.document == edit.document
            && last.target == edit.target
        {
            let goes_on = last.open
                && at.millis_since(last.span.1) <= STRETCH_MILLIS
                && last.strokes < STRETCH_STROKES;
            if goes_on || at.millis_since(last.span.0) <= JOIN_MILLIS {
                last.after = edit.after;
                last.span.1 = at;
                last.strokes = if goes_on { last.strokes + 1 } else { 1 };
                last.open = true;
                return;
            }
        }
        self.last_number += 1;
        let number = self.last_number;
        let parent = self.current;
        self.lead(parent, Some(number));
        self.entries.insert(
            number,
            Entry {
                number,
                label: edit.label,
                target: edit.target,
                document: edit.document,
                before: edit.before,
                after: edit.after,
                span: (at, at),
                strokes: 1,
                open: edit.joins,
                joinable: edit.joins,
                parent,
                next: None,
            },
        );
        self.current = Some(number);
        if self.entries.len() > KEPT {
            self.drop_oldest();
        }
    }

    /// Whether the edit is the field's own undo, back to where the last entry began.
    fn takes_back(&self, edit: &Edit) -> bool {
        self.current().is_some_and(|last| {
            last.document == edit.document
                && last.target == edit.target
                && last.before == edit.after
                && last.after == edit.before
        })
    }

    /// The stretch of typing is over: the field lost focus.
    pub fn pause(&mut self) {
        if let Some(last) = self.current.and_then(|number| self.entries.get_mut(&number)) {
            last.open = false;
        }
    }

    /// Lets nothing further join the last entry: something else was looked at, a run started.
    pub fn seal(&mut self) {
        if let Some(last) = self.current.and_then(|number| self.entries.get_mut(&number)) {
            last.open = false;
            last.joinable = false;
        }
    }

    /// Takes the newest edit back: the entry whose `before` shall be put in place.
    pub fn undo(&mut self) -> Option<Entry> {
        self.seal();
        let entry = self.current()?.clone();
        self.step_back();
        Some(entry)
    }

    /// Does the last undone edit again: the entry whose `after` shall be put in place.
    pub fn redo(&mut self) -> Option<Entry> {
        self.seal();
        let number = self.following()?;
        self.current = Some(number);
        self.seal();
        self.entries.get(&number).cloned()
    }

    /// Goes to where that edit was the last one (`None`: nothing was edited yet), on whatever
    /// branch it is: the values to be put in place, in order. Empty where it is not there.
    pub fn go_to(&mut self, number: Option<u64>) -> Vec<(Entry, Document)> {
        if number.is_some_and(|number| !self.entries.contains_key(&number)) {
            return Vec::new();
        }
        self.seal();
        let ahead = self.way_to(number);
        let mut values = Vec::new();
        while self.current.is_some_and(|at| !ahead.contains(&at)) {
            let Some(entry) = self.current().cloned() else { break };
            self.step_back();
            let before = entry.before.clone();
            values.push((entry, before));
        }
        let done = self.current.and_then(|at| ahead.iter().position(|one| *one == at));
        for number in ahead.iter().skip(done.map_or(0, |place| place + 1)) {
            self.lead(self.current, Some(*number));
            self.current = Some(*number);
            self.seal();
            if let Some(entry) = self.current().cloned() {
                let after = entry.after.clone();
                values.push((entry, after));
            }
        }
        values
    }

    /// The edit that undo would take back.
    pub fn current(&self) -> Option<&Entry> {
        self.entries.get(&self.current?)
    }

    /// An edit, by its number.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        self.entries.get(&number)
    }

    /// What undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.current().map(|entry| entry.label.as_str())
    }

    /// What redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.entries.get(&self.following()?).map(|entry| entry.label.as_str())
    }

    /// How many edits can be taken back.
    pub fn depth(&self) -> usize {
        self.way_to(self.current).len()
    }

    /// How many edits are kept, on all branches: changes whenever a line of [`History::lines`]
    /// comes or goes.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was edited yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All edits, the newest first: those that are done, those that redo leads to, and those
    /// that were left for another way.
    pub fn lines(&self) -> Vec<Line<'_>> {
        let done = self.way_to(self.current);
        let mut ahead = Vec::new();
        let mut at = self.following();
        while let Some(number) = at {
            ahead.push(number);
            at = self.entries.get(&number).and_then(|entry| entry.next);
        }
        self.entries
            .values()
            .rev()
            .map(|entry| {
                let done = done.binary_search(&entry.number).is_ok();
                let aside = !done && ahead.binary_search(&entry.number).is_err();
                Line { entry, done, aside }
            })
            .collect()
    }

    /// Forgets the edits of a document whose value came from elsewhere (the file was taken):
    /// putting an old value back would silently undo somebody else's work.
    pub fn forget(&mut self, document: &DocumentId) {
        let gone: Vec<u64> = self
            .entries
            .values()
            .filter(|entry| &entry.document == document)
            .map(|entry| entry.number)
            .collect();
        for number in gone {
            self.remove(number);
        }
    }

    /// Forgets everything: another project is open.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.current = None;
        self.first = None;
    }

    /// Where redo leads from here.
    fn following(&self) -> Option<u64> {
        self.current.map_or(self.first, |number| self.entries.get(&number)?.next)
    }

    /// Has redo lead from `from` to `to`.
    fn lead(&mut self, from: Option<u64>, to: Option<u64>) {
        match from.and_then(|number| self.entries.get_mut(&number)) {
            Some(entry) => entry.next = to,
            None => self.first = to,
        }
    }

    fn step_back(&mut self) {
        let Some(number) = self.current else { return };
        let parent = self.entries.get(&number).and_then(|entry| entry.parent);
        self.lead(parent, Some(number));
        self.current = parent;
        self.seal();
    }

    /// The edits from the beginning to that one; numbers grow along every way.
    fn way_to(&self, number: Option<u64>) -> Vec<u64> {
        let mut way = Vec::new();
        let mut at = number;
        while let Some(entry) = at.and_then(|number| self.entries.get(&number)) {
            way.push(entry.number);
            at = entry.parent;
        }
        way.reverse();
        way
    }

    /// Takes an entry out; what followed it follows what it followed.
    fn remove(&mut self, number: u64) {
        let Some(gone) = self.entries.remove(&number) else { return };
        for entry in self.entries.values_mut() {
            if entry.parent == Some(number) {
                entry.parent = gone.parent;
            }
            if entry.next == Some(number) {
                entry.next = gone.next;
            }
        }
        if self.first == Some(number) {
            self.first = gone.next;
        }
        if self.current == Some(number) {
            self.current = gone.parent;
        }
    }

    /// Drops the oldest edit: one that was left for another way where there is one; else the
    /// first of all, with the ways that began before it, since they can't be reached any more.
    fn drop_oldest(&mut self) {
        let aside: Vec<u64> =
            self.lines().iter().filter(|line| line.aside).map(|line| line.entry.number).collect();
        if let Some(oldest) = aside.last().copied() {
            // What followed it can't be reached without it.
            for number in aside {
                if self.way_to(Some(number)).contains(&oldest) {
                    self.remove(number);
                }
            }
            return;
        }
        let Some(first) = self.entries.keys().next().copied() else { return };
        self.remove(first);
    }
}

#[cfg(test)]
mod tests;
