#![allow(unreachable_pub, reason = "a module of several test binaries")]
//! Runs the real program in a folder of its own, and answers it as a model server would.
#![allow(dead_code, reason = "each test binary uses its part")]

pub mod server;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A folder with the program in it, so to speak.
pub struct Place {
    folder: tempfile::TempDir,
    /// What the program's environment has besides, or instead.
    environment: Vec<(&'static str, OsString)>,
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; −1 where a signal ended it.
    pub code: i32,
    pub out: String,
    pub err: String,
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

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), environment: Vec::new() }
    }

    /// The same with a variable of the program's environment.
    pub fn with(mut self, name: &'static str, value: impl Into<OsString>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = std::fs::File::create(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Each line of a file as JSON.
    pub fn lines(&self, name: &str) -> Vec<Value> {
        self.read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(words)
            .current_dir(self.folder.path())
            .env("PREAMBLE_CONFIG_DIR", self.path("config"))
            .env("PREAMBLE_NO_KEYCHAIN", "1")
            .env_remove("PREAMBLE_LOG")
            .env_remove("OPENAI_API_KEY")
            .env_remove("ANTHROPIC_API_KEY")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, words: &[&str]) -> Ended {
        ended(&self.command(words).output().unwrap())
    }

    pub fn run_with_input(&self, words: &[&str], input: &str) -> Ended {
        let mut child = self.command(words).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        ended(&child.wait_with_output().unwrap())
    }

    /// Runs and expects the exit code; shows what was said where it is another.
    pub fn expect(&self, code: i32, words: &[&str]) -> Ended {
        let ended = self.run(words);
        assert_eq!(ended.code, code, "{words:?}\nstdout: {}\nstderr: {}", ended.out, ended.err);
        ended
    }
}

pub fn ended(output: &Output) -> Ended {
    // A program that was killed may have been in the middle of a letter.
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

impl Ended {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("{e}\nstdout: {}\nstderr: {}", self.out, self.err))
    }

    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
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
