//! The journal: what is acknowledged is there, however it was closed; what is not ours is refused.

use std::sync::Arc;

use super::*;
use crate::domain::{
    Call, CallFailure, FailureKind, Finish, ModelRole, Prompt, Purpose, Reply, Sampling, Usage,
    Want,
};

pub(super) fn call(prompt: &str, text: &str) -> Call {
    Call {
        purpose: Purpose::Draft { candidate: 0 },
        prompt: prompt.into(),
        role: ModelRole::Writer,
        messages: vec![crate::domain::Message::user(text)],
        sampling: Sampling::default(),
        want: Want::Text,
        sample: 0,
    }
}

pub(super) fn new_call(run: &RunId, call: Call) -> NewCall {
    let key = call.key("m");
    NewCall {
        run: run.clone(),
        key,
        model: "m".to_owned(),
        call: call.into(),
        attempt: 1,
        worst_cost: 0.5,
    }
}

pub(super) fn reply(text: &str) -> Reply {
    Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage {
            prompt_tokens: 3,
            cached_tokens: 1,
            completion_tokens: 2,
            ..Usage::default()
        },
        choice: None,
        model: "m-1".to_owned(),
        marks: Vec::new(),
    }
}

pub(super) fn replied(text: &str) -> Outcome {
    Outcome::Replied {
        reply: reply(text).into(),
        raw: format!("raw {text}").into_bytes(),
        cost: 0.25,
    }
}

pub(super) fn new_run() -> NewRun {
    NewRun {
        kind: RunKind::Run,
        recipe: "critique".to_owned(),
        rows_total: 2,
        frozen: serde_json::json!({"seed": 7}),
    }
}

pub(super) fn on_disk() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    (folder, path)
}

