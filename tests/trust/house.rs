//! A folder in which the program lives: project, settings, state, home and temporary files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::faultd::Faultd;

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

/// A folder with everything that the program may write to.
pub struct House {
    folder: tempfile::TempDir,
    key: String,
    /// What is logged, as `PREAMBLE_LOG` says it; empty: nothing.
    log: &'static str,
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; −1 where a signal ended it.
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}\nstdout: {}\nstderr: {}", self.out, self.err))
    }

    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
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
        (Ended::of(&output), took)
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

/// The program. Held open, so that a build elsewhere that puts another in its place meanwhile does
/// not change what is tested.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<(std::fs::File, PathBuf)> = OnceLock::new();
    let (_, path) = PROGRAM.get_or_init(|| {
        let path = PathBuf::from(env!("CARGO_BIN_EXE_preamble"));
        let file = std::fs::File::open(&path).unwrap();
        #[cfg(target_os = "linux")]
        let path = {
            use std::os::fd::AsRawFd as _;
            PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()))
        };
        (file, path)
    });
    path.clone()
}

impl House {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["home", "config", "tmp"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder, key: "a-key-like-any-other".to_owned(), log: "" }
    }

    /// The same with a key of its own, and all that there is to log logged.
    pub fn with_key(key: &str) -> Self {
        Self { key: key.to_owned(), log: "trace", ..Self::new() }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn write(&self, name: &str, text: &str) {
        use std::io::Write as _;
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(words)
            .current_dir(self.root())
            .env("PREAMBLE_LOG", self.log)
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("home/config"))
            .env("XDG_STATE_HOME", self.path("home/state"))
            .env("XDG_DATA_HOME", self.path("home/data"))
            .env("XDG_CACHE_HOME", self.path("home/cache"))
            .env("TMPDIR", self.path("tmp"))
            .env("PREAMBLE_CONFIG_DIR", self.path("config"))
            .env("PREAMBLE_NO_KEYCHAIN", "1")
            .env("PREAMBLE_PATIENCE", PATIENCE.to_string())
            .env("OPENAI_API_KEY", &self.key)
            .env("ANTHROPIC_API_KEY", &self.key)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn spawn(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        Ended::of(&self.command(words).output().unwrap())
    }

    /// Runs and expects the exit code.
    pub fn expect(&self, code: i32, words: &[&str]) -> Ended {
        let ended = self.run(words);
        assert_eq!(ended.code, code, "{words:?}\nstdout: {}\nstderr: {}", ended.out, ended.err);
        ended
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

/// All files of a folder by their path in it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
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
