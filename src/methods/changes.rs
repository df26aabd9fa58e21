//! What changed between two versions of a document, told principle by principle or criterion by
//! criterion, and as a note in Markdown for reviewers.

use std::fmt::Write as _;

use super::diff::{DiffKind, DiffSpan, word_diff};
use crate::domain::{Constitution, Criterion, Gate, Principle, Rubric, Scale};

/// One principle, criterion or field of the document itself that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its code, such as `P3`; empty for a field of the document itself.
    pub code: String,
    /// What lists call it.
    pub name: String,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of a principle or criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is new; its text.
    Added(String),
    /// It is gone; its text.
    Removed(String),
    /// These of its fields are not as they were, in the order of the editor.
    Changed(Vec<FieldChange>),
    /// It is as it was, in another place: the places, from 1.
    Moved(usize, usize),
}

/// A field that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// What the editor calls it.
    pub field: &'static str,
    /// The difference by words.
    pub spans: Vec<DiffSpan>,
}

/// How many of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// New ones.
    pub added: usize,
    /// Gone ones.
    pub removed: usize,
    /// Changed ones, the document's own fields included.
    pub changed: usize,
    /// Moved ones that are otherwise the same.
    pub moved: usize,
}

impl Counts {
    /// The sums of a list of changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut counts = Self::default();
        for change in changes {
            match change.kind {
                ChangeKind::Added(_) => counts.added += 1,
                ChangeKind::Removed(_) => counts.removed += 1,
                ChangeKind::Changed(_) => counts.changed += 1,
                ChangeKind::Moved(..) => counts.moved += 1,
            }
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> usize {
        self.added + self.removed + self.changed + self.moved
    }

    /// `1 added, 2 changed`; `no changes` where there are none.
    pub fn words(self) -> String {
        let parts = [
            (self.added, "added"),
            (self.removed, "removed"),
            (self.changed, "changed"),
            (self.moved, "moved"),
        ];
        let words: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if words.is_empty() { "no changes".to_owned() } else { words.join(", ") }
    }
}

/// What changed between two values of a constitution: its own fields, then its principles in the
/// order of the newer one, then those that are gone.
pub fn of_constitution(before: &Constitution, after: &Constitution) -> Vec<Change> {
    let mut own = Fields::default();
    own.text("Name", &before.name, &after.name);
    own.text("Description", &before.description, &after.description);
    own.text("Preface", &before.preface, &after.preface);
    own.text("Worked examples", &examples(before), &examples(after));
    let mut changes = own.of_document();
    changes.extend(of_items(
        &before.principles,
        &after.principles,
        |principle| principle.id.as_str(),
        Principle::label,
        |principle| principle.text.clone(),
        principle_fields,
    ));
    changes
}

/// What changed between two values of a rubric, likewise.
pub fn of_rubric(before: &Rubric, after: &Rubric) -> Vec<Change> {
    let mut own = Fields::default();
    own.text("Name", &before.name, &after.name);
    own.text("Description", &before.description, &after.description);
    own.text("Aggregation", &before.aggregation.to_string(), &after.aggregation.to_string());
    let mut changes = own.of_document();
    changes.extend(of_items(
        &before.criteria,
        &after.criteria,
        |criterion| criterion.id.as_str(),
        |criterion| criterion.name.clone(),
        |criterion| criterion.description.clone(),
        criterion_fields,
    ));
    changes
}

/// The changes as a note for reviewers: a heading, then one point a change.
pub fn markdown(title: &str, changes: &[Change]) -> String {
    let mut note = format!("## {title}\n\n");
    if changes.is_empty() {
        note.push_str("No changes.\n");
    }
    for change in changes {
        let name = match (change.code.as_str(), change.name.as_str()) {
            ("", name) => name.to_owned(),
            (code, "") => code.to_owned(),
            (code, name) => format!("{code} {name}"),
        };
        match &change.kind {
            ChangeKind::Added(text) => writeln!(note, "- **Added {name}**{}", told(text)).ok(),
            ChangeKind::Removed(text) => writeln!(note, "- **Removed {name}**{}", told(text)).ok(),
            ChangeKind::Moved(from, to) => {
                writeln!(note, "- **Moved {name}** from place {from} to {to}").ok()
            }
            ChangeKind::Changed(fields) => {
                writeln!(note, "- **Changed {name}**").ok();
                for field in fields {
                    writeln!(note, "  - {}: {}", field.field, marked(&field.spans)).ok();
                }
                None
            }
        };
    }
    note
}

/// `: the text on one line`; nothing for an empty text.
fn told(text: &str) -> String {
    let text = on_one_line(text);
    if text.is_empty() { text } else { format!(": {text}") }
}

/// A difference on one line: removed words struck through, added ones bold.
fn marked(spans: &[DiffSpan]) -> String {
    let mut line = String::new();
    for span in spans {
        let text = span.text.replace(['\n', '\r'], " ");
        let mark = match span.kind {
            DiffKind::Same => "",
            DiffKind::Removed => "~~",
            DiffKind::Added => "**",
        };
        let inner = text.trim();
        if mark.is_empty() || inner.is_empty() {
            line.push_str(&text);
            continue;
        }
        // Marks only work right at the words.
        let lead = &text[..text.len() - text.trim_start().len()];
        let tail = &text[text.trim_end().len()..];
        write!(line, "{lead}{mark}{inner}{mark}{tail}").ok();
    }
    line.trim().to_owned()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fields that are not as they were.
#[derive(Default)]
struct Fields(Vec<FieldChange>);

impl Fields {
    fn text(&mut self, field: &'static str, before: &str, after: &str) {
        if before != after {
            self.0.push(FieldChange { field, spans: word_diff(before, after) });
        }
    }

    fn of_document(self) -> Vec<Change> {
        self.0
            .into_iter()
            .map(|field| Change {
                code: String::new(),
                name: field.field.to_owned(),
                kind: ChangeKind::Changed(vec![field]),
            })
            .collect()
    }
}

fn of_items<T: PartialEq>(
    before: &[T],
    after: &[T],
    id: impl Fn(&T) -> &str,
    name: impl Fn(&T) -> String,
    text: impl Fn(&T) -> String,
    fields: impl Fn(&T, &T) -> Vec<FieldChange>,
) -> Vec<Change> {
    let place = |items: &[T], wanted: &str| items.iter().position(|item| id(item) == wanted);
    let moved = moved(
        &before.iter().map(&id).collect::<Vec<_>>(),
        &after.iter().map(&id).collect::<Vec<_>>(),
    );
    let mut changes = Vec::new();
    for (to, item) in after.iter().enumerate() {
        let kind = match place(before, id(item)) {
            None => ChangeKind::Added(text(item)),
            Some(from) if before[from] != *item => ChangeKind::Changed(fields(&before[from], item)),
            Some(from) if moved.contains(&id(item)) => ChangeKind::Moved(from + 1, to + 1),
            Some(_) => continue,
        };
        changes.push(Change { code: id(item).to_owned(), name: name(item), kind });
    }
    for item in before {
        if place(after, id(item)).is_none() {
            let kind = ChangeKind::Removed(text(item));
            changes.push(Change { code: id(item).to_owned(), name: name(item), kind });
        }
    }
    changes
}

/// The ids that are not in the longest run of ids whose order stayed: those that were moved.
fn moved<'a>(before: &[&'a str], after: &[&str]) -> Vec<&'a str> {
    let common: Vec<&str> = before.iter().filter(|id| after.contains(id)).copied().collect();
    let places: Vec<(usize, &'a str)> = common
        .iter()
        .filter_map(|id| Some((after.iter().position(|one| one == id)?, *id)))
        .collect();
    // The longest increasing subsequence; documents have tens of items, rarely hundreds.
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(places.len());
    for (index, (place, _)) in places.iter().enumerate() {
        let before = (0..index)
            .filter(|earlier| places[*earlier].0 < *place)
            .max_by_key(|earlier| (best[*earlier].0, std::cmp::Reverse(*earlier)));
        best.push((before.map_or(1, |earlier| best[earlier].0 + 1), before));
    }
    let mut kept = vec![false; places.len()];
    let mut at = (0..best.len()).max_by_key(|index| (best[*index].0, std::cmp::Reverse(*index)));
    while let Some(index) = at {
        kept[index] = true;
        at = best[index].1;
    }
    places.iter().zip(kept).filter(|(_, kept)| !kept).map(|((_, id), _)| *id).collect()
}

