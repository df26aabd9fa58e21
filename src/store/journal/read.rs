//! The questions that readers put, each one statement or a few short ones.

use std::str::FromStr;

use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use serde::de::DeserializeOwned;

use super::known;
use super::pack::{self, Text};
use super::record::{
    CallId, CallState, Counts, RowEntry, RunRecord, StoredCall, StoredReply, Version,
};
use super::write::{parse_run, run_name};
use crate::domain::{Call, CallFailure, CallKey, PromptId, Purpose, Reply, Row, RunId, Usage};

/// The largest body that is unpacked, in bytes, so that a damaged journal can't fill the memory.
const LARGEST_BODY: usize = 1 << 30;

/// Why a question has no answer.
pub(super) enum Unread {
    /// SQLite's reason.
    Sql(rusqlite::Error),
    /// What the journal holds can't be understood.
    Record(String, String),
}

impl From<rusqlite::Error> for Unread {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

type Answer<T> = Result<T, Unread>;

/// The reply under a key: the first that was paid for, so that all agree.
pub(super) fn lookup(db: &Connection, key: &CallKey) -> Answer<Option<StoredReply>> {
    let found = db
        .prepare_cached(
            "SELECT calls.id, answer.size, answer.data, reply.size, reply.data, raw.size, \
             raw.data FROM calls \
             LEFT JOIN texts AS answer ON answer.id = calls.answer \
             LEFT JOIN bodies AS reply ON reply.id = calls.reply \
             LEFT JOIN bodies AS raw ON raw.id = calls.raw \
             WHERE substr(calls.key, 1, 16) = substr(?1, 1, 16) AND calls.key = ?1 \
             AND calls.state = 'replied' ORDER BY calls.id LIMIT 1",
        )?
        .query_row([&key.0], |row| Ok((CallId(row.get(0)?), Answered::of(row, 1)?)))
        .optional()?;
    let Some((call, answered)) = found else { return Ok(None) };
    let (reply, raw) = answered.read()?;
    let reply = reply
        .ok_or_else(|| Unread::Record("reply".to_owned(), format!("call {} has none", call.0)))?;
    Ok(Some(StoredReply { call, reply, raw }))
}

/// The first halves of the keys that there are replies to; see [`Known`](super::known::Known).
pub(super) fn replied_keys(db: &Connection) -> Answer<Vec<u64>> {
    let mut query = db.prepare_cached(
        "SELECT substr(key, 1, 16) FROM calls INDEXED BY calls_by_key WHERE state = 'replied'",
    )?;
    let mut found = query.query([])?;
    let mut keys = Vec::new();
    while let Some(row) = found.next()? {
        keys.push(known::half(row.get_ref(0)?.as_str().unwrap_or_default()));
    }
    Ok(keys)
}

/// All runs, newest first.
pub(super) fn runs(db: &Connection) -> Answer<Vec<RunRecord>> {
    let mut query = db.prepare_cached(&format!("{RUN} ORDER BY id DESC"))?;
    let raw: Vec<RawRun> = query.query_map([], raw_run)?.collect::<Result<_, _>>()?;
    raw.into_iter().map(run_of).collect()
}

/// One run.
pub(super) fn run(db: &Connection, run: &RunId) -> Answer<Option<RunRecord>> {
    let Some(number) = parse_run(run) else { return Ok(None) };
    let mut query = db.prepare_cached(&format!("{RUN} WHERE id = ?1"))?;
    query.query_row([number], raw_run).optional()?.map(run_of).transpose()
}

/// What a run was started with.
pub(super) fn frozen(db: &Connection, run: &RunId) -> Answer<Option<serde_json::Value>> {
    let Some(number) = parse_run(run) else { return Ok(None) };
    let found = db
        .prepare_cached(
            "SELECT bodies.size, bodies.data FROM runs JOIN bodies ON bodies.id = runs.frozen \
             WHERE runs.id = ?1",
        )?
        .query_row([number], |row| body(row, 0))
        .optional()?;
    found.map(|packed| json(&unpack(packed)?, "run's plan")).transpose()
}

/// A page of a run's rows, in the order of its prompts.
pub(super) fn rows(
    db: &Connection,
    run: &RunId,
    after: Option<u64>,
    limit: usize,
) -> Answer<Vec<RowEntry>> {
    let Some(number) = parse_run(run) else { return Ok(Vec::new()) };
    let mut query = db.prepare_cached(
        "SELECT rows.position, bodies.size, bodies.data FROM rows \
         JOIN bodies ON bodies.id = rows.body \
         WHERE rows.run = ?1 AND rows.position > ?2 ORDER BY rows.position LIMIT ?3",
    )?;
    let after = after.map_or(-1, |position| position as i64);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let page: Vec<(i64, Packed)> = query
        .query_map(params![number, after, limit], |row| Ok((row.get(0)?, body(row, 1)?)))?
        .collect::<Result<_, _>>()?;
    page.into_iter()
        .map(|(position, packed)| {
            let row: Row = json(&unpack(packed)?, "row")?;
            Ok(RowEntry { position: position as u64, row })
        })
        .collect()
}

/// The row of a prompt.
pub(super) fn row(db: &Connection, run: &RunId, prompt: &PromptId) -> Answer<Option<RowEntry>> {
    let Some(number) = parse_run(run) else { return Ok(None) };
    let found = db
        .prepare_cached(
            "SELECT rows.position, bodies.size, bodies.data FROM rows \
             JOIN bodies ON bodies.id = rows.body WHERE rows.run = ?1 AND rows.prompt = ?2",
        )?
        .query_row(params![number, prompt.as_str()], |row| {
            Ok((row.get::<_, i64>(0)?, body(row, 1)?))
        })
        .optional()?;
    let Some((position, packed)) = found else { return Ok(None) };
    Ok(Some(RowEntry { position: position as u64, row: json(&unpack(packed)?, "row")? }))
}

/// A run's sums.
pub(super) fn counts(db: &Connection, run: &RunId) -> Answer<Counts> {
    let Some(number) = parse_run(run) else { return Ok(Counts::default()) };
    let mut counts = Counts::default();
    let mut query = db.prepare_cached(
        "SELECT failure, count(*), sum(unparsed), sum(refused > 0) FROM rows WHERE run = ?1 \
         GROUP BY failure",
    )?;
    let mut found = query.query([number])?;
    while let Some(row) = found.next()? {
        let failure: Option<String> = row.get(0)?;
        let n = row.get::<_, i64>(1)? as u64;
        counts.rows += n;
        counts.unparsed += row.get::<_, i64>(2)? as u64;
        counts.rows_refused += row.get::<_, i64>(3)? as u64;
        if let Some(failure) = failure {
            counts.rows_failed += n;
            *counts.failures.entry(failure).or_default() += n;
        }
    }
    let mut query = db.prepare_cached(
        "SELECT state, count(*), sum(prompt_tokens), sum(cached_tokens), \
         sum(cache_write_tokens), sum(completion_tokens), sum(reasoning_tokens), sum(cost) \
         FROM calls WHERE run = ?1 GROUP BY state",
    )?;
    let mut found = query.query([number])?;
    while let Some(row) = found.next()? {
        let n = row.get::<_, i64>(1)? as u64;
        counts.calls += n;
        match row.get_ref(0)?.as_str().unwrap_or_default() {
            "replied" => counts.calls_replied += n,
            "failed" => counts.calls_failed += n,
            "unknown" => counts.calls_unknown += n,
            _ => {}
        }
        counts.usage += Usage {
            prompt_tokens: row.get::<_, i64>(2)? as u64,
            cached_tokens: row.get::<_, i64>(3)? as u64,
            cache_write_tokens: row.get::<_, i64>(4)? as u64,
            completion_tokens: row.get::<_, i64>(5)? as u64,
            reasoning_tokens: row.get::<_, i64>(6)? as u64,
        };
        counts.cost += row.get::<_, f64>(7)?;
    }
    super::money::split_cost(db, run, &mut counts)?;
    counts.replayed = db
        .prepare_cached("SELECT count(*) FROM uses WHERE run = ?1 AND replayed")?
        .query_row([number], |row| row.get::<_, i64>(0))? as u64;
    Ok(counts)
}

/// US dollars that a run has cost so far, unknown outcomes at their worst case.
pub(super) fn cost(db: &Connection, run: &RunId) -> Answer<f64> {
    let Some(number) = parse_run(run) else { return Ok(0.0) };
    Ok(db
        .prepare_cached("SELECT total(cost) FROM calls WHERE run = ?1")?
        .query_row([number], |row| row.get(0))?)
}

/// US dollars that all calls have cost so far.
pub(super) fn spent(db: &Connection) -> Answer<f64> {
    Ok(db.prepare_cached("SELECT total(cost) FROM calls")?.query_row([], |row| row.get(0))?)
}

/// The calls behind a row, in the order asked: those it was made of, then those of its own that
/// failed or were left open.
pub(super) fn calls(db: &Connection, run: &RunId, prompt: &PromptId) -> Answer<Vec<StoredCall>> {
    let Some(number) = parse_run(run) else { return Ok(Vec::new()) };
    let mut query = db.prepare_cached(
        "SELECT calls.id, calls.run, calls.prompt, calls.model, calls.key, calls.state, \
         calls.attempt, calls.failure, calls.cost, found.purpose, coalesce(found.replayed, 0), \
         asked.size, asked.data, call.size, call.data, answer.size, answer.data, reply.size, \
         reply.data, NULL, NULL \
         FROM (SELECT call, purpose, replayed, nth FROM uses WHERE run = ?1 AND prompt = ?2 \
               UNION ALL \
               SELECT id, NULL, NULL, 1000000000 FROM calls WHERE run = ?1 AND prompt = ?2 \
               AND id NOT IN (SELECT call FROM uses WHERE run = ?1 AND prompt = ?2)) AS found \
         JOIN calls ON calls.id = found.call \
         LEFT JOIN texts AS asked ON asked.id = calls.asked \
         LEFT JOIN bodies AS call ON call.id = calls.call \
         LEFT JOIN texts AS answer ON answer.id = calls.answer \
         LEFT JOIN bodies AS reply ON reply.id = calls.reply \
         ORDER BY found.nth, calls.id",
    )?;
    let found: Vec<RawCall> = query
        .query_map(params![number, prompt.as_str()], |row| {
            Ok(RawCall {
                id: CallId(row.get(0)?),
                run: run_name(row.get(1)?),
                prompt: PromptId(row.get(2)?),
                model: row.get(3)?,
                key: CallKey(row.get(4)?),
                state: row.get(5)?,
                attempt: row.get(6)?,
                failure: row.get(7)?,
                cost: row.get(8)?,
                purpose: row.get(9)?,
                replayed: row.get(10)?,
                asked: optional_text(row, 11)?,
                call: optional_body(row, 13)?,
                answered: Answered::of(row, 15)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    found.into_iter().map(call_of).collect()
}

/// A document's named versions, newest first.
pub(super) fn versions(db: &Connection, kind: &str, stem: &str) -> Answer<Vec<Version>> {
    let mut query = db.prepare_cached(
        "SELECT bodies.hash, versions.name, versions.at_ms FROM versions \
         JOIN bodies ON bodies.id = versions.body \
         WHERE versions.kind = ?1 AND versions.stem = ?2 ORDER BY versions.id DESC",
    )?;
    let found = query.query_map([kind, stem], |row| {
        Ok(Version { hash: hex(row.get_ref(0)?.as_blob()?), name: row.get(1)?, at_ms: row.get(2)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A version's text by its hash.
pub(super) fn version_text(db: &Connection, hash: &str) -> Answer<Option<String>> {
    let Ok(hash) = blake3::Hash::from_hex(hash) else { return Ok(None) };
    let found = db
        .prepare_cached("SELECT size, data FROM bodies WHERE hash = ?1")?
        .query_row([hash.as_bytes().as_slice()], |row| body(row, 0))
        .optional()?;
    let Some(packed) = found else { return Ok(None) };
    String::from_utf8(unpack(packed)?)
        .map(Some)
        .map_err(|error| Unread::Record("version".to_owned(), error.to_string()))
}

const RUN: &str = "SELECT id, kind, recipe, state, message, rows_total, started_ms, finished_ms, \
     title FROM runs";

struct RawRun {
    id: i64,
    kind: String,
    recipe: String,
    state: String,
    message: String,
    rows_total: i64,
    started_ms: i64,
    finished_ms: Option<i64>,
    title: String,
}

fn raw_run(row: &SqlRow<'_>) -> rusqlite::Result<RawRun> {
    Ok(RawRun {
        id: row.get(0)?,
        kind: row.get(1)?,
        recipe: row.get(2)?,
        state: row.get(3)?,
        message: row.get(4)?,
        rows_total: row.get(5)?,
        started_ms: row.get(6)?,
        finished_ms: row.get(7)?,
        title: row.get(8)?,
    })
}

fn run_of(raw: RawRun) -> Answer<RunRecord> {
    Ok(RunRecord {
        id: run_name(raw.id),
        kind: named(&raw.kind, "run's kind")?,
        recipe: raw.recipe,
        title: raw.title,
        state: named(&raw.state, "run's state")?,
        message: raw.message,
        rows_total: raw.rows_total as u64,
        started_ms: raw.started_ms,
        finished_ms: raw.finished_ms,
    })
}

struct RawCall {
    id: CallId,
    run: RunId,
    prompt: PromptId,
    model: String,
    key: CallKey,
    state: String,
    attempt: u32,
    failure: Option<String>,
    cost: f64,
    purpose: Option<String>,
    replayed: bool,
    asked: Option<Text>,
    /// The same as versions 1 and 2 kept it.
    call: Option<Packed>,
    answered: Answered,
}

/// What came back, as any version kept it.
struct Answered {
    answer: Option<Text>,
    reply: Option<Packed>,
    raw: Option<Packed>,
}

impl Answered {
    /// Six columns: answer, reply and raw, each its size and its bytes.
    fn of(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            answer: optional_text(row, at)?,
            reply: optional_body(row, at + 2)?,
            raw: optional_body(row, at + 4)?,
        })
    }

    fn read(self) -> Answer<(Option<Reply>, Vec<u8>)> {
        if let Some(text) = self.answer {
            let bytes = unpacked(text)?;
            let (reply, raw) = pack::answer(&bytes)
                .ok_or_else(|| Unread::Record("answer".to_owned(), "it is cut off".to_owned()))?;
            let reply = if reply.is_empty() { None } else { Some(json(reply, "reply")?) };
            return Ok((reply, raw.to_vec()));
        }
        let reply = self.reply.map(|packed| json(&unpack(packed)?, "reply")).transpose()?;
        Ok((reply, self.raw.map(unpack).transpose()?.unwrap_or_default()))
    }
}

fn call_of(raw: RawCall) -> Answer<StoredCall> {
    let asked = match (raw.asked, raw.call) {
        (Some(text), _) => unpacked(text)?,
        (None, Some(packed)) => unpack(packed)?,
        (None, None) => Vec::new(),
    };
    let call: Call = json(&asked, "call")?;
    let purpose: Purpose = match &raw.purpose {
        Some(text) => json(text.as_bytes(), "purpose")?,
        None => call.purpose.clone(),
    };
    let (reply, _) = raw.answered.read()?;
    let failure: Option<CallFailure> =
        raw.failure.map(|text| json(text.as_bytes(), "failure")).transpose()?;
    let state: CallState = named(&raw.state, "call's state")?;
    Ok(StoredCall {
        id: raw.id,
        run: raw.run,
        prompt: raw.prompt,
        purpose,
        role: call.role,
        model: raw.model,
        key: raw.key,
        state,
        attempt: raw.attempt,
        call,
        reply,
        failure,
        replayed: raw.replayed,
        cost: raw.cost,
    })
}

/// A body as it is stored: its size when unpacked, and its bytes.
pub(super) struct Packed(usize, Vec<u8>);

pub(super) fn body(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Packed> {
    Ok(Packed(row.get::<_, i64>(at)?.max(0) as usize, row.get(at + 1)?))
}

fn optional_body(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Option<Packed>> {
    match row.get::<_, Option<i64>>(at)? {
        Some(_) => body(row, at).map(Some),
        None => Ok(None),
    }
}

fn optional_text(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Option<Text>> {
    match row.get::<_, Option<i64>>(at)? {
        Some(size) => Ok(Some(Text { size: size.max(0) as usize, data: row.get(at + 1)? })),
        None => Ok(None),
    }
}

fn unpacked(text: Text) -> Answer<Vec<u8>> {
    text.unpacked().map_err(|reason| Unread::Record("text".to_owned(), reason))
}

pub(super) fn unpack(Packed(size, data): Packed) -> Answer<Vec<u8>> {
    if size > LARGEST_BODY {
        let reason = format!("it says that it has {size} bytes");
        return Err(Unread::Record("body".to_owned(), reason));
    }
    zstd::bulk::decompress(&data, size)
        .map_err(|error| Unread::Record("body".to_owned(), error.to_string()))
}

pub(super) fn json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Answer<T> {
    serde_json::from_slice(bytes)
        .map_err(|error| Unread::Record(what.to_owned(), error.to_string()))
}

fn named<T: FromStr>(text: &str, what: &str) -> Answer<T> {
    text.parse()
        .map_err(|_unknown| Unread::Record(what.to_owned(), format!("“{text}” is not known")))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").ok();
        out
    })
}
