//! Replies that were paid for while the journal could not be written: the disk was full, failed,
//! or became read-only.
//!
//! They are written at once as JSON Lines beside the journal, else into the user's state folder,
//! and stay in memory; they are taken into the journal as soon as it can be written again, at the
//! latest when it is next opened. Taking one in twice changes nothing.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};

use super::notice::Notice;
use super::record::{CallId, Outcome};
use super::write::{self, Change};
use crate::domain::{CallFailure, Reply};
use crate::store::{StoreError, settings, unpoisoned};

/// Bytes kept free for the day the disk is full: some thousands of replies.
pub(super) const RESERVE: usize = 4 << 20;
/// The file that keeps them free.
pub(super) const RESERVE_FILE: &str = ".preamble.reserve";

/// One outcome, as a line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    call: i64,
    /// The call's key; a journal that has another one under the number is another journal.
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<Reply>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<CallFailure>,
    /// US dollars.
    cost: f64,
    /// The body as it came, where it is text.
    raw: String,
    /// The same in hexadecimal, where it is not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    raw_hex: String,
}

/// What the journal could not keep, on its way to be kept.
pub(super) struct Rescue {
    folders: Vec<PathBuf>,
    held: Vec<(CallId, String, Outcome)>,
    file: Option<PathBuf>,
    told: Arc<Mutex<Option<StoreError>>>,
}

impl Rescue {
    /// For a journal; `told` has the newest error that says where replies lie.
    pub(super) fn new(folders: Vec<PathBuf>, told: Arc<Mutex<Option<StoreError>>>) -> Self {
        Self { folders, held: Vec::new(), file: None, told }
    }

    /// Keeps outcomes that the journal refused; returns what to tell those who wait for them.
    pub(super) fn keep(
        &mut self,
        db: &Connection,
        outcomes: Vec<(CallId, Outcome)>,
        source: &Arc<rusqlite::Error>,
    ) -> StoreError {
        let refused = StoreError::Journal { doing: "be written", source: Arc::clone(source) };
        if outcomes.is_empty() {
            return refused;
        }
        let begin = self.held.len();
        for (call, outcome) in outcomes {
            self.held.push((call, key_of(db, call), outcome));
        }
        let calls = self.held.len() as u64;
        let Some(path) = self.write(begin) else {
            tracing::error!("{calls} paid replies are in memory only: nothing can be written");
            return refused;
        };
        let told = StoreError::Rescued { calls, path, source: Arc::clone(source) };
        tracing::error!("{told}");
        *unpoisoned(&self.told) = Some(told.clone());
        told
    }

    /// Puts all held from a place on into the file; into another where that can't be written.
    fn write(&mut self, begin: usize) -> Option<PathBuf> {
        let rest = lines(self.held.get(begin..)?);
        if let Some(file) = &self.file
            && append(file, &rest).is_ok()
        {
            return Some(file.clone());
        }
        let all = lines(&self.held);
        for folder in &self.folders {
            // The journal's own disk may have no room but this.
            std::fs::remove_file(folder.join(RESERVE_FILE)).ok();
            let now = chrono::Utc::now().format("%Y%m%d-%H%M%S");
            let file = folder.join(format!("journal.rescue-{now}.jsonl"));
            if std::fs::create_dir_all(folder).is_ok() && append(&file, &all).is_ok() {
                self.file = Some(file.clone());
                return Some(file);
            }
        }
        None
    }

    /// Takes what is held into the journal, now that it can be written again; gives half of the
    /// keys.
    pub(super) fn after_commit(&mut self, db: &mut Connection) -> Vec<u64> {
        if self.held.is_empty() {
            return Vec::new();
        }
        let mut taken = || -> Result<(), write::Refusal> {
            let tx = db.transaction()?;
            for (call, key, outcome) in &self.held {
                take(&tx, *call, key, outcome)?;
            }
            Ok(tx.commit()?)
        };
        if taken().is_err() {
            return Vec::new();
        }
        let calls = self.held.len();
        let keys = self.held.iter().filter_map(|(call, ..)| write::key_of(db, *call)).collect();
        tracing::info!("{calls} paid replies that the disk had no room for are in the journal");
        self.held.clear();
        *unpoisoned(&self.told) = None;
        if let Some(file) = self.file.take() {
            std::fs::remove_file(file).ok();
        }
        keys
    }
}

/// Where replies go that a journal can't keep: its own folder, else the user's.
pub(super) fn folders(path: &Path) -> Vec<PathBuf> {
    let Some(folder) = path.parent() else { return Vec::new() };
    let name = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
    let state = settings::state_folder();
    let state = state.map(|state| state.join("rescue").join(&name.as_str()[..32]));
    std::iter::once(folder.to_owned()).chain(state).collect()
}

