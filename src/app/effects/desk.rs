//! What all effects share: the open project, models and keys, settings, and the way back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::app::message::{Event, Failure};
use crate::app::state::models::remote_host;
use crate::engine::{Cancel, Controls, Limits, Models, Plan};
use crate::store::secrets::Secrets;
use crate::store::{Journal, Project, StoreError, settings};

/// Wakes the window so that it takes an event in, at the latest after that long.
pub type Wake = Arc<dyn Fn(Duration) + Send + Sync>;

/// The way back to the window.
#[derive(Clone)]
pub struct Link {
    events: SyncSender<Event>,
    wake: Wake,
}

impl Link {
    /// A way back through a bounded channel.
    pub fn new(events: SyncSender<Event>, wake: Wake) -> Self {
        Self { events, wake }
    }

    /// Sends an event and has it taken in at once. Called on threads of the runner only: it
    /// waits where the window is far behind.
    pub fn send(&self, event: Event) {
        self.send_within(event, Duration::ZERO);
    }

    /// Sends an event that can wait a little, such as a piece of streamed text.
    pub fn send_within(&self, event: Event, patience: Duration) {
        crate::app::log::note(&event);
        // Where the window is gone, nobody is left to tell.
        if self.events.send(event).is_ok() {
            (self.wake)(patience);
        }
    }
}

/// Jobs on their way, by number: runs, comparisons, re-runs of pinned cases.
#[derive(Default)]
pub struct Jobs(Mutex<BTreeMap<u64, Job>>);

#[derive(Default)]
struct Job {
    cancel: Cancel,
    /// Its limits, once it has a plan.
    controls: Option<Controls>,
}

impl Jobs {
    /// A way to stop and pause the job of that number, which begins now; what was said of it
    /// before counts.
    pub fn begin(&self, number: u64) -> Cancel {
        unpoisoned(&self.0).entry(number).or_default().cancel.clone()
    }

    /// The job's plan is made: from now on its limits can be changed.
    pub fn control(&self, number: u64, controls: &Controls) {
        unpoisoned(&self.0).entry(number).or_default().controls = Some(controls.clone());
    }

    /// Has a job keep to other limits; without a plan it has none yet.
    pub fn change(&self, number: u64, limits: Limits) {
        if let Some(controls) =
            unpoisoned(&self.0).get(&number).and_then(|job| job.controls.as_ref())
        {
            controls.change(|now| *now = limits);
        }
    }

    /// The job is over.
    pub fn end(&self, number: u64) {
        unpoisoned(&self.0).remove(&number);
    }

    /// Stops a job: no new call is begun, what is there is kept.
    pub fn cancel(&self, number: u64) {
        self.begin(number).cancel();
    }

    /// Holds a job: no new call is sent until it may go on.
    pub fn pause(&self, number: u64) {
        self.begin(number).pause();
    }

    /// Lets a job go on.
    pub fn go_on(&self, number: u64) {
        self.begin(number).go_on();
    }

    /// Stops all: the window closes.
    pub fn cancel_all(&self) {
        unpoisoned(&self.0).values().for_each(|job| job.cancel.cancel());
    }
}

/// What all effects share.
pub struct Desk {
    /// The way back.
    pub link: Link,
    /// Models and their keys.
    pub models: Models,
    /// The number of the chain on its way; 0: none.
    pub trial: AtomicU64,
    /// Jobs on their way that can be stopped.
    pub jobs: Jobs,
    open: Mutex<Option<(Project, Journal)>>,
    settings: Mutex<settings::Settings>,
    /// The hosts that may be sent to; `None`: all.
    hosts: Mutex<Option<BTreeSet<String>>>,
}

impl Desk {
    /// An empty desk with the user's settings.
    pub fn new(link: Link, settings: settings::Settings) -> Self {
        Self {
            link,
            models: Models::new(Arc::new(Secrets::new())),
            trial: AtomicU64::new(0),
            jobs: Jobs::default(),
            open: Mutex::new(None),
            hosts: Mutex::new(settings.ask_before_hosts.then(|| settings.hosts.clone())),
            settings: Mutex::new(settings),
        }
    }