fn principle_fields(before: &Principle, after: &Principle) -> Vec<FieldChange> {
    let mut fields = Fields::default();
    fields.text("Title", &before.title, &after.title);
    fields.text("Text", &before.text, &after.text);
    fields.text("Critique request", &before.critique_request, &after.critique_request);
    fields.text("Revision request", &before.revision_request, &after.revision_request);
    fields.text("Comparison question", &before.comparison_question, &after.comparison_question);
    fields.text("Groups", &before.tags.join(", "), &after.tags.join(", "));
    fields.text("Weight", &before.weight.to_string(), &after.weight.to_string());
    fields.text("Priority", &before.priority.to_string(), &after.priority.to_string());
    fields.text("Used by runs", yes(before.enabled), yes(after.enabled));
    fields.text("Pinned cases", &cases(before), &cases(after));
    fields.text("Notes", &before.notes, &after.notes);
    fields.0
}

fn criterion_fields(before: &Criterion, after: &Criterion) -> Vec<FieldChange> {
    let mut fields = Fields::default();
    fields.text("Name", &before.name, &after.name);
    fields.text("Description", &before.description, &after.description);
    fields.text("Scale", &scale(&before.scale), &scale(&after.scale));
    fields.text("Weight", &before.weight.to_string(), &after.weight.to_string());
    fields.text("Gate", &gate(before.gate), &gate(after.gate));
    fields.0
}

