//! Find everywhere: documents as they are in the window, then the journal's rows, page by page.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use regex::Regex;

use super::LibraryEvent;
use crate::app::effects::desk::Desk;
use crate::app::message::Event;
use crate::app::state::library::{Found, FoundKind, FoundPlace};
use crate::app::state::{CriterionField, Documents, PrincipleField, Target};
use crate::domain::{Constitution, Principle, PromptSet, Row, Rubric, Scale};
use crate::engine::Cancel;
use crate::store::Journal;
use crate::store::journal::{RunKind, RunRecord};

/// Texts listed of each kind; the others are counted.
const LISTED: u64 = 300;
/// Rows read from the journal at once.
const PAGE: usize = 200;
/// Characters shown before what matched, and behind it.
const AROUND: (usize, usize) = (48, 120);
/// As long as something is still being typed, nothing is read.
const PATIENCE: Duration = Duration::from_millis(180);

/// What was found by now.
struct Finder {
    pattern: Regex,
    page: Vec<Found>,
    counts: BTreeMap<FoundKind, u64>,
    /// Texts of the journal that were found already: replayed ones are in many rows.
    known: HashSet<blake3::Hash>,
}

/// Looks through everything, as long as nobody looks for something else.
pub(super) async fn find(desk: &Desk, number: u64, pattern: Regex, documents: Documents) {
    let cancel = desk.jobs.begin(number);
    tokio::time::sleep(PATIENCE).await;
    let finder = Finder::new(pattern);
    let wanted = cancel.clone();
    let in_documents = move || {
        let mut finder = finder;
        finder.documents(&documents, &wanted);
        finder
    };
    let Ok(mut finder) = tokio::task::spawn_blocking(in_documents).await else { return };
    let mut rows = 0;
    finder.tell(desk, number, rows, None);
    let mut failed = String::new();
    if let Ok((_, journal)) = desk.project()
        && let Err(error) =
            in_journal(desk, number, &journal, &mut finder, &mut rows, &cancel).await
    {
        failed = format!("The journal can't be read: {error}");
    }
    desk.jobs.end(number);
    if !cancel.is_cancelled() {
        finder.tell(desk, number, rows, Some(failed));
    }
}

async fn in_journal(
    desk: &Desk,
    number: u64,
    journal: &Journal,
    finder: &mut Finder,
    rows: &mut u64,
    cancel: &Cancel,
) -> Result<(), crate::store::StoreError> {
    let mut runs = journal.runs().await?;
    runs.sort_by_key(|record| std::cmp::Reverse((record.started_ms, record.id.clone())));
    for run in runs {
        let mut after = None;
        loop {
            if cancel.is_cancelled() {
                return Ok(());
            }
            let page = journal.rows(&run.id, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.position);
            *rows += page.len() as u64;
            for entry in &page {
                finder.row(&run, entry.position, &entry.row);
            }
            if !finder.page.is_empty() || rows.is_multiple_of(2_000) {
                finder.tell(desk, number, *rows, None);
            }
        }
    }
    Ok(())
}

impl Finder {
    fn new(pattern: Regex) -> Self {
        Self { pattern, page: Vec::new(), counts: BTreeMap::new(), known: HashSet::new() }
    }

    /// Hands over what was found since the last time; with `end`, the last page.
    fn tell(&mut self, desk: &Desk, number: u64, rows: u64, end: Option<String>) {
        let page = std::mem::take(&mut self.page);
        let counts = self.counts.clone();
        let done = end.is_some();
        let failed = end.unwrap_or_default();
        let news = LibraryEvent::Found { number, page, counts, rows, done, failed };
        desk.link
            .send_within(Event::Library(news), Duration::from_millis(if done { 0 } else { 100 }));
    }

    fn documents(&mut self, documents: &Documents, cancel: &Cancel) {
        for (stem, constitution) in &documents.constitutions {
            self.constitution(stem, constitution);
        }
        for (stem, rubric) in &documents.rubrics {
            self.rubric(stem, rubric);
        }
        for (stem, set) in &documents.prompt_sets {
            self.prompts(stem, set, cancel);
        }
    }

    fn constitution(&mut self, stem: &str, constitution: &Constitution) {
        let page = || FoundPlace::Document(Target::Constitution(stem.to_owned()));
        let name = &constitution.name;
        let own = [
            ("description", constitution.description.as_str()),
            ("preface", constitution.preface.as_str()),
        ];
        for (field, text) in own {
            self.text(FoundKind::Principles, text, page, || format!("{name}, {field}"));
        }
        for (n, example) in constitution.examples.iter().enumerate() {
            let parts = [&example.prompt, &example.draft, &example.critique, &example.revision];
            let text = parts.map(String::as_str).join("\n");
            let title = || format!("{name}, worked example {}", n + 1);
            self.text(FoundKind::Principles, &text, page, title);
        }
        for principle in &constitution.principles {
            for (field, text) in principle_texts(principle) {
                let place = || {
                    FoundPlace::Document(Target::Principle {
                        stem: stem.to_owned(),
                        id: principle.id.clone(),
                        field: Some(field),
                    })
                };
                let title = || format!("{name}, {} {}", principle.id, principle.label());
                self.text(FoundKind::Principles, &text, place, title);
            }
        }
    }

