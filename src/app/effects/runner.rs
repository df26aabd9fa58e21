//! Carries effects out on threads of its own.
//!
//! Effects on the project's files are done one after the other, in the order they were asked
//! for; all others at once. What comes of them goes back as events.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinHandle};

pub use super::desk::Wake;
use super::desk::{Desk, Link};
use super::{
    Effect, cases, compare, data, export, files, home, judges, library, models, notify, runs, trial,
};
use crate::app::message::{Event, Failure, TrialNews};
use crate::app::state::{Moment, PathPurpose};
use crate::app::window::Carry;
use crate::domain::{CallFailure, FailureKind};
use crate::engine::Cancel;
use crate::store::settings;

/// Events that may wait for the window before their senders do.
const EVENTS: usize = 4_096;
/// Effects on files that may wait for each other.
const FILE_EFFECTS: usize = 256;
/// How long work under way may take when the window is closed.
const FAREWELL: Duration = Duration::from_secs(3);

/// Carries effects out.
pub struct Runner {
    // An option only so that it can be shut down without waiting for everything.
    runtime: Option<Runtime>,
    desk: Arc<Desk>,
    // Options only so that what is queued can be waited for at the end.
    files: Option<mpsc::Sender<Effect>>,
    writer: Option<JoinHandle<()>>,
    fetch: Option<AbortHandle>,
    trial: Option<(u64, Cancel)>,
    clock: fn() -> Moment,
}

impl Runner {
    /// A runner and the events that come back from it.
    ///
    /// # Errors
    ///
    /// The system gives no threads.
    pub fn new(
        settings: settings::Settings,
        wake: Wake,
        clock: fn() -> Moment,
    ) -> std::io::Result<(Self, Receiver<Event>)> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("preamble-work")
            .worker_threads(3)
            .enable_all()
            .build()?;
        let (sender, events) = sync_channel(EVENTS);
        let desk = Arc::new(Desk::new(Link::new(sender, wake), settings));
        let (files, waiting) = mpsc::channel(FILE_EFFECTS);
        let writer = runtime.spawn(in_order(Arc::clone(&desk), waiting));
        runtime.spawn(models::watch_starter(Arc::clone(&desk)));
        crate::app::log::hide_keys_of(desk.models.secrets());
        tell_of_crashes(&runtime, &desk);
        let runner = Self {
            runtime: Some(runtime),
            desk,
            files: Some(files),
            writer: Some(writer),
            fetch: None,
            trial: None,
            clock,
        };
        Ok((runner, events))
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Option<AbortHandle> {
        self.runtime.as_ref().map(|runtime| runtime.spawn(work).abort_handle())
    }

    /// Runs a chain; where the program itself fails in it, the chain fails and the window goes on.
    fn run_trial(&mut self, plan: super::TrialPlan) {
        let cancel = Cancel::new();
        let number = plan.number;
        self.trial = Some((number, cancel.clone()));
        self.desk.trial.store(number, Ordering::Relaxed);
        let link = self.desk.link.clone();
        let work = trial::run(Arc::clone(&self.desk), plan, cancel);
        self.spawn(async move {
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                let failure = CallFailure::new(
                    FailureKind::Method,
                    "the program failed while running it; a crash report was written",
                    "run it again; if it fails again, send the report",
                );
                link.send(Event::Trial { number, news: TrialNews::Failed(failure) });
            }
        });
    }

    fn in_order(&self, effect: Effect) {
        let Some(files) = &self.files else { return };
        if files.try_send(effect).is_err() {
            let text = "too much is waiting to be written to disk";
            let failure = Failure::new(text, "wait until the disk is free, then save again");
            // Not from this thread, which is the window's: it must not wait for itself.
            let desk = Arc::clone(&self.desk);
            self.spawn(async move { desk.link.send(Event::Failed(failure)) });
        }
    }

    fn wake_at(&self, at: Moment) {
        let wait = Duration::from_millis(at.millis_since((self.clock)()));
        let desk = Arc::clone(&self.desk);
        self.spawn(async move {
            tokio::time::sleep(wait).await;
            desk.link.send(Event::Tick);
        });
    }
}

