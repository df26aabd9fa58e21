//! A folder in which the program lives: project, settings, state, home and temporary files.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::faultd::Faultd;
use crate::program::{Ended, Place, ended, files};

/// Timeouts and waits are this part of the usual ones.
pub const PATIENCE: f64 = 0.02;
/// US dollars per million tokens read and written.
pub const PRICES: (f64, f64) = (3.0, 15.0);
/// Longer than any test here may take for one thing.
pub const LONG: Duration = Duration::from_mins(20);

/// A number of the environment, or the usual one.
pub fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A place with everything that the program may write to.
pub struct House {
    place: Place,
}

impl Deref for House {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

/// A program that runs, and is killed when nobody looks after it any more.
pub struct Running {
    child: Option<Child>,
    begun: Instant,
}

impl Running {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Self {
        Self { child: Some(command.spawn().unwrap()), begun: Instant::now() }
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// Kills it as a power cut would, but for the disk: SIGKILL. False where it had ended already.
    pub fn kill(mut self) -> bool {
        let mut child = self.child.take().unwrap();
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().ok();
        child.wait().unwrap();
        was_running
    }

    /// Sends a signal by its name, such as `INT`.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), id.as_str()]).status().unwrap();
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Waits for its end, and says how long it ran; kills it and fails after `patience`.
    pub fn end(mut self, patience: Duration) -> (Ended, Duration) {
        let until = Instant::now() + patience;
        let child = self.child.as_mut().unwrap();
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < until, "it still ran after {patience:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let took = self.begun.elapsed();
        let output = self.child.take().unwrap().wait_with_output().unwrap();
        (ended(&output), took)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

impl House {
    pub fn new() -> Self {
        Self::with("a-key-like-any-other", "")
    }

    /// The same with a key of its own, and all that there is to log logged.
    pub fn with_key(key: &str) -> Self {
        Self::with(key, "trace")
    }

    /// What is logged, as `PREAMBLE_LOG` says it; empty: nothing.
    fn with(key: &str, log: &str) -> Self {
        let mut place = Place::new()
            .with("PREAMBLE_LOG", log)
            .with("PREAMBLE_PATIENCE", PATIENCE.to_string())
            .with("OPENAI_API_KEY", key)
            .with("ANTHROPIC_API_KEY", key);
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "home/config"),
            ("XDG_STATE_HOME", "home/state"),
            ("XDG_DATA_HOME", "home/data"),
            ("XDG_CACHE_HOME", "home/cache"),
            ("TMPDIR", "tmp"),
            ("PREAMBLE_CONFIG_DIR", "config"),
        ] {
            let path = place.path(folder);
            std::fs::create_dir_all(&path).unwrap();
            place = place.with(name, path);
        }
        Self { place }
    }

    /// A file as it is.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn spawn(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    /// The project `p`: so many prompts, one principle, one round of critique, one model with a
    /// price that does all the work.
    pub fn project(&self, model: &str, rows: u64) {
        self.expect(0, &["init", "p", "--sample", "empty"]);
        let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("constitutions/first-look.ron");
        self.write("p/constitutions/c.ron", &std::fs::read_to_string(library).unwrap());
        self.write(
            "p/recipes/critique.ron",
            "(format: 1, name: \"critique\", method: critique, rounds: 1, stop_when_clean: false, \
             shots: 0, sampling: (temperature: 0.7, top_p: 0.9, max_tokens: 256))\n",
        );
        let prompts = (0..rows).map(|row| {
            let prompt = format!("Question {row}: what would you tell a friend about it?");
            serde_json::json!({"id": format!("q-{row:05}"), "prompt": prompt}).to_string()
        });
        self.write("p/prompts/many.jsonl", &prompts.collect::<Vec<_>>().join("\n"));
        self.model(model, &[]);
    }

    /// Makes the model of the project that does all the work another.
    pub fn model(&self, model: &str, more: &[&str]) {
        let (read, written) = (PRICES.0.to_string(), PRICES.1.to_string());
        let mut words = vec!["models", "add", "m", model, "--project", "p"];
        words.extend(["--price-in", &read, "--price-out", &written, "--max-in-flight", "32"]);
        for role in ["writer", "critic", "reviser", "judge"] {
            words.extend(["--role", role]);
        }
        words.extend(more);
        self.expect(0, &words);
    }

    /// The summary of the first run.
    pub fn summary(&self) -> Value {
        self.expect(0, &["runs", "p", "1", "--json"]).json()
    }

    /// The first run's export: its files but for what differs from one sitting to the next: how many requests it
    /// took, and what those of unknown outcome may have cost.
    pub fn export(&self, format: &str, out: &str) -> BTreeMap<String, Vec<u8>> {
        self.expect(0, &["export", "p", "--run", "1", "--format", format, "--out", out]);
        let mut files = files(&self.path(out));
        let manifest = files.get_mut("manifest.json").unwrap();
        let mut value: Value = serde_json::from_slice(manifest).unwrap();
        let run = value["run"].as_object_mut().unwrap();
        for sum in ["calls", "calls_unknown", "calls_failed", "replayed", "cost_usd"] {
            run.shift_remove(sum);
        }
        *manifest = value.to_string().into_bytes();
        files
    }
}

/// The words that start the run, or go on with it.
pub fn run_words(at_once: &str) -> Vec<&str> {
    vec![
        "run",
        "p",
        "--recipe",
        "critique",
        "--constitution",
        "c",
        "--prompts",
        "many",
        "--concurrency",
        at_once,
        "--json",
    ]
}

/// What the journal of a house holds, seen without touching it: a copy is opened.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// State and key of each call by its number.
    pub calls: BTreeMap<i64, (String, String)>,
    /// The tables' version.
    pub version: i64,
}

impl Kept {
    /// Looks into the journal of the project `p`.
    pub fn of(house: &House) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        for name in ["journal.sqlite", "journal.sqlite-wal"] {
            let from = house.path("p").join(name);
            if from.exists() {
                std::fs::copy(from, scratch.path().join(name)).unwrap();
            }
        }
        let path = scratch.path().join("journal.sqlite");
        if !path.exists() {
            return Self::default();
        }
        let db = rusqlite::Connection::open(path).unwrap();
        let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let version = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        if version == 0 {
            return Self::default();
        }
        let mut query = db.prepare("SELECT id, state, key FROM calls").unwrap();
        let calls = query
            .query_map([], |row| {
                let key: rusqlite::types::Value = row.get(2)?;
                Ok((row.get(0)?, (row.get(1)?, format!("{key:?}"))))
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        Self { calls, version }
    }

    /// The calls in a state, by number.
    pub fn in_state<'a>(&'a self, state: &'a str) -> impl Iterator<Item = (i64, &'a str)> {
        self.calls
            .iter()
            .filter(move |(_, (found, _))| found == state)
            .map(|(id, (_, key))| (*id, key.as_str()))
    }
}

/// Waits for the provider's threads to see that nobody listens any more.
pub fn settle(server: &Faultd) {
    assert!(server.wait_until_quiet(Duration::from_secs(30)), "requests are still open");
}