    fn rubric(&mut self, stem: &str, rubric: &Rubric) {
        let name = &rubric.name;
        let page = || FoundPlace::Document(Target::Rubric(stem.to_owned()));
        let title = || format!("{name}, description");
        self.text(FoundKind::Criteria, &rubric.description, page, title);
        for criterion in &rubric.criteria {
            let mut texts = vec![
                (CriterionField::Name, criterion.name.as_str()),
                (CriterionField::Description, criterion.description.as_str()),
            ];
            if let Scale::Levels { anchors, .. } = &criterion.scale {
                let anchors = anchors.iter().enumerate();
                texts.extend(anchors.map(|(n, text)| (CriterionField::Anchor(n), text.as_str())));
            }
            for (field, text) in texts {
                let place = || {
                    FoundPlace::Document(Target::Criterion {
                        stem: stem.to_owned(),
                        id: criterion.id.clone(),
                        field: Some(field),
                    })
                };
                let title = || format!("{name}, {} {}", criterion.id, criterion.name);
                self.text(FoundKind::Criteria, text, place, title);
            }
        }
    }

    fn prompts(&mut self, stem: &str, set: &PromptSet, cancel: &Cancel) {
        for (n, prompt) in set.prompts.iter().enumerate() {
            if n.is_multiple_of(512) && cancel.is_cancelled() {
                return;
            }
            let place = || {
                let id = prompt.id.clone();
                FoundPlace::Document(Target::Prompt { set: stem.to_owned(), id })
            };
            for message in &prompt.messages {
                let title = || format!("{stem}, {}", prompt.id);
                self.text(FoundKind::Prompts, &message.content, place, title);
            }
        }
    }

    fn row(&mut self, record: &RunRecord, position: u64, row: &Row) {
        let (run, prompt) = (&record.id, &row.prompt.id);
        let is_try = record.kind == RunKind::Try;
        let place =
            || FoundPlace::Row { run: run.clone(), is_try, position, prompt: prompt.clone() };
        let of_row = |finder: &mut Self, kind: FoundKind, what: &str, text: &str| {
            // The same reply in many rows (replayed, or scored after it was written) is one text.
            if finder.pattern.is_match(text) && finder.known.insert(blake3::hash(text.as_bytes())) {
                finder.text(kind, text, place, || format!("{run}, {prompt}, {what}"));
            }
        };
        if let Some(chain) = &row.chain {
            for (what, text) in chain.responses() {
                of_row(self, FoundKind::Responses, &what, text);
            }
            for step in &chain.steps {
                let what = format!("critique {} by {}", step.round, step.principle);
                of_row(self, FoundKind::Critiques, &what, &step.critique);
            }
        }
        if let Some(pair) = &row.pair {
            of_row(self, FoundKind::Responses, "response A", &pair.a);
            of_row(self, FoundKind::Responses, "response B", &pair.b);
        }
        for scored in &row.scores {
            of_row(self, FoundKind::Responses, &scored.name, &scored.text);
        }
    }

    fn text(
        &mut self,
        kind: FoundKind,
        text: &str,
        place: impl FnOnce() -> FoundPlace,
        title: impl FnOnce() -> String,
    ) {
        // An expression that fits the empty text fits everywhere: that is no find.
        let mut hits = self.pattern.find_iter(text).filter(|hit| !hit.is_empty());
        let Some(first) = hits.next() else { return };
        let times = 1 + hits.count() as u64;
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        if *count > LISTED {
            return;
        }
        let (before, hit, after) = around(text, first.start(), first.end());
        let (place, title) = (place(), title());
        self.page.push(Found { kind, place, title, before, hit, after, times });
    }
}

fn principle_texts(principle: &Principle) -> Vec<(PrincipleField, String)> {
    let mut texts = vec![
        (PrincipleField::Title, principle.title.clone()),
        (PrincipleField::Text, principle.text.clone()),
        (PrincipleField::CritiqueRequest, principle.critique_request.clone()),
        (PrincipleField::RevisionRequest, principle.revision_request.clone()),
        (PrincipleField::ComparisonQuestion, principle.comparison_question.clone()),
        (PrincipleField::Tags, principle.tags.join(", ")),
        (PrincipleField::Notes, principle.notes.clone()),
    ];
    for case in &principle.cases {
        texts.push((PrincipleField::Cases, format!("{}\n{}", case.prompt, case.expect)));
    }
    texts
}

