//! Changing constitutions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::edit::{self, What};
use super::items::{self, Items};
use crate::app::command::{ConstitutionChange, ConstitutionCommand, PrincipleChange};
use crate::app::effects::Effect;
use crate::app::state::documents::Documents;
use crate::app::state::{
    AppState, Area, Document, DocumentId, Moment, NoticeKind, PrincipleField, Target,
};
use crate::domain::{Constitution, Principle, PrincipleId};

impl Items for Constitution {
    type Item = Principle;
    type Id = PrincipleId;

    const KIND: &'static str = "constitution";
    const NOUN: [&'static str; 2] = ["principle", "principles"];

    fn name(&mut self) -> &mut String {
        &mut self.name
    }
    fn all(&self) -> &[Principle] {
        &self.principles
    }
    fn all_mut(&mut self) -> &mut Vec<Principle> {
        &mut self.principles
    }
    fn id(item: &Principle) -> &PrincipleId {
        &item.id
    }
    fn set_id(item: &mut Principle, id: PrincipleId) {
        item.id = id;
    }
    fn free_id(&self) -> PrincipleId {
        self.free_id()
    }
    fn label(item: &Principle) -> String {
        item.label()
    }
    fn as_copy(item: &mut Principle) {
        if !item.title.is_empty() {
            item.title = format!("{} (copy)", item.title);
        }
    }
    fn among(documents: &Documents) -> &BTreeMap<String, Arc<Self>> {
        &documents.constitutions
    }
    fn document(stem: String) -> DocumentId {
        DocumentId::Constitution(stem)
    }
    fn value(of: Option<Arc<Self>>) -> Document {
        Document::Constitution(of)
    }
    fn stem(state: &AppState) -> String {
        state.selection.constitution.clone()
    }
    fn show(state: &mut AppState, stem: &str) {
        state.area = Area::Constitution;
        stem.clone_into(&mut state.selection.constitution);
        Self::select(state, None, BTreeSet::new());
    }
    fn selected(state: &AppState) -> Option<PrincipleId> {
        state.selection.principle.clone()
    }
    fn select(state: &mut AppState, shown: Option<PrincipleId>, also: BTreeSet<PrincipleId>) {
        state.selection.principle = shown;
        state.selection.picked_principles = also;
    }
    fn page(stem: String) -> Target {
        Target::Constitution(stem)
    }
    fn row(stem: String, id: PrincipleId) -> Target {
        Target::Principle { stem, id, field: None }
    }
    fn first_field(stem: String, id: PrincipleId) -> Target {
        Target::Principle { stem, id, field: Some(PrincipleField::Text) }
    }
}

pub(super) fn carry_out(
    state: &mut AppState,
    command: ConstitutionCommand,
    at: Moment,
) -> Vec<Effect> {
    type Own = Constitution;
    match command {
        ConstitutionCommand::New(name) => {
            items::add_document(state, Own::named(name), "New constitution", at)
        }
        ConstitutionCommand::Duplicate(stem) => items::copy_document::<Own>(state, &stem, at),
        ConstitutionCommand::Delete(stem) => items::delete_document::<Own>(state, &stem, at),
        ConstitutionCommand::MakeDefault(stem) => {
            let label = format!("Use {stem} by default");
            let target = Target::Constitution(stem.clone());
            super::project::change_setup(state, label, target, at, |s| {
                s.constitution.clone_from(&stem);
            })
        }
        ConstitutionCommand::Change { stem, change } => change_document(state, stem, change, at),
        ConstitutionCommand::AddPrinciple => add(state, at),
        ConstitutionCommand::AddLines(text) => add_lines(state, &text, at),
        ConstitutionCommand::DuplicatePrinciple(id) => items::duplicate::<Own>(state, &[id], at),
        ConstitutionCommand::DuplicatePrinciples(ids) => items::duplicate::<Own>(state, &ids, at),
        ConstitutionCommand::DeletePrinciple(id) => items::delete::<Own>(state, &[id], at),
        ConstitutionCommand::DeletePrinciples(ids) => items::delete::<Own>(state, &ids, at),
        ConstitutionCommand::MovePrinciple(id, by) => items::shift::<Own>(state, &[id], by, at),
        ConstitutionCommand::MovePrinciples(ids, by) => items::shift::<Own>(state, &ids, by, at),
        ConstitutionCommand::PlacePrinciples { ids, before } => {
            items::place::<Own>(state, &ids, before.as_ref(), at)
        }
        ConstitutionCommand::PrincipleTo(id, position) => {
            items::position::<Own>(state, &id, position, at)
        }
        ConstitutionCommand::EnablePrinciples(ids, on) => {
            let label = format!("{} {}", if on { "Enable" } else { "Disable" }, named(&ids));
            items::change_many::<Own>(state, &ids, label, at, |one| one.enabled = on)
        }
        ConstitutionCommand::TagPrinciples { ids, tag, on } => tag_many(state, &ids, &tag, on, at),
        ConstitutionCommand::Principle { id, change } => change_principle(state, id, change, at),
    }
}

/// `P3`, or `4 principles`.
fn named(ids: &[PrincipleId]) -> String {
    match ids {
        [one] => one.to_string(),
        many => format!("{} principles", many.len()),
    }
}

fn get(state: &AppState, stem: &str) -> Option<Arc<Constitution>> {
    state.documents()?.constitutions.get(stem).cloned()
}

fn change_document(
    state: &mut AppState,
    stem: String,
    change: ConstitutionChange,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let part = match change {
        ConstitutionChange::Name(text) => {
            after.name = text;
            "name"
        }
        ConstitutionChange::Description(text) => {
            after.description = text;
            "description"
        }
        ConstitutionChange::Preface(text) => {
            after.preface = text;
            "preface"
        }
    };
    let label = format!("Edit {part} of {}", edit::shortened(&before.name));
    let what = What { label, target: Target::Constitution(stem.clone()), joins: true };
    edit::put(state, DocumentId::Constitution(stem), edit::of_constitution(after), what, at)
}

/// Adds an empty principle within its neighbour's group, where the user is looking.
fn add(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(constitution) = items::shown::<Constitution>(state) else { return Vec::new() };
    let place = items::place_for_new(state, &*constitution);
    let neighbour = place.checked_sub(1).and_then(|n| constitution.principles.get(n));
    let tags = neighbour.and_then(|one| one.tags.first()).cloned().into_iter().collect();
    items::add::<Constitution>(state, Principle { tags, ..Principle::default() }, "Add", at)
}

/// Adds a principle of that text after the selected one, and selects it.
pub(super) fn add_text(state: &mut AppState, text: String, at: Moment) -> Vec<Effect> {
    items::add::<Constitution>(state, Principle { text, ..Principle::default() }, "Add", at)
}

/// One principle for each line that says something.
fn add_lines(state: &mut AppState, text: &str, at: Moment) -> Vec<Effect> {
    let new: Vec<Principle> = lines_of(text)
        .map(|line| Principle { text: line.to_owned(), ..Principle::default() })
        .collect();
    if new.is_empty() {
        state.notify(NoticeKind::Warning, "There is no line with text to add", at);
        return Vec::new();
    }
    items::add_many::<Constitution>(state, new, at)
}

/// The lines of a pasted list that become principles, without bullets and numbers.
pub fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(without_mark).filter(|line| line.chars().any(char::is_alphanumeric))
}

