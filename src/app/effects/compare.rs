//! Comparisons of two sides on the same prompts: work outside the state, and what comes of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::desk::{Desk, Link, failure_of, unpoisoned};
use crate::app::message::{Event, Failure};
use crate::app::state::compare::{Own, PastComparison, Record, TextShare, TextTest, VersionLine};
use crate::app::state::documents::{Documents, Setup};
use crate::domain::{Constitution, Part, PromptId, PromptSet, RunId};
use crate::engine::compare::{About, ComparisonWishes, VERSION_KIND, about, all_rows};
use crate::engine::{self, EngineEvent, Overrides, Plan, PlanError, RunEnd, RunProgress};
use crate::stats::win_rate::paired_difference;
use crate::stats::{Measures, measure};
use crate::store::journal::{RunKind, RunRecord, RunState};
use crate::store::{Journal, Project};

/// News of a comparison are told at most this often.
const NEWS_EVERY: Duration = Duration::from_millis(200);
/// The kind and stem under which the journal keeps the text tests.
const TESTS: (&str, &str) = ("text tests", "compare");

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum CompareEffect {
    /// Read the project's comparisons and text tests.
    List,
    /// Read a constitution's kept versions.
    Versions(String),
    /// Read a comparison's rows.
    Read(RunId),
    /// Run a comparison.
    Run(Box<ComparePlan>),
    /// Go on with one.
    GoOn {
        /// Names it in its events.
        number: u64,
        /// Its run.
        run: RunId,
    },
    /// Stop one.
    Stop(u64),
    /// Compute a comparison's numbers.
    Measure(Box<MeasurePlan>),
    /// Keep the text tests.
    KeepTests(Vec<TextTest>),
    /// Keep what the reader prefers.
    KeepOwn {
        /// The comparison's run.
        run: RunId,
        /// The prompt.
        prompt: PromptId,
        /// What; `None`: nothing any more.
        own: Option<Own>,
    },
}

/// All that a comparison takes.
#[derive(Debug, Clone)]
pub struct ComparePlan {
    /// Names it in its events.
    pub number: u64,
    /// What it shall be.
    pub wishes: ComparisonWishes,
    /// The project's models and roles, as in the window.
    pub setup: Arc<Setup>,
    /// The constitutions, as in the window.
    pub constitutions: BTreeMap<String, Arc<Constitution>>,
    /// The prompt sets, as in the window.
    pub prompt_sets: BTreeMap<String, Arc<PromptSet>>,
}

impl ComparePlan {
    /// A comparison of documents as they are in the window, saved or not.
    pub fn new(number: u64, wishes: ComparisonWishes, documents: &Documents) -> Self {
        Self {
            number,
            wishes,
            setup: Arc::clone(&documents.setup),
            constitutions: documents.constitutions.clone(),
            prompt_sets: documents.prompt_sets.clone(),
        }
    }
}

/// What is measured.
#[derive(Debug, Clone)]
pub struct MeasurePlan {
    /// The comparison's run.
    pub run: RunId,
    /// Of which revision.
    pub revision: u64,
    /// Its rows.
    pub records: Arc<Vec<Arc<Record>>>,
    /// The tie band.
    pub band: f64,
    /// The text tests.
    pub tests: Vec<TextTest>,
    /// The bootstrap's seed.
    pub seed: u64,
}

/// A comparison's rows, and what the reader prefers, by prompt.
pub type RowsRead = (Vec<Arc<Record>>, BTreeMap<PromptId, Own>);