/// A few words before a match, the match, and a few words after, each on one line.
fn around(text: &str, start: usize, end: usize) -> (String, String, String) {
    let head = &text[..start];
    let mut before: Vec<char> = head.chars().rev().take(AROUND.0).collect();
    before.reverse();
    let cut = before.len() < head.chars().count();
    let mut before: String = before.into_iter().collect();
    // Not from the middle of a word.
    if cut && let Some((_, rest)) = before.split_once(char::is_whitespace) {
        before = format!("…{rest}");
    }
    let after: String = text[end..].chars().take(AROUND.1).collect();
    let hit: String = text[start..end].chars().take(AROUND.1).collect();
    (on_one_line(&before), on_one_line(&hit), on_one_line(&after))
}

/// Every run of white space as one space; those at the ends stay, since words go on there.
fn on_one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        let letter = if letter.is_whitespace() { ' ' } else { letter };
        if letter != ' ' || !line.ends_with(' ') {
            line.push(letter);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Chain, Prompt, Step};
    use crate::store::journal::RunState;

    fn finder(pattern: &str) -> Finder {
        Finder::new(Regex::new(pattern).unwrap())
    }

    fn documents() -> Documents {
        let mut constitution = Constitution::named("General");
        constitution.preface = "You look at moles.".to_owned();
        constitution.principles.push(Principle {
            id: "P1".into(),
            text: "Say that a mole\n\nneeds a doctor; no mole is harmless.".to_owned(),
            ..Principle::default()
        });
        let prompts = (0..400).map(|n| Prompt::of_text(format!("p{n}"), "A mole?")).collect();
        let set = PromptSet { name: "many".to_owned(), prompts };
        let mut documents = Documents::default();
        documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
        documents.prompt_sets.insert("many".to_owned(), Arc::new(set));
        documents
    }

    #[test]
    fn texts_are_counted_beyond_what_is_listed() {
        let mut finder = finder("(?i)MOLE");
        finder.documents(&documents(), &Cancel::new());
        assert_eq!(finder.counts[&FoundKind::Principles], 2);
        assert_eq!(finder.counts[&FoundKind::Prompts], 400);
        assert_eq!(finder.page.len(), 2 + LISTED as usize);
        let principle = &finder.page[1];
        assert_eq!(principle.title, "General, P1 Say that a mole needs a doctor; no");
        assert_eq!(principle.times, 2);
        assert_eq!(principle.before, "Say that a ");
        assert_eq!(principle.after, " needs a doctor; no mole is harmless.");
    }

    #[test]
    fn the_same_reply_in_two_rows_is_found_once() {
        let chain = Chain {
            draft: "A mole is fine.".to_owned(),
            draft_cut_off: false,
            steps: vec![Step {
                round: 1,
                principle: "P1".into(),
                critique_request: String::new(),
                critique: "The mole may not be fine.".to_owned(),
                found_nothing: false,
                revision_request: String::new(),
                revision: "See a doctor about it.".to_owned(),
                cut_off: false,
                critique_cut_off: false,
            }],
        };
        let row = Row { chain: Some(chain), ..Row::empty(&Prompt::of_text("a", "A mole?")) };
        let mut finder = finder("mole");
        for run in ["R-0001", "R-0002"] {
            let record = RunRecord {
                id: run.into(),
                kind: RunKind::Run,
                recipe: "critique".to_owned(),
                title: String::new(),
                state: RunState::Done,
                message: String::new(),
                rows_total: 1,
                started_ms: 0,
                finished_ms: None,
            };
            finder.row(&record, 0, &row);
        }
        assert_eq!(finder.counts[&FoundKind::Responses], 1);
        assert_eq!(finder.counts[&FoundKind::Critiques], 1);
        assert_eq!(finder.page[1].title, "R-0001, a, critique 1 by P1");
    }

    #[test]
    fn an_expression_that_fits_nothing_at_all_is_no_find() {
        let mut finder = finder("x*");
        finder.documents(&documents(), &Cancel::new());
        assert!(finder.counts.is_empty());
    }

    #[test]
    fn what_is_cut_begins_at_a_word() {
        let text = format!("{} then mole {}", "word ".repeat(40), "more ".repeat(80));
        let at = text.find("mole").unwrap();
        let (before, hit, after) = around(&text, at, at + 4);
        assert!(before.starts_with("…word"), "{before}");
        assert!(before.ends_with("then "), "{before}");
        assert_eq!(hit, "mole");
        assert!(after.len() <= AROUND.1);
    }
}
