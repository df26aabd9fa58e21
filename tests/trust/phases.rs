//! R3: a kill while tables are brought up to date, or while an export is written, leaves the old
//! or the new, never neither.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use preamble::store::Journal;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::faultd::{Faultd, Settings};
use crate::house::{House, Kept, number, run_words};
use crate::program::files;

/// Kills of each kind: a quarter of the large round's number.
fn kills(usual: u64) -> u64 {
    number("PREAMBLE_TRUST_ROUNDS", usual * 4) / 4
}

/// All that a journal says, through the door that the program uses.
fn digest(path: &Path) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = Journal::open_read_only(path).unwrap();
        let mut hasher = blake3::Hasher::new();
        let (mut rows, mut calls) = (0, 0);
        for run in journal.runs().await.unwrap() {
            hasher.update(format!("{run:?}").as_bytes());
            hasher.update(format!("{:?}", journal.counts(&run.id).await.unwrap()).as_bytes());
            for entry in journal.rows(&run.id, None, 10_000).await.unwrap() {
                rows += 1;
                hasher.update(format!("{entry:?}").as_bytes());
                for call in journal.calls(&run.id, &entry.row.prompt.id).await.unwrap() {
                    calls += 1;
                    hasher.update(format!("{call:?}").as_bytes());
                }
            }
        }
        assert!(rows > 10 && calls > 50, "the journal holds {rows} rows and {calls} calls");
        hasher.finalize().to_hex().to_string()
    })
}

/// The recorded journal of the sample project, brought back to an older version of the tables.
fn old_journal(path: &Path, version: i64) {
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/sample/journal.sqlite.zst");
    let bytes = zstd::decode_all(std::fs::File::open(recorded).unwrap()).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
    drop(file);
    let db = rusqlite::Connection::open(path).unwrap();
    let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 2, "the recording has other tables by now: mend this test");
    if version == 1 {
        db.execute_batch(
            "DROP TABLE drops; DROP TABLE edits; ALTER TABLE runs DROP COLUMN title;
             PRAGMA user_version = 1;",
        )
        .unwrap();
    }
    // One file, no log beside it.
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;").unwrap();
}

/// A copy of the old journal is whole wherever there is one, and there once it is needed.
fn check_backup(house: &House, version: i64, is_needed: bool) {
    let copy = house.path(&format!("p/journal.v{version}.backup.sqlite"));
    assert!(copy.exists() || !is_needed, "the old journal was not kept");
    if copy.exists() {
        let db = rusqlite::Connection::open(copy).unwrap();
        let sound: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        let found: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!((sound.as_str(), found), ("ok", version));
    }
}

#[test]
fn a_kill_while_tables_are_brought_up_to_date_leaves_old_or_new() {
    let mut random = StdRng::seed_from_u64(number("PREAMBLE_TRUST_SEED", 1));
    let house = House::new();
    house.project("openai:m@http://127.0.0.1:9/v1", 1);
    let journal = house.path("p/journal.sqlite");
    for version in [1, 2] {
        let old = house.path(&format!("old-{version}.sqlite"));
        old_journal(&old, version);
        let begin = || {
            for name in std::fs::read_dir(house.path("p")).unwrap().flatten() {
                if name.file_name().to_string_lossy().starts_with("journal") {
                    std::fs::remove_file(name.path()).unwrap();
                }
            }
            std::fs::copy(&old, &journal).unwrap();
        };
        // Once so that the program is in memory, once for the time that it takes.
        house.expect(0, &["runs", "p", "--json"]);
        begin();
        let begun = Instant::now();
        house.expect(0, &["runs", "p", "--json"]);
        let span = begun.elapsed();
        let whole = digest(&journal);
        let newest = Kept::of(&house).version;

        let (mut killed, mut by_version) = (0, BTreeMap::<i64, u64>::new());
        for round in 0..kills(4) {
            begin();
            let before = std::fs::read_dir(house.path("p")).unwrap().count();
            let running = house.spawn(&["runs", "p", "--json"]);
            if round.is_multiple_of(3) {
                std::thread::sleep(span.mul_f64(random.random_range(0.0..1.0)));
            } else {
                // From the moment at which the folder is touched.
                let until = Instant::now() + span * 2;
                while std::fs::read_dir(house.path("p")).unwrap().count() == before
                    && Instant::now() < until
                {
                    std::hint::spin_loop();
                }
                std::thread::sleep(Duration::from_micros(random.random_range(0..30_000)));
            }
            killed += u64::from(running.kill());
            // Whole in itself, by SQLite's own check, and of one version or the other.
            let found = Kept::of(&house).version;
            assert!(found == version || found == newest, "version {found} is neither");
            *by_version.entry(found).or_default() += 1;
            check_backup(&house, version, found != version);
            house.expect(0, &["runs", "p", "--json"]);
            assert_eq!(Kept::of(&house).version, newest);
            assert_eq!(digest(&journal), whole, "something was lost on the way to {newest}");
            check_backup(&house, version, true);
        }
        eprintln!("R3: {killed} kills on the way from version {version}: left at {by_version:?}");
    }
}