fn yes(enabled: bool) -> &'static str {
    if enabled { "yes" } else { "no" }
}

fn cases(principle: &Principle) -> String {
    let lines: Vec<String> = principle
        .cases
        .iter()
        .map(|case| format!("{} – {}", on_one_line(&case.prompt), on_one_line(&case.expect)))
        .collect();
    lines.join("\n")
}

fn examples(constitution: &Constitution) -> String {
    let texts: Vec<String> = constitution
        .examples
        .iter()
        .map(|one| {
            [&one.prompt, &one.draft, &one.critique, &one.revision]
                .map(|text| text.trim())
                .join("\n")
        })
        .collect();
    texts.join("\n\n")
}

fn scale(scale: &Scale) -> String {
    match scale {
        Scale::Points(points) => format!("{points} points when met"),
        Scale::Levels { lowest, anchors } => {
            let lines: Vec<String> = anchors
                .iter()
                .enumerate()
                .map(|(step, anchor)| format!("{}: {anchor}", usize::from(*lowest) + step))
                .collect();
            lines.join("\n")
        }
    }
}

fn gate(gate: Gate) -> String {
    match gate {
        Gate::Off => "off".to_owned(),
        Gate::AtLeast(level) => format!("at least {level}"),
        Gate::Met => "must be met".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Aggregation;

    fn principle(id: &str, text: &str) -> Principle {
        Principle { id: id.into(), text: text.to_owned(), ..Principle::default() }
    }

    fn constitution(principles: &[(&str, &str)]) -> Constitution {
        let mut constitution = Constitution::named("General");
        constitution.principles = principles.iter().map(|(id, text)| principle(id, text)).collect();
        constitution
    }

    #[test]
    fn the_same_has_no_changes() {
        let one = constitution(&[("P1", "Be kind.")]);
        assert!(of_constitution(&one, &one).is_empty());
        assert_eq!(Counts::of(&[]).words(), "no changes");
    }

    #[test]
    fn principles_are_added_removed_changed_and_moved() {
        let before = constitution(&[("P1", "Be kind."), ("P2", "Be brief."), ("P3", "Be true.")]);
        let mut after =
            constitution(&[("P3", "Be true."), ("P1", "Be very kind."), ("P4", "Ask first.")]);
        after.preface = "You are a nurse.".to_owned();
        let changes = of_constitution(&before, &after);
        let counts = Counts::of(&changes);
        assert_eq!(counts.words(), "1 added, 1 removed, 2 changed, 1 moved");
        assert_eq!(counts.total(), 5);
        let kinds: Vec<&str> = changes.iter().map(|change| change.code.as_str()).collect();
        assert_eq!(kinds, ["", "P3", "P1", "P4", "P2"]);
        let ChangeKind::Changed(fields) = &changes[2].kind else { panic!("{:?}", changes[2]) };
        assert_eq!(fields[0].field, "Text");
        assert!(
            fields[0].spans.iter().any(|s| s.kind == DiffKind::Added && s.text.trim() == "very")
        );
    }

    #[test]
    fn one_that_goes_to_the_top_is_the_only_one_moved() {
        let before = constitution(&[("P1", "a"), ("P2", "b"), ("P3", "c"), ("P4", "d")]);
        let after = constitution(&[("P4", "d"), ("P1", "a"), ("P2", "b"), ("P3", "c")]);
        let changes = of_constitution(&before, &after);
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].kind, ChangeKind::Moved(4, 1));
    }

    #[test]
    fn a_criterion_tells_its_scale_and_gate() {
        let mut before = Rubric::named("Quality");
        before.criteria.push(Criterion { id: "C1".into(), ..Criterion::default() });
        let mut after = before.clone();
        after.aggregation = Aggregation::Minimum;
        after.criteria[0].gate = Gate::AtLeast(3);
        after.criteria[0].scale = Scale::Points(2.0);
        let changes = of_rubric(&before, &after);
        assert_eq!(changes.len(), 2);
        let ChangeKind::Changed(fields) = &changes[1].kind else { panic!() };
        let names: Vec<&str> = fields.iter().map(|field| field.field).collect();
        assert_eq!(names, ["Scale", "Gate"]);
    }

    #[test]
    fn the_note_reads_as_markdown() {
        let before = constitution(&[("P1", "Be kind."), ("P2", "Be brief.")]);
        let after = constitution(&[("P1", "Be very kind."), ("P3", "Ask\nfirst.")]);
        let note = markdown("General: v2 → v3", &of_constitution(&before, &after));
        assert_eq!(
            note,
            "## General: v2 → v3\n\n- **Changed P1 Be very kind.**\n  - Text: Be **very** kind.\n\
             - **Added P3 Ask first.**: Ask first.\n- **Removed P2 Be brief.**: Be brief.\n"
        );
    }
}