#[tokio::test]
async fn a_reply_is_found_under_its_key_and_the_first_one_counts() {
    let (_folder, path) = on_disk();
    for journal in [Journal::open_in_memory().unwrap(), Journal::open(&path).unwrap()] {
        let run = journal.create_run(new_run()).await.unwrap().id;
        assert_eq!(run.as_str(), "R-0001");
        let call = call("p1", "hello");
        let key = call.key("m");
        assert_eq!(journal.lookup(&key).await.unwrap(), None);
        let id = journal.intent(new_call(&run, call.clone())).await.unwrap();
        assert_eq!(journal.lookup(&key).await.unwrap(), None, "not before it is settled");
        journal.settle(id, replied("one")).await.unwrap();
        let second = journal.intent(new_call(&run, call)).await.unwrap();
        journal.settle(second, replied("two")).await.unwrap();
        let found = journal.lookup(&key).await.unwrap().unwrap();
        assert_eq!((found.call, found.reply), (id, reply("one")));
        assert_eq!(found.raw, b"raw one");
        assert_eq!(journal.frozen(&run).await.unwrap().unwrap()["seed"], 7);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_are_all_kept_and_there_after_reopening() {
    let (_folder, path) = on_disk();
    let run = {
        let journal = Journal::open(&path).unwrap();
        let run = journal.create_run(new_run()).await.unwrap().id;
        let tasks = (0..300).map(|n| {
            let (journal, run) = (journal.clone(), run.clone());
            tokio::spawn(async move {
                let call = call(&format!("p{n}"), &format!("text {n}"));
                let id = journal.intent(new_call(&run, call)).await.unwrap();
                journal.settle(id, replied(&format!("answer {n}"))).await.unwrap();
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        run
    };
    assert!(!path.with_extension("sqlite-wal").exists(), "all of it is in the one file");
    let journal = Journal::open(&path).unwrap();
    let counts = journal.counts(&run).await.unwrap();
    assert_eq!((counts.calls, counts.calls_replied), (300, 300));
    assert_eq!(counts.usage.prompt_tokens, 900);
    assert!((counts.cost - 75.0).abs() < 1e-9);
    let key = call("p7", "text 7").key("m");
    assert_eq!(journal.lookup(&key).await.unwrap().unwrap().reply.text, "answer 7");
}

#[tokio::test]
async fn what_was_open_when_the_program_ended_is_unknown_and_keeps_its_worst_cost() {
    let (_folder, path) = on_disk();
    let run = {
        let journal = Journal::open(&path).unwrap();
        let run = journal.create_run(new_run()).await.unwrap().id;
        journal.intent(new_call(&run, call("p1", "x"))).await.unwrap();
        run
    };
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.run(&run).await.unwrap().unwrap().state, RunState::Interrupted);
    let counts = journal.counts(&run).await.unwrap();
    assert_eq!((counts.calls_unknown, counts.cost), (1, 0.5));
    journal.reopen_run(&run, 2).await.unwrap();
    journal.finish_run(&run, RunState::Done, "").await.unwrap();
    let record = journal.run(&run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Done);
    assert!(record.finished_ms.is_some());
}

#[tokio::test]
async fn rows_page_in_plan_order_and_a_second_row_takes_the_firsts_place() {
    let journal = Journal::open_in_memory().unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    for position in [2_u64, 0, 1] {
        let row = Row::empty(&Prompt::of_text(format!("p{position}"), "x"));
        journal.put_row(&run, position, row, Vec::new()).await.unwrap();
    }
    let mut failed = Row::empty(&Prompt::of_text("p1", "x"));
    failed.failure = Some(crate::domain::RowFailure {
        at: "draft".to_owned(),
        failure: CallFailure::new(FailureKind::Timeout, "late", ""),
    });
    journal.put_row(&run, 1, failed, Vec::new()).await.unwrap();
    let page = journal.rows(&run, None, 2).await.unwrap();
    let ids: Vec<_> = page.iter().map(|entry| entry.row.prompt.id.as_str()).collect();
    assert_eq!(ids, ["p0", "p1"]);
    let page = journal.rows(&run, Some(1), 2).await.unwrap();
    assert_eq!(page.len(), 1);
    assert_eq!(page[0].position, 2);
    let counts = journal.counts(&run).await.unwrap();
    assert_eq!((counts.rows, counts.rows_failed, counts.failures["timeout"]), (3, 1, 1));
}

#[tokio::test]
async fn readers_see_commits_and_can_write_nothing() {
    let (folder, path) = on_disk();
    let nothing_yet = Journal::open_read_only(&path).unwrap();
    assert!(nothing_yet.runs().await.unwrap().is_empty());
    assert!(!path.exists(), "reading makes no file");
    let writer = Journal::open(&path).unwrap();
    let run = writer.create_run(new_run()).await.unwrap().id;
    for reader in [nothing_yet, Journal::open_read_only(&path).unwrap()] {
        assert!(reader.is_read_only());
        assert_eq!(reader.runs().await.unwrap()[0].id, run);
        let refused = reader.create_run(new_run()).await.unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly { .. }));
    }
    drop(folder);
}

#[tokio::test]
async fn opening_again_in_this_process_shares_the_writer() {
    let (_folder, path) = on_disk();
    let first = Journal::open(&path).unwrap();
    let run = first.create_run(new_run()).await.unwrap().id;
    let second = Journal::open(&path).unwrap();
    assert_eq!(second.run(&run).await.unwrap().unwrap().state, RunState::Running);
    assert!(Arc::ptr_eq(&first.inner, &second.inner));
}

#[tokio::test]
async fn one_refused_change_takes_no_other_with_it() {
    let journal = Journal::open_in_memory().unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    let nobody = RunId::new("R-0099");
    let (good, bad) = futures::join!(
        journal.intent(new_call(&run, call("p1", "a"))),
        journal.intent(new_call(&nobody, call("p2", "b"))),
    );
    good.unwrap();
    let error = bad.unwrap_err();
    assert!(error.to_string().contains("R-0099"), "{error}");
    assert_eq!(journal.counts(&run).await.unwrap().calls, 1);
}

#[test]
fn what_is_damaged_foreign_or_newer_is_refused_with_a_hint_and_left_as_it_is() {
    let (folder, path) = on_disk();
    let refused = |path: &Path| {
        let before = std::fs::read(path).unwrap();
        let error = Journal::open(path).err().expect("it was to be refused");
        assert!(!error.hint().is_empty(), "{error}");
        assert_eq!(std::fs::read(path).unwrap(), before, "{error}");
        error
    };
    crate::store::atomic::write(&path, "this is no database at all. ".repeat(99).as_bytes())
        .unwrap();
    assert!(matches!(refused(&path), StoreError::JournalDamaged { .. }));

    let foreign = folder.path().join("foreign.sqlite");
    let other = rusqlite::Connection::open(&foreign).unwrap();
    other.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE photos (id)").unwrap();
    drop(other);
    let error = refused(&foreign);
    assert!(error.to_string().contains("another program"), "{error}");

    let newer = folder.path().join("newer.sqlite");
    drop(Journal::open(&newer).unwrap());
    let other = rusqlite::Connection::open(&newer).unwrap();
    other.pragma_update(None, "user_version", 99).unwrap();
    drop(other);
    assert!(matches!(refused(&newer), StoreError::JournalNewer { found: 99, .. }));
    assert!(matches!(
        Journal::open_read_only(&newer).err().unwrap(),
        StoreError::JournalNewer { .. }
    ));
}

#[tokio::test]
async fn a_journal_with_a_torn_page_is_never_read_as_if_it_were_whole() {
    let (_folder, path) = on_disk();
    let run = {
        let journal = Journal::open(&path).unwrap();
        let run = journal.create_run(new_run()).await.unwrap().id;
        for n in 0..50 {
            let row = Row::empty(&Prompt::of_text(format!("p{n}"), "x".repeat(2000 + n)));
            journal.put_row(&run, n as u64, row, Vec::new()).await.unwrap();
        }
        run
    };
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xA5);
    crate::store::atomic::write(&path, &bytes).unwrap();
    // Either the opening or the reading says so; whole rows are a fine answer, wrong ones not.
    if let Ok(journal) = Journal::open(&path) {
        match journal.rows(&run, None, 100).await {
            Err(error) => assert!(!error.hint().is_empty()),
            Ok(rows) => {
                for entry in rows {
                    assert!(entry.row.prompt.text().chars().all(|c| c == 'x'));
                }
            }
        }
    }
}

#[tokio::test]
async fn versions_are_kept_once_by_their_text() {
    let journal = Journal::open_in_memory().unwrap();
    let put = |name, text| journal.put_version("constitution", "mine", name, text);
    let one = put("first", "(a)").await.unwrap();
    assert_eq!(put("first", "(a)").await.unwrap(), one);
    let two = put("second", "(b)").await.unwrap();
    assert_eq!(one, blake3::hash(b"(a)").to_hex().to_string());
    let versions = journal.versions("constitution", "mine").await.unwrap();
    let names: Vec<_> = versions.iter().map(|version| version.name.as_str()).collect();
    assert_eq!(names, ["second", "first"]);
    assert_eq!(journal.version_text(&two).await.unwrap().as_deref(), Some("(b)"));
    assert_eq!(journal.version_text("nonsense").await.unwrap(), None);
    assert!(journal.versions("rubric", "mine").await.unwrap().is_empty());
}

#[test]
fn the_settings_are_those_that_keep_what_is_acknowledged() {
    let (_folder, path) = on_disk();
    let db = schema::open_writer(&path).unwrap();
    let number = |name: &str| db.pragma_query_value(None, name, |r| r.get::<_, i64>(0)).unwrap();
    let text = |name: &str| db.pragma_query_value(None, name, |r| r.get::<_, String>(0)).unwrap();
    assert_eq!(text("journal_mode"), "wal");
    // 2 is FULL.
    assert_eq!((number("synchronous"), number("page_size")), (2, 8192));
    assert_eq!((number("foreign_keys"), number("trusted_schema"), number("mmap_size")), (1, 0, 0));
    assert_eq!(number("user_version"), schema::newest());
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}

#[tokio::test]
async fn calls_of_the_second_version_are_found_and_shown_beside_new_ones() {
    let (_folder, path) = on_disk();
    let old = call("p1", "asked long ago");
    {
        let db = schema::make(&path, 2).unwrap();
        let packed = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
        let texts = [
            b"{}".to_vec(),
            serde_json::to_vec(&old).unwrap(),
            serde_json::to_vec(&reply("answered long ago")).unwrap(),
            b"as it came".to_vec(),
        ];
        for (id, text) in (1_i64..).zip(&texts) {
            db.execute(
                "INSERT INTO bodies (id, hash, size, data) VALUES (?1, ?1, ?2, ?3)",
                rusqlite::params![id, text.len() as i64, packed(text)],
            )
            .unwrap();
        }
        db.execute_batch(
            "INSERT INTO runs (kind, recipe, state, rows_total, frozen, started_ms) \
             VALUES ('run', 'critique', 'stopped', 2, 1, 7);",
        )
        .unwrap();
        db.execute(
            "INSERT INTO calls (run, prompt, key, model, attempt, state, call, reply, raw, \
             prompt_tokens, cost, sent_ms) VALUES (1, 'p1', ?1, 'm', 1, 'replied', 2, 3, 4, 3, \
             0.25, 7)",
            [old.key("m").0],
        )
        .unwrap();
        db.execute_batch(
            "INSERT INTO uses VALUES (1, 'p1', 0, 1, '{\"Draft\":{\"candidate\":0}}', 0)",
        )
        .unwrap();
    }
    let journal = Journal::open(&path).unwrap();
    let run = RunId::new("R-0001");
    let found = journal.lookup(&old.key("m")).await.unwrap().unwrap();
    assert_eq!((found.reply, &*found.raw), (reply("answered long ago"), &b"as it came"[..]));
    let new = call("p1", "asked now");
    let id = journal.intent(new_call(&run, new.clone())).await.unwrap();
    let mut answered = reply("answered now");
    answered.usage.cache_write_tokens = 5;
    answered.usage.reasoning_tokens = 1;
    let outcome =
        Outcome::Replied { reply: answered.clone().into(), raw: b"raw".to_vec(), cost: 0.5 };
    journal.settle(id, outcome).await.unwrap();
    let found = journal.lookup(&new.key("m")).await.unwrap().unwrap();
    assert_eq!((found.reply, &*found.raw), (answered.clone(), &b"raw"[..]));
    let calls = journal.calls(&run, &"p1".into()).await.unwrap();
    let shown: Vec<_> = calls.iter().map(|call| (&call.call, call.reply.as_ref())).collect();
    let before = reply("answered long ago");
    assert_eq!(shown, [(&old, Some(&before)), (&new, Some(&answered))]);
    let usage = journal.counts(&run).await.unwrap().usage;
    assert_eq!((usage.prompt_tokens, usage.cache_write_tokens, usage.reasoning_tokens), (6, 5, 1));
    let orphans = schema::open_writer(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get::<_, i64>(0))
        .unwrap();
    assert_eq!(orphans, 0);
}

#[tokio::test]
async fn a_reply_that_comes_after_its_run_was_given_up_is_known_all_the_same() {
    let (_folder, path) = on_disk();
    let journal = Journal::open(&path).unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    let call = call("p1", "late");
    let key = call.key("m");
    assert_eq!(journal.lookup(&key).await.unwrap(), None);
    let id = journal.intent(new_call(&run, call)).await.unwrap();
    journal.abandon_run(&run);
    journal.settle(id, replied("late")).await.unwrap();
    assert_eq!(journal.lookup(&key).await.unwrap().unwrap().call, id);
}