/// A line without its bullet (`-`, `•`), check box or number (`3.`, `3)`, `(3)`).
fn without_mark(line: &str) -> &str {
    let line = line.trim();
    let rest = line.trim_start_matches(['-', '*', '•', '–', '—', '·', '◦', '▪', '+']).trim_start();
    let rest = if rest.len() < line.len() {
        ["[ ]", "[x]", "[X]"].iter().find_map(|mark| rest.strip_prefix(mark)).unwrap_or(rest)
    } else {
        line
    };
    let numbered = rest.strip_prefix('(').unwrap_or(rest);
    let digits = numbered.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits)
        && let Some(after) = numbered[digits..].strip_prefix(['.', ')', ':'])
        && (after.starts_with(char::is_whitespace) || after.is_empty())
    {
        return after.trim();
    }
    rest.trim()
}

fn tag_many(
    state: &mut AppState,
    ids: &[PrincipleId],
    tag: &str,
    on: bool,
    at: Moment,
) -> Vec<Effect> {
    let tag = tag.trim();
    if tag.is_empty() {
        return Vec::new();
    }
    let label = format!("{} {} {tag}", if on { "Tag" } else { "Untag" }, named(ids));
    items::change_many::<Constitution>(state, ids, label, at, |one| {
        one.tags.retain(|other| other != tag);
        if on {
            one.tags.push(tag.to_owned());
        }
    })
}