/// What came of it.
#[derive(Debug, Clone)]
pub enum CompareEvent {
    /// The project's comparisons, newest first, and text tests.
    Listed(Result<(Vec<PastComparison>, Vec<TextTest>), Failure>),
    /// A constitution's kept versions, newest first.
    Versions {
        /// The constitution.
        stem: String,
        /// Its versions.
        versions: Vec<VersionLine>,
    },
    /// A comparison's rows.
    Read {
        /// Its run.
        run: RunId,
        /// Its rows, and what the reader prefers.
        result: Result<RowsRead, Failure>,
    },
    /// A comparison is in the journal, and its rows begin.
    Started {
        /// Which.
        number: u64,
        /// What it is.
        past: Box<PastComparison>,
        /// Calls that it takes at most.
        most_calls: u64,
    },
    /// Rows are there.
    Rows {
        /// Of which comparison.
        number: u64,
        /// The new ones.
        records: Vec<Arc<Record>>,
        /// The sums.
        progress: Box<RunProgress>,
    },
    /// A comparison ended.
    Ended {
        /// Which.
        number: u64,
        /// How: its state, and why it stopped with how to go on.
        result: Result<(RunState, Failure), Failure>,
    },
    /// A comparison's numbers.
    Measured {
        /// Its run.
        run: RunId,
        /// Of which revision.
        revision: u64,
        /// The numbers.
        measures: Arc<Measures>,
        /// What the text tests found.
        texts: Vec<TextShare>,
    },
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: CompareEffect) {
    let link = desk.link.clone();
    let tell = |event| link.send(Event::Compare(event));
    match effect {
        CompareEffect::List => tell(CompareEvent::Listed(list(&desk).await)),
        CompareEffect::Versions(stem) => {
            let versions = versions(&desk, &stem).await;
            tell(CompareEvent::Versions { stem, versions });
        }
        CompareEffect::Read(run) => {
            let result = read(&desk, &run).await;
            tell(CompareEvent::Read { run, result });
        }
        CompareEffect::Run(plan) => {
            let number = plan.number;
            let made = planned(&desk, *plan).await;
            let result = run(&desk, number, made).await;
            tell(CompareEvent::Ended { number, result });
        }
        CompareEffect::GoOn { number, run: id } => {
            let made = resumed(&desk, &id).await;
            let result = run(&desk, number, made).await;
            tell(CompareEvent::Ended { number, result });
        }
        CompareEffect::Stop(number) => desk.jobs.cancel(number),
        CompareEffect::Measure(plan) => {
            let (run, revision) = (plan.run.clone(), plan.revision);
            let measured = tokio::task::spawn_blocking(move || measured(&plan)).await;
            // Where it broke down, the next change measures again.
            let (measures, texts) = measured.unwrap_or_default();
            tell(CompareEvent::Measured { run, revision, measures: Arc::new(measures), texts });
        }
        CompareEffect::KeepTests(tests) => keep_tests(&desk, &tests).await,
        CompareEffect::KeepOwn { run, prompt, own } => {
            let Ok((_, journal)) = desk.project() else { return };
            let text = own.map(|own| own.to_string());
            let kept = journal.edit_row(&run, &prompt, Part::Preference, text).await;
            if let Err(error) = kept {
                link.send(Event::Failed(failure_of("your verdict was not kept", &error)));
            }
        }
    }
}

async fn list(desk: &Desk) -> Result<(Vec<PastComparison>, Vec<TextTest>), Failure> {
    let failed = |error| failure_of("the project’s comparisons can’t be read", &error);
    let (_, journal) = desk.project()?;
    let mut past = Vec::new();
    for record in journal.runs().await.map_err(failed)? {
        if record.kind == RunKind::Compare
            && let Some(about) = about(&journal, &record.id).await.map_err(failed)?
        {
            past.push(past_of(record, Arc::new(about)));
        }
    }
    Ok((past, kept_tests(&journal).await))
}

fn past_of(record: RunRecord, about: Arc<About>) -> PastComparison {
    PastComparison {
        run: record.id,
        about,
        state: record.state,
        message: record.message,
        rows_total: record.rows_total,
        started_ms: record.started_ms,
    }
}

/// The text tests kept last; none where they can't be read, which costs nothing but typing.
async fn kept_tests(journal: &Journal) -> Vec<TextTest> {
    let Ok(versions) = journal.versions(TESTS.0, TESTS.1).await else { return Vec::new() };
    let Some(newest) = versions.first() else { return Vec::new() };
    let text = journal.version_text(&newest.hash).await.ok().flatten().unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

async fn keep_tests(desk: &Desk, tests: &[TextTest]) {
    let Ok((_, journal)) = desk.project() else { return };
    let text = serde_json::to_string(tests).unwrap_or_default();
    // The name makes it the newest, even where the same tests were kept before.
    let name = chrono::Local::now().to_rfc3339();
    if let Err(error) = journal.put_version(TESTS.0, TESTS.1, &name, &text).await {
        let failure = failure_of("the text tests were not kept", &error);
        desk.link.send(Event::Failed(failure));
    }
}

async fn versions(desk: &Desk, stem: &str) -> Vec<VersionLine> {
    let Ok((_, journal)) = desk.project() else { return Vec::new() };
    let versions = journal.versions(VERSION_KIND, stem).await.unwrap_or_default();
    versions
        .into_iter()
        .map(|version| {
            let day = chrono::DateTime::from_timestamp_millis(version.at_ms)
                .map(|at| at.with_timezone(&chrono::Local).format("%d %b %Y, %H:%M").to_string())
                .unwrap_or_default();
            let words = match version.name.trim() {
                "" => day,
                name => name.to_owned(),
            };
            VersionLine { hash: version.hash, words }
        })
        .collect()
}

async fn read(desk: &Desk, run: &RunId) -> Result<RowsRead, Failure> {
    let failed = |error| failure_of("the comparison can’t be read", &error);
    let (_, journal) = desk.project()?;
    let rows = all_rows(&journal, run).await.map_err(failed)?;
    let hands = journal.hands(run).await.map_err(failed)?;
    let own = hands
        .into_iter()
        .filter_map(|(prompt, hand)| {
            Some((prompt, hand.edits.get(&Part::Preference)?.parse().ok()?))
        })
        .collect();
    let work = move || -> Vec<Arc<Record>> {
        rows.into_iter()
            .map(|entry| Arc::new(Record::of(entry.position, Arc::new(entry.row))))
            .collect()
    };
    let records = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::new(format!("the comparison can’t be read: {error}"), ""))?;
    Ok((records, own))
}

type Planned = Result<(Plan, Journal), Failure>;