impl Carry for Runner {
    fn carry(&mut self, effect: Effect) {
        let desk = Arc::clone(&self.desk);
        match effect {
            Effect::Open(_) | Effect::Create(_) | Effect::OpenSample | Effect::Save { .. } => {
                self.in_order(effect);
            }
            Effect::SaveSettings(settings) => {
                desk.note_hosts(settings.ask_before_hosts, &settings.hosts);
                self.in_order(Effect::SaveSettings(settings));
            }
            Effect::WakeAt(at) => self.wake_at(at),
            Effect::AskPath(purpose) => {
                self.spawn(ask_path(desk, purpose));
            }
            Effect::RunTrial(plan) => self.run_trial(*plan),
            Effect::StopTrial(number) => {
                if let Some((running, cancel)) = &self.trial
                    && *running == number
                {
                    cancel.cancel();
                }
            }
            Effect::Try(effect) => {
                self.spawn(trial::carry(desk, effect));
            }
            Effect::ListRuns => {
                self.spawn(export::list_runs(desk));
            }
            Effect::PreviewExport(plan) => {
                self.spawn(export::preview(desk, *plan));
            }
            Effect::WriteExport(plan) => {
                self.spawn(export::write(desk, *plan));
            }
            Effect::LookForEmbedded => {
                self.spawn(models::look_for_starter(desk));
            }
            Effect::FetchEmbedded => {
                self.fetch = self.spawn(models::fetch_starter(desk));
            }
            Effect::StopFetch => {
                if let Some(fetch) = self.fetch.take() {
                    fetch.abort();
                    self.spawn(models::look_for_starter(desk));
                }
            }
            Effect::FindServers => {
                self.spawn(models::find_servers(desk));
            }
            Effect::LookForKeys(entries) => {
                self.spawn(models::look_for_keys(desk, entries));
            }
            Effect::KeepKey { model, key, in_keychain } => {
                self.spawn(models::keep_key(desk, model, key, in_keychain));
            }
            Effect::ForgetKey(model) => {
                self.spawn(models::forget_key(desk, model));
            }
            Effect::Probe(model) => {
                self.spawn(models::probe_model(desk, model));
            }
            Effect::Home(effect) if effect.is_in_order() => self.in_order(Effect::Home(effect)),
            Effect::Home(effect) => {
                self.spawn(home::carry(desk, effect));
            }
            Effect::Cases(effect) => {
                self.spawn(cases::carry(desk, effect));
            }
            Effect::Compare(effect) => {
                self.spawn(compare::carry(desk, effect));
            }
            Effect::Runs(effect) if effect.is_in_order() => self.in_order(Effect::Runs(effect)),
            Effect::Runs(effect) => {
                self.spawn(runs::carry(desk, effect));
            }
            // What people decide is kept in the order they decided it.
            Effect::Data(effect) if effect.is_write() => self.in_order(Effect::Data(effect)),
            Effect::Data(effect) => {
                self.spawn(data::carry(desk, effect));
            }
            // Labels are written in the order they were given.
            Effect::Judges(effect) if effect.is_write() => self.in_order(Effect::Judges(effect)),
            Effect::Judges(effect) => {
                self.spawn(judges::carry(desk, effect));
            }
            Effect::Library(effect) => {
                self.spawn(library::carry(desk, effect));
            }
            Effect::TellAway { title, body, .. } => {
                self.spawn(async move { notify::show(&desk, &title, &body).await });
            }
            // The window's own.
            Effect::Copy(_)
            | Effect::ForgetFieldUndo
            | Effect::ResetWindow
            | Effect::AskAttention
            | Effect::Close => {}
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some((_, cancel)) = &self.trial {
            cancel.cancel();
        }
        self.desk.jobs.cancel_all();
        // What is queued for the disk is still written.
        self.files = None;
        if let (Some(runtime), Some(writer)) = (&self.runtime, self.writer.take()) {
            let waited = async { tokio::time::timeout(FAREWELL, writer).await };
            if runtime.block_on(waited).is_err() {
                tracing::error!("the disk did not take everything in time");
            }
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(FAREWELL);
        }
    }
}

/// Shows crash reports of threads without which the window goes on.
fn tell_of_crashes(runtime: &Runtime, desk: &Arc<Desk>) {
    let (link, handle) = (desk.link.clone(), runtime.handle().clone());
    crate::app::crash::tell(Box::new(move |report| {
        let link = link.clone();
        // The thread that panics must not wait for the window.
        handle.spawn_blocking(move || {
            link.send(Event::Home(home::HomeEvent::Crash(report)));
        });
    }));
}

/// Carries effects on files out one after the other, on a thread where waiting is no harm.
async fn in_order(desk: Arc<Desk>, mut waiting: mpsc::Receiver<Effect>) {
    while let Some(effect) = waiting.recv().await {
        let desk_there = Arc::clone(&desk);
        if let Effect::Data(effect) = effect {
            data::carry(desk_there, effect).await;
            continue;
        }
        let effect = match effect {
            Effect::Judges(effect) => {
                judges::carry(desk_there, effect).await;
                continue;
            }
            effect => effect,
        };
        let done = tokio::task::spawn_blocking(move || files::carry(&desk_there, effect)).await;
        if let Err(error) = done {
            let failure = Failure::new(format!("writing to disk ended badly: {error}"), "");
            desk.link.send(Event::Failed(failure));
        }
    }
}

/// Asks for a path by the system's dialog. Where there is none, the answer comes at once.
async fn ask_path(desk: Arc<Desk>, purpose: PathPurpose) {
    /// No person answers faster.
    const NO_DIALOG: Duration = Duration::from_millis(300);
    let begun = std::time::Instant::now();
    let dialog = rfd::AsyncFileDialog::new();
    let chosen = match purpose {
        PathPurpose::OpenProject => dialog.set_title("Open a project folder").pick_folder().await,
        PathPurpose::Locate => dialog.set_title("Where is the project now?").pick_folder().await,
        PathPurpose::NewProject => {
            dialog.set_title("Make a project in an empty folder").pick_folder().await
        }
        PathPurpose::Import => dialog.set_title("Import a file").pick_file().await,
        PathPurpose::Export => dialog.set_title("Export into a folder").pick_folder().await,
    };
    let path = chosen.map(|file| file.path().to_owned());
    let dialog = path.is_some() || begun.elapsed() > NO_DIALOG;
    desk.link.send(Event::PathChosen { purpose, path, dialog });
}