fn change_principle(
    state: &mut AppState,
    id: PrincipleId,
    change: PrincipleChange,
    at: Moment,
) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let Some(principle) = after.principles.iter_mut().find(|p| p.id == id) else {
        return Vec::new();
    };
    let (verb, field, joins) = apply(principle, change);
    let what = What {
        label: format!("{verb} of {id}"),
        target: Target::Principle { stem: stem.clone(), id, field: Some(field) },
        joins,
    };
    edit::put(state, DocumentId::Constitution(stem), edit::of_constitution(after), what, at)
}

/// Applies a change; gives what it is called, the field, and whether it may join the one before.
fn apply(
    principle: &mut Principle,
    change: PrincipleChange,
) -> (&'static str, PrincipleField, bool) {
    match change {
        PrincipleChange::Title(text) => {
            principle.title = text;
            ("Edit title", PrincipleField::Title, true)
        }
        PrincipleChange::Text(text) => {
            principle.text = text;
            ("Edit text", PrincipleField::Text, true)
        }
        PrincipleChange::CritiqueRequest(text) => {
            principle.critique_request = text;
            ("Edit critique request", PrincipleField::CritiqueRequest, true)
        }
        PrincipleChange::RevisionRequest(text) => {
            principle.revision_request = text;
            ("Edit revision request", PrincipleField::RevisionRequest, true)
        }
        PrincipleChange::ComparisonQuestion(text) => {
            principle.comparison_question = text;
            ("Edit comparison question", PrincipleField::ComparisonQuestion, true)
        }
        PrincipleChange::Tags(tags) => {
            principle.tags = tags;
            ("Edit tags", PrincipleField::Tags, true)
        }
        PrincipleChange::Weight(weight) => {
            principle.weight = weight;
            ("Change weight", PrincipleField::Weight, true)
        }
        PrincipleChange::Priority(priority) => {
            principle.priority = priority;
            ("Change priority", PrincipleField::Priority, false)
        }
        PrincipleChange::Enabled(enabled) => {
            principle.enabled = enabled;
            let verb = if enabled { "Enabling" } else { "Disabling" };
            (verb, PrincipleField::Enabled, false)
        }
        PrincipleChange::Cases(cases) => {
            principle.cases = cases;
            ("Edit cases", PrincipleField::Cases, true)
        }
        PrincipleChange::Notes(text) => {
            principle.notes = text;
            ("Edit notes", PrincipleField::Notes, true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::lines_of;

    #[test]
    fn a_pasted_list_loses_its_marks_and_nothing_else() {
        let text = "# \n- Be kind.\n  * Be brief.\n• [ ] Cite sources.\n3. Count to 3.\n(4) Four.\n\n\
                    ---\n10: Ten\n1984 was a book.\n5.5 is a number.\n– 数一数。";
        let lines: Vec<&str> = lines_of(text).collect();
        assert_eq!(
            lines,
            [
                "Be kind.",
                "Be brief.",
                "Cite sources.",
                "Count to 3.",
                "Four.",
                "Ten",
                "1984 was a book.",
                "5.5 is a number.",
                "数一数。"
            ]
        );
    }
}
