//! Rows of a run as a dataset: reading, searching, and what a person decides about them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::data::{RowDetail, RowFacts};
use crate::domain::{Hand, Part, PromptId, Row, RunId};
use crate::methods::word_diff;
use crate::store::journal::RowEntry;
use crate::store::{Journal, StoreError};

/// Rows read from the journal at once.
const PAGE: usize = 250;
/// The window hears of what was read or found this often at most.
const EVERY: Duration = Duration::from_millis(150);
/// A search begins when so long nothing more was typed.
const TYPING: Duration = Duration::from_millis(180);

/// Something to be done outside the state.
#[derive(Debug, Clone, PartialEq)]
pub enum DataEffect {
    /// Read what a table needs of all rows of a run.
    Read {
        /// Names the reading.
        number: u64,
        /// Which run.
        run: RunId,
    },
    /// Look through all texts of a run's rows.
    Search {
        /// Names the search.
        number: u64,
        /// Which run.
        run: RunId,
        /// What is searched for.
        what: String,
        /// Whether that is a regular expression.
        is_regex: bool,
    },
    /// Stop a reading or search.
    Stop(u64),
    /// Read all of one row.
    Look {
        /// Which run.
        run: RunId,
        /// The row's place among its prompts.
        position: u64,
    },
    /// Keep rows out of exports, or let them in again.
    Drop {
        /// Which run.
        run: RunId,
        /// Which rows.
        prompts: Vec<PromptId>,
        /// Whether they are kept out.
        is_dropped: bool,
    },
    /// Keep a person's text for a part of a row.
    Edit {
        /// Which run.
        run: RunId,
        /// The row's place among its prompts.
        position: u64,
        /// The row.
        prompt: PromptId,
        /// Which text.
        part: Part,
        /// The text; `None`: the model's again.
        text: Option<String>,
    },
}

