//! Home, settings, recovery and logs: work outside the state, and what comes of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::desk::{Desk, failure_of};
use super::{drafts, import};
use crate::app::message::{Event, Failure};
use crate::app::state::home::{
    CrashReport, Facts, LogLine, Recent, Recovered, Storage, StoragePlace,
};
use crate::app::state::import::ImportReview;
use crate::app::state::{Area, Document, DocumentId, Moment};
use crate::app::{crash, log};
use crate::formats::import::Part;
use crate::store::journal::RunKind;
use crate::store::project::{JOURNAL_FILE, PROJECT_FILE};
use crate::store::recovery;
use crate::store::settings::{self, Known};

/// The log is shown anew at most this often.
const LOG_EVERY: Duration = Duration::from_millis(250);
/// Runs whose rows are counted, the newest first.
const COUNTED_RUNS: usize = 200;
/// Files of a folder whose sizes are added up.
const MEASURED_FILES: usize = 20_000;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum HomeEffect {
    /// Look which recent projects are there, and what the open one's journal and exports say.
    Look,
    /// Remember where the user is in a project.
    KeepPlace {
        /// Its folder.
        root: PathBuf,
        /// What is remembered.
        known: Box<Known>,
    },
    /// Take a project off the recent ones.
    Forget(PathBuf),
    /// A project was found again at another place.
    Moved {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// Keep what is not yet in its file; nothing: remove what was kept.
    KeepDrafts {
        /// The project's folder.
        root: PathBuf,
        /// When.
        at: Moment,
        /// The documents' values.
        documents: Vec<(DocumentId, Document)>,
    },
    /// Read files and folders for review; a project folder is opened.
    Read {
        /// The files and folders.
        paths: Vec<PathBuf>,
        /// The area shown.
        area: Area,
    },
    /// Read a part of a file of prompts that is too large to be read whole.
    ReadPart {
        /// The file.
        path: PathBuf,
        /// Which part.
        part: Part,
    },
    /// Likewise a pasted text.
    ReadText {
        /// The text.
        text: String,
        /// The area shown.
        area: Area,
    },
    /// Find out what takes how much room.
    Measure,
    /// Send the log as soon as there have been more lines than that; `None`: at once.
    WatchLog(Option<u64>),
    /// Write down what helps to find a fault.
    Diagnose,
    /// Look for a crash report that nobody has seen.
    LookForCrash,
    /// Note that a crash report was seen.
    SawCrash(PathBuf),
    /// Open a folder in the system's file manager.
    OpenFolder(PathBuf),
    /// Put what is whole of a project's damaged journal into a new one.
    SalvageJournal(PathBuf),
}

impl HomeEffect {
    /// Whether it has to come after what was asked for before it, as all writes of files do.
    pub fn is_in_order(&self) -> bool {
        matches!(
            self,
            Self::KeepPlace { .. }
                | Self::Forget(_)
                | Self::Moved { .. }
                | Self::KeepDrafts { .. }
                | Self::SalvageJournal(_)
        )
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum HomeEvent {
    /// The recent projects.
    Recents(Vec<Recent>),
    /// What is known of the open project.
    Facts {
        /// Its folder.
        root: PathBuf,
        /// What.
        facts: Facts,
    },
    /// What is remembered of a project that was just opened.
    Remembered {
        /// Its folder.
        root: PathBuf,
        /// Where the user left it; `None`: it was never open.
        known: Option<Box<Known>>,
        /// What a crash left behind.
        recovered: Option<Recovered>,
    },
    /// Drafts were kept or removed, or could not be.
    DraftsKept(Result<(), Failure>),
    /// Files were read for review.
    Read(Box<ImportReview>),
    /// What takes how much room.
    Measured(Storage),
    /// The log.
    Log {
        /// How many lines there have been.
        seen: u64,
        /// Those that are still there.
        lines: Arc<Vec<LogLine>>,
    },
    /// What helps to find a fault, in words.
    Diagnosed(String),
    /// A crash report.
    Crash(CrashReport),
    /// Something about the project's place or journal that the user should know.
    Doubt(Failure),
    /// A project's journal is damaged.
    JournalDamaged {
        /// The project's folder.
        root: PathBuf,
        /// What was found.
        what: String,
    },
    /// A damaged journal was replaced, or could not be.
    Salvaged {
        /// The project's folder.
        root: PathBuf,
        /// What came of it, in words.
        result: Result<String, Failure>,
    },
}

/// Carries one of the effects out that are done one after the other; it may wait.
pub fn carry_in_order(desk: &Desk, effect: HomeEffect) {
    match effect {
        HomeEffect::KeepPlace { root, known } => desk.change_settings(|settings| {
            if settings.recents.contains(&root) {
                settings.projects.insert(root, *known);
            }
        }),
        HomeEffect::Forget(root) => {
            desk.change_settings(|settings| settings.forget(&root));
            tell_recents(desk);
        }
        HomeEffect::Moved { from, to } => {
            desk.change_settings(|settings| settings.moved(&from, &to));
            tell_recents(desk);
        }
        HomeEffect::KeepDrafts { root, at, documents } => drafts::keep(desk, root, at, &documents),
        HomeEffect::SalvageJournal(root) => super::journal::salvage(desk, root),
        _ => {}
    }
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: HomeEffect) {
    match effect {
        HomeEffect::Look => look(&desk).await,
        HomeEffect::Read { paths, area } => import::read(&desk, paths, area).await,
        HomeEffect::ReadPart { path, part } => import::read_part(&desk, path, part).await,
        HomeEffect::ReadText { text, area } => import::read_text(&desk, text, area).await,
        HomeEffect::Measure => {
            let there = Arc::clone(&desk);
            let measured = tokio::task::spawn_blocking(move || measure(&there)).await;
            if let Ok(storage) = measured {
                desk.link.send(Event::Home(HomeEvent::Measured(storage)));
            }
        }
        HomeEffect::WatchLog(seen) => {
            if let Some(seen) = seen {
                log::more_than(seen).await;
                tokio::time::sleep(LOG_EVERY).await;
            }
            let (seen, lines) = log::lines();
            desk.link.send(Event::Home(HomeEvent::Log { seen, lines: Arc::new(lines) }));
        }
        HomeEffect::Diagnose => {
            let text = diagnosis(&desk);
            desk.link.send(Event::Home(HomeEvent::Diagnosed(text)));
        }
        HomeEffect::LookForCrash => {
            if let Some(report) = crash::folder().and_then(|folder| crash::unseen(&folder)) {
                desk.link.send(Event::Home(HomeEvent::Crash(report)));
            }
        }
        HomeEffect::SawCrash(path) => crash::saw(&path),
        HomeEffect::OpenFolder(path) => open_folder(&desk, &path).await,
        HomeEffect::SalvageJournal(_)
        | HomeEffect::KeepPlace { .. }
        | HomeEffect::Forget(_)
        | HomeEffect::Moved { .. }
        | HomeEffect::KeepDrafts { .. } => {}
    }
}

/// Tells what is remembered of a project that was just opened.
pub fn remember(desk: &Desk, root: &Path, recovered: Option<Recovered>, known: Option<Known>) {
    let known = known.map(Box::new);
    desk.link.send(Event::Home(HomeEvent::Remembered { root: root.to_owned(), known, recovered }));
    tell_recents(desk);
}

fn tell_recents(desk: &Desk) {
    let settings = desk.settings();
    let recents = settings
        .recents
        .iter()
        .map(|root| Recent {
            root: root.clone(),
            known: settings.projects.get(root).cloned().unwrap_or_default(),
            is_there: root.join(PROJECT_FILE).is_file(),
        })
        .collect();
    desk.link.send(Event::Home(HomeEvent::Recents(recents)));
}

async fn look(desk: &Arc<Desk>) {
    tell_recents(desk);
    let Ok((project, journal)) = desk.project() else { return };
    let mut facts = Facts::default();
    if let Ok(sample) = Desk::sample_folder() {
        facts.is_sample = std::path::absolute(&project.root).is_ok_and(|root| root == sample);
    }
    match journal.runs().await {
        Ok(runs) => {
            facts.runs = runs.len() as u64;
            facts.full_runs = runs.iter().filter(|run| run.kind == RunKind::Run).count() as u64;
            let ended = runs.iter().filter_map(|run| run.finished_ms).max().unwrap_or_default();
            facts.last_run_ms = u64::try_from(ended).unwrap_or_default();
            for run in runs.iter().take(COUNTED_RUNS) {
                if let Ok(counts) = journal.counts(&run.id).await {
                    facts.rows += counts.rows.saturating_sub(counts.rows_failed);
                }
            }
        }
        Err(error) => tracing::warn!("the runs can't be read: {error}"),
    }
    let exports = project.root.join("exports");
    let newest = tokio::task::spawn_blocking(move || newest_file(&exports)).await;
    facts.last_export_ms = newest.unwrap_or_default();
    desk.link.send(Event::Home(HomeEvent::Facts { root: project.root, facts }));
}

/// When the newest file of a folder or its subfolders was written, in milliseconds since 1970;
/// 0: there is none.
fn newest_file(folder: &Path) -> u64 {
    let mut newest = 0;
    walk(folder, &mut |data| {
        let modified = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let millis = modified.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0));
        newest = newest.max(millis);
    });
    newest
}

/// Tells of each file in a folder and its subfolders; links are not followed.
fn walk(folder: &Path, tell: &mut impl FnMut(&std::fs::Metadata)) {
    let mut left = MEASURED_FILES;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Some(rest) = usize::checked_sub(left, 1) else { return };
            left = rest;
            let Ok(data) = entry.path().symlink_metadata() else { continue };
            if data.is_dir() {
                folders.push(entry.path());
            } else if data.is_file() {
                tell(&data);
            }
        }
    }
}