    /// The open project and its journal.
    ///
    /// # Errors
    ///
    /// No project is open.
    pub fn project(&self) -> Result<(Project, Journal), Failure> {
        unpoisoned(&self.open)
            .clone()
            .ok_or_else(|| Failure::new("no project is open", "open or make one in the File menu"))
    }

    /// What the open project's own file says from now on: runs that are taken up again go by it.
    pub fn put_file(&self, file: crate::store::project::ProjectFile) {
        if let Some((project, _)) = unpoisoned(&self.open).as_mut() {
            project.file = file;
        }
    }

    /// What a judge of the open project is from now on; `None`: it is gone.
    pub fn put_judge(&self, stem: &str, judge: Option<Arc<crate::domain::JudgeSetup>>) {
        if let Some((project, _)) = unpoisoned(&self.open).as_mut() {
            match judge {
                Some(judge) => project.judges.insert(stem.to_owned(), judge),
                None => project.judges.remove(stem),
            };
        }
    }

    /// Puts another project on the desk and remembers it as the last one.
    pub fn put(&self, project: Project, journal: Journal) {
        // In full, so that the same project is the same line whatever way it was named.
        let root = std::path::absolute(&project.root).unwrap_or_else(|_| project.root.clone());
        self.lay(project, journal);
        self.change_settings(|settings| settings.opened(&root));
    }

    /// Puts another project on the desk, and nothing else.
    pub(super) fn lay(&self, project: Project, journal: Journal) {
        *unpoisoned(&self.open) = Some((project, journal));
    }

    /// Takes the open project off the desk, which gives its lock back.
    pub fn clear(&self, root: &std::path::Path) {
        let mut open = unpoisoned(&self.open);
        if open.as_ref().is_some_and(|(project, _)| project.root == root) {
            *open = None;
        }
    }

    /// The user's settings as they are now.
    pub fn settings(&self) -> settings::Settings {
        unpoisoned(&self.settings).clone()
    }

    /// Whether all models of a plan may be sent to: the net below the question that the window
    /// asks before the first send to a host.
    ///
    /// # Errors
    ///
    /// A host that the user has not said yes to.
    pub fn may_send(&self, plan: &Plan) -> Result<(), Failure> {
        if plan.replay_only {
            return Ok(());
        }
        let hosts = unpoisoned(&self.hosts).clone();
        let new = hosts.and_then(|known| {
            plan.all_models()
                .filter_map(|model| remote_host(&model.entry))
                .find(|host| !known.contains(host))
        });
        match new {
            None => Ok(()),
            Some(host) => Err(Failure::new(
                format!("nothing was sent: you have not yet said that {host} may be sent to"),
                "run a prompt with that model in Try, which asks; or switch the question off under \
                 Settings > Privacy",
            )),
        }
    }

    /// Notes at once which hosts may be sent to: what the user has just allowed may begin before
    /// the settings are on disk.
    pub fn note_hosts(&self, ask_before_hosts: bool, hosts: &BTreeSet<String>) {
        *unpoisoned(&self.hosts) = ask_before_hosts.then(|| hosts.clone());
    }

    /// Changes the user's settings and keeps them.
    pub fn change_settings(&self, change: impl FnOnce(&mut settings::Settings)) {
        let mut kept = unpoisoned(&self.settings);
        let before = kept.clone();
        change(&mut kept);
        if *kept == before {
            return;
        }
        if let Err(error) = settings::save(&kept) {
            self.link.send(Event::Failed(failure_of("settings were not kept", &error)));
        }
    }

    /// Where the sample project is, or would be.
    ///
    /// # Errors
    ///
    /// The system has no folder for a user's data.
    pub fn sample_folder() -> Result<PathBuf, Failure> {
        directories::ProjectDirs::from("", "", "preamble")
            .map(|folders| folders.data_dir().join("Sample project"))
            .ok_or_else(|| {
                let hint = "make a project in a folder of your choice in the File menu";
                Failure::new("there is no folder for the sample project", hint)
            })
    }
}

/// A store's error in words for the user: what was tried, then what happened.
pub fn failure_of(tried: &str, error: &StoreError) -> Failure {
    Failure::new(format!("{tried}: {error}"), error.hint())
}

/// The content of a lock; one that was held in a panic still holds good values here.
pub fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
