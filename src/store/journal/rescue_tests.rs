//! A disk that is full, fails or may only be read: what was paid for is kept, told and taken back.

use super::tests::{call, new_call, new_run, on_disk, replied};
use super::*;
use crate::domain::{CallFailure, FailureKind};
use crate::store::journal::write::Change;
use crate::store::volume;

/// Has the writer's own connection changed, as a disk would.
async fn on_writer(journal: &Journal, sql: &str) {
    let sql = sql.to_owned();
    let (done, is_done) = tokio::sync::oneshot::channel();
    let change = move |db: &rusqlite::Connection| {
        db.query_row(&sql, [], |_| Ok(())).ok();
        done.send(()).unwrap();
    };
    journal.inner.writer.as_ref().unwrap().ask(Box::new(change)).unwrap();
    is_done.await.unwrap();
}

fn rescue_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().contains("journal.rescue-")).collect()
}

/// A text that hardly packs, so that the file grows with each call.
fn noise(n: u64) -> String {
    let mut text = String::new();
    for part in 0..40_u64 {
        text.push_str(blake3::hash(&(n * 1000 + part).to_le_bytes()).to_hex().as_str());
    }
    text
}

/// Makes calls until the journal is full with `pages` more pages; returns whose replies were
/// there, acknowledged or rescued.
async fn until_full(path: &Path, pages: u64) -> (RunId, Vec<u64>, Option<StoreError>) {
    let journal = Journal::open(path).unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    let size: i64 = rusqlite::Connection::open(path)
        .unwrap()
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    // Several are in flight when it happens.
    let mut sent = Vec::new();
    for n in 0..4 {
        let call = call(&format!("p{n}"), &noise(n));
        sent.push((n, journal.intent(new_call(&run, call)).await.unwrap()));
    }
    on_writer(&journal, &format!("PRAGMA max_page_count = {}", size as u64 + pages)).await;
    let mut kept = Vec::new();
    let mut n = 4;
    let mut is_full = false;
    while let Some((of, id)) = sent.pop() {
        match journal.settle(id, replied(&noise(of + 1_000_000))).await {
            Ok(()) => kept.push(of),
            Err(StoreError::Rescued { path, .. }) => {
                assert!(path.exists());
                kept.push(of);
                is_full = true;
            }
            Err(error) => panic!("{error}"),
        }
        // Nothing is sent once it is full.
        while !is_full && sent.len() < 4 {
            match journal.intent(new_call(&run, call(&format!("p{n}"), &noise(n)))).await {
                Ok(id) => sent.push((n, id)),
                Err(error) => {
                    assert!(error.hint().contains("free some space"), "{error}: {}", error.hint());
                    is_full = true;
                }
            }
            n += 1;
        }
    }
    (run, kept, journal.rescued())
}

#[tokio::test]
async fn a_full_disk_loses_no_reply_that_was_there() {
    let step = std::env::var("PREAMBLE_ALL_ROUNDS").map_or(25, |_| 1);
    let mut was_rescued = 0;
    for pages in (1..=300).step_by(step) {
        let (folder, path) = on_disk();
        let (run, kept, rescued) = until_full(&path, pages).await;
        was_rescued += u64::from(rescued.is_some());
        assert_eq!(rescued.is_some(), !rescue_files(folder.path()).is_empty(), "{pages}");
        for opening in 0..2 {
            let journal = Journal::open(&path).unwrap();
            let notices = journal.notices();
            let is_taken = matches!(notices[..], [Notice::TakenBack { calls: 1.., .. }]);
            assert_eq!(is_taken, rescued.is_some() && opening == 0, "{pages}: {notices:?}");
            for n in &kept {
                let key = call(&format!("p{n}"), &noise(*n)).key("m");
                let found = journal.lookup(&key).await.unwrap().expect("a reply is lost");
                assert_eq!(found.reply.text, noise(n + 1_000_000));
                assert_eq!(found.raw, format!("raw {}", noise(n + 1_000_000)).into_bytes());
            }
            let counts = journal.counts(&run).await.unwrap();
            assert_eq!(counts.calls_replied, kept.len() as u64);
            assert_eq!(counts.calls_unknown, counts.calls - counts.calls_replied);
            assert!(rescue_files(folder.path()).is_empty());
        }
    }
    assert!(was_rescued > 0, "no round had a reply to rescue");
}

#[tokio::test]
async fn once_there_is_room_again_it_goes_on_and_takes_back_what_was_rescued() {
    let (folder, path) = on_disk();
    let journal = Journal::open(&path).unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    let id = journal.intent(new_call(&run, call("p1", "x"))).await.unwrap();
    let late = journal.intent(new_call(&run, call("p2", "x"))).await.unwrap();
    // A disk that may only be read.
    on_writer(&journal, "PRAGMA query_only = 1").await;
    let error = journal.settle(id, replied("one")).await.unwrap_err();
    assert!(matches!(error, StoreError::Rescued { calls: 1, .. }), "{error}");
    assert!(error.hint().contains("open the project again"));
    let other = CallFailure::new(FailureKind::Timeout, "late", "");
    let failed = Outcome::Failed { failure: other, raw: vec![0xff, 0], cost: 0.5 };
    let error = journal.settle(late, failed).await.unwrap_err();
    assert!(matches!(error, StoreError::Rescued { calls: 2, .. }), "{error}");
    let file = rescue_files(folder.path()).pop().unwrap();
    let lines = std::fs::read_to_string(&file).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.contains("\"raw\":\"raw one\"") && lines.contains("\"raw_hex\":\"ff00\""));
    assert!(journal.create_run(new_run()).await.is_err());
    on_writer(&journal, "PRAGMA query_only = 0").await;
    journal.create_run(new_run()).await.unwrap();
    let counts = journal.counts(&run).await.unwrap();
    assert_eq!((counts.calls_replied, counts.calls_failed, counts.calls_unknown), (1, 1, 0));
    assert!(journal.rescued().is_none() && !file.exists());
}