/// Makes sure that a full disk still has room for the replies on their way.
pub(super) fn reserve(path: &Path) {
    let Some(file) = path.parent().map(|folder| folder.join(RESERVE_FILE)) else { return };
    let is_there = std::fs::metadata(&file).is_ok_and(|data| data.len() >= RESERVE as u64);
    // Where it can't be made, there is no room to keep.
    if !is_there && super::super::atomic::write(&file, &vec![0; RESERVE]).is_err() {
        std::fs::remove_file(&file).ok();
    }
}

/// Takes all that was rescued from a journal back into it.
pub(super) fn take_back(db: &mut Connection, folders: &[PathBuf]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for path in folders.iter().flat_map(|folder| files(folder)) {
        notices.push(match take_file(db, &path) {
            Ok(calls) => {
                std::fs::remove_file(&path).ok();
                Notice::TakenBack { calls, path }
            }
            Err(reason) => Notice::NotTakenBack { path, reason },
        });
    }
    notices
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_rescue = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("journal.rescue-") && path.extension().is_some_and(|end| end == "jsonl")
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_rescue).collect();
    files.sort();
    files
}

/// Takes a file's outcomes in, all in one commit; those that are there already are left. An error
/// says why not all of them could be: then the file stays.
fn take_file(db: &mut Connection, path: &Path) -> Result<u64, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let (mut taken, mut odd) = (0, 0);
    let mut take_all = || -> Result<(), write::Refusal> {
        let tx = db.transaction()?;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let outcome = serde_json::from_slice::<Line>(line).ok().and_then(|line| {
                let (call, key) = (CallId(line.call), line.key.clone());
                Some((call, key, line.outcome()?))
            });
            let Some((call, key, outcome)) = outcome else {
                odd += 1;
                continue;
            };
            match take(&tx, call, &key, &outcome)? {
                Taken::Now => taken += 1,
                Taken::Before => {}
                Taken::NotOurs => odd += 1,
            }
        }
        Ok(tx.commit()?)
    };
    match take_all() {
        Ok(()) if odd == 0 => Ok(taken),
        Ok(()) => Err(format!("{odd} of its lines are damaged or of another journal")),
        Err(write::Refusal::Sql(error)) => Err(error.to_string()),
        Err(_) => Err("it can't be written".to_owned()),
    }
}

enum Taken {
    Now,
    Before,
    NotOurs,
}

fn take(
    db: &Connection,
    call: CallId,
    key: &str,
    outcome: &Outcome,
) -> Result<Taken, write::Refusal> {
    let known: Option<(String, String)> = db
        .prepare_cached("SELECT key, state FROM calls WHERE id = ?1")?
        .query_row([call.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((known, state)) if known == key || key.is_empty() => {
            if state != "sent" && state != "unknown" {
                return Ok(Taken::Before);
            }
            let settled = write::Settled::of(outcome.clone())?;
            write::apply(db, &Change::Settle(call, Box::new(settled)))?;
            Ok(Taken::Now)
        }
        _ => Ok(Taken::NotOurs),
    }
}

/// A call's key, which its intent kept; empty where the journal can't even be read.
fn key_of(db: &Connection, call: CallId) -> String {
    db.query_row("SELECT key FROM calls WHERE id = ?1", [call.0], |row| row.get(0))
        .unwrap_or_default()
}

impl Line {
    fn of(call: CallId, key: &str, outcome: &Outcome) -> Self {
        let (reply, failure, raw, cost) = match outcome {
            Outcome::Replied { reply, raw, cost } => (Some(Reply::clone(reply)), None, raw, *cost),
            Outcome::Failed { failure, raw, cost } => (None, Some(failure.clone()), raw, *cost),
        };
        let (raw, raw_hex) = match std::str::from_utf8(raw) {
            Ok(text) => (text.to_owned(), String::new()),
            Err(_) => (String::new(), hex(raw)),
        };
        Self { call: call.0, key: key.to_owned(), reply, failure, cost, raw, raw_hex }
    }

    fn outcome(self) -> Option<Outcome> {
        let raw = match self.raw_hex.is_empty() {
            true => self.raw.into_bytes(),
            false => unhex(&self.raw_hex)?,
        };
        let cost = self.cost;
        match (self.reply, self.failure) {
            (Some(reply), None) => Some(Outcome::Replied { reply: Arc::new(reply), raw, cost }),
            (None, Some(failure)) => Some(Outcome::Failed { failure, raw, cost }),
            _ => None,
        }
    }
}

fn lines(held: &[(CallId, String, Outcome)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (call, key, outcome) in held {
        // Only a number that is none could fail, and JSON has them as null.
        if let Ok(line) = serde_json::to_vec(&Line::of(*call, key, outcome)) {
            bytes.extend_from_slice(&line);
            bytes.push(b'\n');
        }
    }
    bytes
}

/// Adds to a file and syncs it; what could be written of it only in part is taken out again.
fn append(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::options().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        file.set_len(length).ok();
        if length == 0 {
            std::fs::remove_file(path).ok();
        }
    }
    written
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").ok();
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pairs = digits.chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect()
}