fn size_of(path: &Path) -> Option<u64> {
    let data = std::fs::metadata(path).ok()?;
    if data.is_file() {
        return Some(data.len());
    }
    let mut sum = 0;
    walk(path, &mut |data| sum += data.len());
    Some(sum)
}

fn measure(desk: &Desk) -> Storage {
    let mut places = Vec::new();
    let mut add = |name, what, path: PathBuf, bytes| {
        places.push(StoragePlace { name, what, path, bytes });
    };
    if let Ok((project, _)) = desk.project() {
        let journal = project.root.join(JOURNAL_FILE);
        // Beside it SQLite keeps what is not yet folded in.
        let beside = ["-wal", "-shm"].iter().filter_map(|end| {
            let name = format!("{JOURNAL_FILE}{end}");
            size_of(&project.root.join(name))
        });
        let bytes = size_of(&journal).map(|bytes| bytes + beside.sum::<u64>());
        let root = project.root.clone();
        add("Project folder", "Documents, journal and exports", root, size_of(&project.root));
        add("Journal", "Calls, rows and runs: what was paid for", journal, bytes);
        let exports = project.root.join("exports");
        let bytes = size_of(&exports);
        add("Exports", "Datasets that were written", exports, bytes);
    }
    if let Ok(models) = crate::providers::embedded::fetch::models_folder() {
        let bytes = size_of(&models);
        add("Models", "Local models; they are fetched again when needed", models, bytes);
    }
    if let Some(folder) = settings::folder() {
        let bytes = size_of(&folder.join("settings.ron"));
        add("Settings", "What you chose here, recent projects; never a key", folder, bytes);
    }
    if let Some(folder) = recovery::folder() {
        let bytes = size_of(&folder);
        add("Drafts", "Edits that are not yet in their files", folder, bytes);
    }
    if let Some(folder) = crash::folder() {
        let bytes = size_of(&folder);
        add("Crash reports", "Written when the program fails; sent nowhere", folder, bytes);
    }
    Storage { places }
}