impl DataEffect {
    /// Whether it changes the journal: such effects keep their order.
    pub fn is_write(&self) -> bool {
        matches!(self, Self::Drop { .. } | Self::Edit { .. })
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum DataEvent {
    /// Rows were read, in the order of the run's prompts.
    Rows {
        /// Which reading.
        number: u64,
        /// What a table needs of them.
        rows: Vec<RowFacts>,
        /// Whether these were the last.
        is_last: bool,
    },
    /// A reading ended badly.
    Unread {
        /// Which reading.
        number: u64,
        /// What happened.
        failure: Failure,
    },
    /// Rows were looked through.
    Found {
        /// Which search.
        number: u64,
        /// Those that have it, in order; they come after those told before.
        rows: Vec<u64>,
        /// How often they have it.
        hits: u64,
        /// Whether all rows were looked through.
        is_last: bool,
    },
    /// It can't be searched for.
    BadSearch {
        /// Which search.
        number: u64,
        /// Why.
        why: String,
    },
    /// All of a row, read for the first time or anew.
    Seen {
        /// Which run.
        run: RunId,
        /// The row.
        detail: Box<RowDetail>,
    },
    /// A decision could not be kept.
    NotKept {
        /// Which run.
        run: RunId,
        /// What happened.
        failure: Failure,
    },
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: DataEffect) {
    let send = |event| desk.link.send(Event::Data(event));
    match effect {
        DataEffect::Read { number, run } => {
            if let Err(failure) = read(&desk, number, &run).await {
                send(DataEvent::Unread { number, failure });
            }
            desk.jobs.end(number);
        }
        DataEffect::Search { number, run, what, is_regex } => {
            if let Err(why) = search(&desk, number, &run, &what, is_regex).await {
                send(DataEvent::BadSearch { number, why });
            }
            desk.jobs.end(number);
        }
        DataEffect::Stop(number) => desk.jobs.cancel(number),
        DataEffect::Look { run, position } => match look(&desk, &run, position).await {
            Ok(Some(detail)) => send(DataEvent::Seen { run, detail: Box::new(detail) }),
            Ok(None) => {}
            Err(failure) => desk.link.send(Event::Failed(failure)),
        },
        DataEffect::Drop { run, prompts, is_dropped } => {
            let kept = match desk.project() {
                Ok((_, journal)) => journal
                    .drop_rows(&run, prompts, is_dropped)
                    .await
                    .map_err(|error| not_kept(&error)),
                Err(failure) => Err(failure),
            };
            if let Err(failure) = kept {
                send(DataEvent::NotKept { run, failure });
            }
        }
        DataEffect::Edit { run, position, prompt, part, text } => {
            let edited = edit(&desk, &run, position, &prompt, part, text).await;
            match edited {
                Ok(Some(detail)) => send(DataEvent::Seen { run, detail: Box::new(detail) }),
                Ok(None) => {}
                Err(failure) => send(DataEvent::NotKept { run, failure }),
            }
        }
    }
}

fn not_kept(error: &StoreError) -> Failure {
    failure_of("the decision was not kept", error)
}

fn unread(error: &StoreError) -> Failure {
    failure_of("rows can't be read", error)
}

/// A run's rows with what people decided about them laid over.
struct Pages {
    journal: Journal,
    run: RunId,
    hands: std::collections::BTreeMap<PromptId, Hand>,
    after: Option<u64>,
}

impl Pages {
    async fn of(desk: &Desk, run: &RunId) -> Result<Self, Failure> {
        let (_, journal) = desk.project()?;
        let hands = journal.hands(run).await.map_err(|error| unread(&error))?;
        Ok(Self { journal, run: run.clone(), hands, after: None })
    }

    /// The next rows; empty at the end.
    async fn next(&mut self) -> Result<Vec<RowEntry>, Failure> {
        let page = self.journal.rows(&self.run, self.after, PAGE).await;
        let mut page = page.map_err(|error| unread(&error))?;
        self.after = page.last().map(|entry| entry.position).or(self.after);
        for entry in &mut page {
            if let Some(hand) = self.hands.get(&entry.row.prompt.id) {
                hand.lay_over(&mut entry.row);
            }
        }
        Ok(page)
    }
}

async fn read(desk: &Desk, number: u64, run: &RunId) -> Result<(), Failure> {
    let cancel = desk.jobs.begin(number);
    let mut pages = Pages::of(desk, run).await?;
    let mut told = Instant::now();
    let mut rows = Vec::new();
    let mut is_first = true;
    loop {
        if cancel.is_cancelled() {
            return Ok(());
        }
        let page = pages.next().await?;
        let is_last = page.is_empty();
        rows.extend(page.iter().map(|entry| RowFacts::of(entry.position, &entry.row)));
        // The first rows at once, so that there is something to look at.
        if is_last || is_first || told.elapsed() >= EVERY {
            let rows = std::mem::take(&mut rows);
            desk.link.send(Event::Data(DataEvent::Rows { number, rows, is_last }));
            told = Instant::now();
            is_first = false;
        }
        if is_last {
            return Ok(());
        }
    }
}

async fn search(
    desk: &Desk,
    number: u64,
    run: &RunId,
    what: &str,
    is_regex: bool,
) -> Result<(), String> {
    let cancel = desk.jobs.begin(number);
    tokio::time::sleep(TYPING).await;
    if cancel.is_cancelled() {
        return Ok(());
    }
    let pattern = if is_regex { what.to_owned() } else { regex::escape(what) };
    let pattern = regex::RegexBuilder::new(&pattern)
        .case_insensitive(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| reason(&error))?;
    let mut pages = Pages::of(desk, run).await.map_err(|failure| failure.message)?;
    let mut told = Instant::now();
    let (mut rows, mut hits) = (Vec::new(), 0);
    loop {
        if cancel.is_cancelled() {
            return Ok(());
        }
        let page = pages.next().await.map_err(|failure| failure.message)?;
        let is_last = page.is_empty();
        for entry in &page {
            let n: usize = texts(&entry.row)
                .map(|text| pattern.find_iter(text).filter(|found| !found.is_empty()).count())
                .sum();
            if n > 0 {
                rows.push(entry.position);
                hits += n as u64;
            }
        }
        if is_last || told.elapsed() >= EVERY {
            let rows = std::mem::take(&mut rows);
            let hits = std::mem::take(&mut hits);
            desk.link.send(Event::Data(DataEvent::Found { number, rows, hits, is_last }));
            told = Instant::now();
        }
        if is_last {
            return Ok(());
        }
    }
}

/// Why a pattern is none, in one line.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}

/// All texts of a row that people read.
fn texts(row: &Row) -> impl Iterator<Item = &str> {
    let prompt = row.prompt.messages.iter().map(|message| message.content.as_str());
    let chain = row.chain.iter().flat_map(|chain| {
        let steps = chain.steps.iter().flat_map(|step| {
            // A step that found nothing passes the answer before it on.
            let revision = (!step.found_nothing).then_some(step.revision.as_str());
            std::iter::once(step.critique.as_str()).chain(revision)
        });
        std::iter::once(chain.draft.as_str()).chain(steps)
    });
    let pair = row.pair.iter().flat_map(|pair| {
        let reasons = pair.verdict.principles.iter().map(|verdict| verdict.reason.as_str());
        [pair.a.as_str(), pair.b.as_str()].into_iter().chain(reasons)
    });
    let is_scored_alone = row.chain.is_none();
    let scored = row.scores.iter().flat_map(move |scored| {
        // A chain's own answers are there already.
        let text = is_scored_alone.then_some(scored.text.as_str());
        text.into_iter().chain(scored.score.criteria.iter().map(|verdict| verdict.reason.as_str()))
    });
    let failure = row.failure.iter().map(|failure| failure.failure.message.as_str());
    prompt.chain(chain).chain(pair).chain(scored).chain(failure)
}

async fn look(desk: &Desk, run: &RunId, position: u64) -> Result<Option<RowDetail>, Failure> {
    let (_, journal) = desk.project()?;
    let page = journal.rows(run, position.checked_sub(1), 1).await;
    let entry = page.map_err(|error| unread(&error))?.pop();
    let Some(entry) = entry.filter(|entry| entry.position == position) else { return Ok(None) };
    let hands = journal.hands(run).await.map_err(|error| unread(&error))?;
    let hand = hands.get(&entry.row.prompt.id).cloned().unwrap_or_default();
    let detail = tokio::task::spawn_blocking(move || detail_of(position, entry.row, hand)).await;
    detail.map(Some).map_err(|error| Failure::new(format!("reading ended badly: {error}"), ""))
}

fn detail_of(position: u64, original: Row, hand: Hand) -> RowDetail {
    let mut row = original.clone();
    hand.lay_over(&mut row);
    let diff = row.chain.as_ref().and_then(|chain| {
        let is_revised = chain.steps.iter().any(|step| !step.found_nothing);
        is_revised.then(|| word_diff(&chain.draft, chain.last()))
    });
    RowDetail { position, row, original, hand, diff }
}

async fn edit(
    desk: &Desk,
    run: &RunId,
    position: u64,
    prompt: &PromptId,
    part: Part,
    text: Option<String>,
) -> Result<Option<RowDetail>, Failure> {
    let (_, journal) = desk.project()?;
    journal.edit_row(run, prompt, part, text).await.map_err(|error| not_kept(&error))?;
    look(desk, run, position).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Chain, Prompt};

    #[test]
    fn a_bad_pattern_says_why_in_one_line() {
        let typed = "(a".to_owned();
        let error = regex::Regex::new(&typed).unwrap_err();
        assert_eq!(reason(&error), "unclosed group");
    }

    #[test]
    fn all_texts_of_a_row_are_searched() {
        let mut row = Row::empty(&Prompt::of_text("p", "asked"));
        let chain = Chain { draft: "drafted".to_owned(), draft_cut_off: false, steps: Vec::new() };
        row.chain = Some(chain);
        assert_eq!(texts(&row).collect::<Vec<_>>(), ["asked", "drafted"]);
    }
}