async fn planned(desk: &Desk, plan: ComparePlan) -> Planned {
    let (mut project, journal): (Project, Journal) = desk.project()?;
    project.file = super::files::file_of(&plan.setup);
    project.constitutions = plan.constitutions;
    project.prompt_sets = plan.prompt_sets;
    let made = Plan::of_comparison(&project, &journal, &plan.wishes, &desk.models).await;
    made.map(|plan| (plan, journal)).map_err(|error| of_plan(&error))
}

async fn resumed(desk: &Desk, run: &RunId) -> Planned {
    let (project, journal) = desk.project()?;
    let wishes = Overrides::default().in_project(&project.file);
    let made = Plan::resume(&journal, run, &wishes, &desk.models, &project.file.models).await;
    made.map(|plan| (plan, journal)).map_err(|error| of_plan(&error))
}

fn of_plan(error: &PlanError) -> Failure {
    Failure::new(format!("The comparison can’t begin: {error}"), error.hint())
}

/// Rows and sums that wait to be told.
struct Waiting {
    link: Link,
    number: u64,
    news: Mutex<(Vec<Arc<Record>>, Option<RunProgress>)>,
}

impl Waiting {
    fn flush(&self) {
        let (records, progress) = {
            let mut news = unpoisoned(&self.news);
            // Sums follow every row, so rows never wait without them for long.
            let Some(progress) = news.1.take() else { return };
            (std::mem::take(&mut news.0), progress)
        };
        let (number, progress) = (self.number, Box::new(progress));
        self.link.send(Event::Compare(CompareEvent::Rows { number, records, progress }));
    }
}

async fn run(desk: &Desk, number: u64, planned: Planned) -> Result<(RunState, Failure), Failure> {
    let (plan, journal) = planned?;
    desk.may_send(&plan)?;
    let Some(about) = plan.compare.as_ref().map(|compare| Arc::new(compare.about.clone())) else {
        return Err(Failure::new("The run is no comparison", ""));
    };
    let rows_total = plan.prompts.len() as u64;
    let most_calls = plan.most_calls();
    let cancel = desk.jobs.begin(number);
    let waiting = Arc::new(Waiting { link: desk.link.clone(), number, news: Mutex::default() });
    let events: engine::Events = {
        let waiting = Arc::clone(&waiting);
        let started_ms = chrono::Local::now().timestamp_millis();
        Arc::new(move |event| match event {
            EngineEvent::RunStarted { run } => {
                let past = Box::new(PastComparison {
                    run,
                    about: Arc::clone(&about),
                    state: RunState::Running,
                    message: String::new(),
                    rows_total,
                    started_ms,
                });
                waiting.link.send(Event::Compare(CompareEvent::Started {
                    number,
                    past,
                    most_calls,
                }));
            }
            EngineEvent::RowDone { position, row } => {
                let record = Arc::new(Record::of(position, row));
                unpoisoned(&waiting.news).0.push(record);
            }
            EngineEvent::Progress(progress) => {
                unpoisoned(&waiting.news).1 = Some(progress);
            }
            EngineEvent::CallStarted { .. }
            | EngineEvent::Text { .. }
            | EngineEvent::Retrying { .. }
            | EngineEvent::CallDone { .. }
            | EngineEvent::Pulse(_) => {}
        })
    };
    let told = {
        let waiting = Arc::clone(&waiting);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(NEWS_EVERY).await;
                waiting.flush();
            }
        })
    };
    let ended = engine::run(plan, journal, events, cancel).await;
    told.abort();
    waiting.flush();
    desk.jobs.end(number);
    match ended {
        Ok(summary) => Ok(match &summary.end {
            RunEnd::Done => (RunState::Done, Failure::new("", "")),
            RunEnd::Stopped(reason) => {
                let state = match reason {
                    engine::StopReason::Cancelled => RunState::Cancelled,
                    _ => RunState::Stopped,
                };
                (state, Failure::new(reason.message(), reason.hint()))
            }
        }),
        Err(error) => Err(Failure::new(error.to_string(), "")),
    }
}

fn measured(plan: &MeasurePlan) -> (Measures, Vec<TextShare>) {
    let measures = measure(plan.records.iter().map(|record| &record.pair), plan.band, plan.seed);
    let texts = plan
        .tests
        .iter()
        .map(|test| TextShare {
            pattern: test.pattern.clone(),
            share: text_share(test, &plan.records, plan.seed),
        })
        .collect();
    (measures, texts)
}

fn text_share(
    test: &TextTest,
    records: &[Arc<Record>],
    seed: u64,
) -> Option<crate::stats::win_rate::PairedDifference> {
    let pattern = regex::RegexBuilder::new(&test.pattern).case_insensitive(true).build().ok()?;
    let found = |text: &str| f64::from(u8::from(pattern.is_match(text)));
    let both: Vec<(f64, f64)> = records
        .iter()
        .filter_map(|record| record.row.pair.as_ref())
        .map(|pair| (found(&pair.a), found(&pair.b)))
        .collect();
    paired_difference(&both, seed)
}