#[tokio::test]
async fn a_rescued_file_is_taken_in_once_and_one_of_another_journal_is_left() {
    let (folder, path) = on_disk();
    let (_run, kept, _) = until_full(&path, 1).await;
    let file = rescue_files(folder.path()).pop().unwrap();
    let bytes = std::fs::read(&file).unwrap();
    drop(Journal::open(&path).unwrap());
    // As after a kill between the commit and the removal, its last line cut off.
    crate::store::atomic::write(&file, &bytes).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.notices(), [Notice::TakenBack { calls: 0, path: file.clone() }]);
    drop(journal);
    crate::store::atomic::write(&file, &bytes[..bytes.len() - 9]).unwrap();
    let journal = Journal::open(&path).unwrap();
    let notices = journal.notices();
    assert!(matches!(&notices[..], [Notice::NotTakenBack { .. }]), "{notices:?}");
    assert!(notices[0].is_warning() && file.exists());
    let counts = journal.counts(&RunId::new("R-0001")).await.unwrap();
    assert_eq!(counts.calls_replied, kept.len() as u64);
    // Another journal has other calls under these numbers.
    let (other_folder, other) = on_disk();
    std::fs::copy(&file, other_folder.path().join(file.file_name().unwrap())).unwrap();
    let notices = Journal::open(&other).unwrap().notices();
    assert!(matches!(&notices[..], [Notice::NotTakenBack { .. }]), "{notices:?}");
    assert_eq!(rescue_files(other_folder.path()).len(), 1);
}

#[tokio::test]
async fn the_room_kept_free_is_there_when_the_disk_is_full() {
    let folder = tempfile::tempdir().unwrap();
    let mount = |words: &[&str]| {
        std::process::Command::new(words[0])
            .args(&words[1..])
            .stderr(std::process::Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let at = folder.path().to_str().unwrap().to_owned();
    /// Takes the disk away, whatever the test comes to.
    struct Unmount(String);
    impl Drop for Unmount {
        fn drop(&mut self) {
            std::process::Command::new("umount").args(["-l", &self.0]).status().ok();
        }
    }
    if !mount(&["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", &at]) {
        eprintln!("skipped: only root may mount a small disk to fill");
        return;
    }
    let _unmount = Unmount(at);
    // More than the log can still take, and less than is kept free.
    let text: String = (0..400).map(noise).collect();
    let path = folder.path().join("journal.sqlite");
    {
        let journal = Journal::open(&path).unwrap();
        let run = journal.create_run(new_run()).await.unwrap().id;
        let error = journal.room(1_000_000).await.unwrap_err();
        assert!(matches!(error, StoreError::NoRoom { .. }), "{error}");
        journal.room(100).await.unwrap();
        assert!(volume::little(&path).is_some_and(|free| free < 12 << 20));
        let id = journal.intent(new_call(&run, call("p1", "x"))).await.unwrap();
        // It is reserved in the background, so that no run waits for it.
        let kept_free = folder.path().join(rescue::RESERVE_FILE);
        let is_reserved =
            || std::fs::metadata(&kept_free).is_ok_and(|kept| kept.len() == rescue::RESERVE as u64);
        for _ in 0..500 {
            if is_reserved() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert!(is_reserved());
        // Everything that is left is taken by somebody else.
        let free = volume::free(&path).unwrap();
        let other = folder.path().join("other");
        let mut filler = std::fs::File::create(&other).unwrap();
        let zeros = vec![0; 4096];
        while std::io::Write::write_all(&mut filler, &zeros).is_ok() {}
        assert!(free > 1 << 20 && volume::free(&path).unwrap() < 4096);
        let outcome = journal.settle(id, replied(&text)).await;
        assert!(matches!(outcome, Err(StoreError::Rescued { calls: 1, .. })), "{outcome:?}");
        assert_eq!(rescue_files(folder.path()).len(), 1);
        std::fs::remove_file(other).unwrap();
    }
    let journal = Journal::open(&path).unwrap();
    let found = journal.lookup(&call("p1", "x").key("m")).await.unwrap().unwrap();
    assert_eq!(found.reply.text, text);
}

#[tokio::test]
async fn outcomes_in_memory_are_nowhere_rescued_and_the_error_says_what_failed() {
    let journal = Journal::open_in_memory().unwrap();
    let run = journal.create_run(new_run()).await.unwrap().id;
    let id = journal.intent(new_call(&run, call("p1", "x"))).await.unwrap();
    on_writer(&journal, "PRAGMA query_only = 1").await;
    let error = journal.settle(id, replied("one")).await.unwrap_err();
    assert!(matches!(error, StoreError::Journal { .. }), "{error}");
    let change = Change::AbandonRun(run);
    assert!(journal.keep(change).await.is_err());
}