/// What helps to find a fault: version, system, settings and log, without keys or texts.
fn diagnosis(desk: &Desk) -> String {
    use std::fmt::Write as _;
    let mut text = crash::about();
    let settings = desk.settings();
    writeln!(
        text,
        "\nLook: {}, zoom {:.1}, reading {:.0}, reduced motion {}, single keys {}",
        settings.theme,
        settings.zoom,
        settings.reading_size,
        settings.reduced_motion,
        settings.single_keys
    )
    .ok();
    for name in ["XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "LANG"] {
        if let Ok(value) = std::env::var(name) {
            writeln!(text, "{name}: {value}").ok();
        }
    }
    if let Ok((project, _)) = desk.project() {
        writeln!(
            text,
            "Project: {} constitutions, {} rubrics, {} prompt sets{}",
            project.constitutions.len(),
            project.rubrics.len(),
            project.prompt_sets.len(),
            if project.read_only { ", read only" } else { "" }
        )
        .ok();
        for model in &project.file.models {
            writeln!(text, "Model: {:?} {} {}", model.kind, model.model, model.base_url).ok();
        }
    }
    writeln!(text, "\nLog:").ok();
    for line in log::lines().1 {
        writeln!(text, "{}", log::line_words(&line)).ok();
    }
    log::redacted(&text)
}

/// Opens a folder in the system's file manager; a file's folder where it is a file.
async fn open_folder(desk: &Arc<Desk>, path: &Path) {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let started = tokio::process::Command::new(program)
        .arg(folder)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    let done = match started {
        Ok(mut child) => {
            // A file manager may stay; a refusal comes soon.
            let waited = tokio::time::timeout(Duration::from_secs(3), child.wait()).await;
            matches!(waited, Err(_) | Ok(Ok(_)))
                && !matches!(waited, Ok(Ok(status)) if !status.success() && !cfg!(windows))
        }
        Err(_) => false,
    };
    if !done {
        let text = format!("the folder can't be opened: {}", folder.display());
        let hint = "open it by hand; its path is in this message";
        desk.link.send(Event::Failed(Failure::new(text, hint)));
    }
}

/// The failure of a store as an event.
pub fn failed(tried: &str, error: &crate::store::StoreError) -> Event {
    Event::Failed(failure_of(tried, error))
}