/// Whether a file of ours is being written in a folder.
fn is_writing(folder: &Path) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(".preamble-") {
                return true;
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    false
}

/// The bytes that count of an export: no temporary file.
fn written(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = files(folder);
    all.retain(|name, _| !name.contains(".preamble-"));
    all
}

#[test]
fn a_kill_while_an_export_is_written_leaves_old_or_new() {
    let mut random = StdRng::seed_from_u64(number("PREAMBLE_TRUST_SEED", 1));
    let server = Faultd::start(Settings::default());
    let house = House::new();
    house.project(&server.openai(), 60);
    house.expect(0, &run_words("16"));
    let mut again = run_words("16");
    again.extend(["--seed", "4711", "--new", "--yes"]);
    house.expect(0, &again);
    let export = |run: &'static str, out: &'static str| {
        vec!["export", "p", "--run", run, "--format", "trl-sft", "--out", out]
    };
    // What each run's export is, whole.
    let folders = ["R-0001", "R-0002"].map(|run| {
        house.expect(0, &export(run, "whole"));
        let files = written(&house.path("whole"));
        std::fs::remove_dir_all(house.path("whole")).unwrap();
        files
    });
    assert_ne!(folders[0]["data/train.jsonl"], folders[1]["data/train.jsonl"]);
    let begun = Instant::now();
    house.expect(0, &export("R-0001", "out"));
    let span = begun.elapsed();

    let (mut killed, mut while_writing) = (0, 0);
    for round in 0..kills(8) {
        let run = ["R-0002", "R-0001"][(round % 2) as usize];
        let running = house.spawn(&export(run, "out"));
        if round.is_multiple_of(3) {
            std::thread::sleep(span.mul_f64(random.random_range(0.3..1.0)));
        } else {
            let until = Instant::now() + span * 3;
            while !is_writing(&house.path("out")) && Instant::now() < until {
                std::hint::spin_loop();
            }
            std::thread::sleep(Duration::from_micros(random.random_range(0..4000)));
        }
        while_writing += u64::from(is_writing(&house.path("out")));
        killed += u64::from(running.kill());
        let now = written(&house.path("out"));
        for name in folders[0].keys().filter(|name| *name != "manifest.json") {
            let found = now.get(name).unwrap_or_else(|| panic!("{name} is gone"));
            let is_whole = folders.iter().any(|files| files.get(name) == Some(found));
            assert!(is_whole, "{name} is neither the old nor the new");
        }
        // A folder that has a whole manifest is whole.
        let mixed = || folders.iter().all(|files| *files != now);
        let manifest = now.get("manifest.json");
        if folders.iter().any(|files| files.get("manifest.json") == manifest) {
            assert!(!mixed(), "the manifest speaks of other files");
        }
        // The same words again finish it: nobody has to be forced.
        house.expect(0, &export(run, "out"));
        let is_second = run == "R-0002";
        assert_eq!(written(&house.path("out")), folders[usize::from(is_second)]);
        assert!(!is_writing(&house.path("out")), "a temporary file was left for ever");
    }
    eprintln!("R3: {killed} kills while exporting, {while_writing} of them within a write");

    // One file by itself.
    let singles = ["R-0001", "R-0002"].map(|run| {
        house.expect(0, &export(run, "whole.jsonl"));
        let bytes = house.bytes("whole.jsonl");
        std::fs::remove_file(house.path("whole.jsonl")).unwrap();
        bytes
    });
    house.expect(0, &export("R-0001", "one.jsonl"));
    for round in 0..kills(4) {
        let mut words = export(["R-0002", "R-0001"][(round % 2) as usize], "one.jsonl");
        words.push("--force");
        let running = house.spawn(&words);
        std::thread::sleep(span.mul_f64(random.random_range(0.3..1.0)));
        running.kill();
        let now = house.bytes("one.jsonl");
        assert!(singles.contains(&now), "the file is neither the old nor the new");
    }
}
