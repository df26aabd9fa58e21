//! Two programs on one project, and journals that are damaged, old or full, by the real program.

use std::io::Read as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Manner, Server, project, text};
use crate::program::Place;

fn damage(place: &Place) {
    let path = place.path("p/journal.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..16].fill(0);
    let mut file = std::fs::File::create(&path).unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
}

/// A project with one run of two rows.
fn with_a_run(server: &Server) -> Place {
    let place = project();
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--limit", "2", "--model", model.as_str()];
    place.expect(0, &words);
    place
}

#[test]
fn the_second_program_reads_at_once_and_writes_once_the_first_is_dead() {
    let rounds = if std::env::var_os("PREAMBLE_ALL_ROUNDS").is_some() { 100 } else { 8 };
    let slow = Server::start(Manner { delay: Duration::from_secs(30), ..Manner::default() });
    let quick = Server::start(Manner::default());
    let place = with_a_run(&quick);
    let run = |server: &Server, seed: &str| {
        let model = server.openai();
        let words = ["run", "p", "--recipe", "critique", "--limit", "1", "--model", &model];
        let words = words.into_iter().chain(["--seed", seed]);
        words.map(str::to_owned).collect::<Vec<String>>()
    };
    for round in 0..rounds {
        let words = run(&slow, &format!("{}", 100 + round));
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut first = place.command(&words).stderr(Stdio::null()).spawn().unwrap();
        // It writes as soon as a request is on its way.
        let before = slow.count();
        let begun = Instant::now();
        while slow.count() == before {
            assert!(begun.elapsed() < Duration::from_mins(1), "the first never began");
            std::thread::sleep(Duration::from_millis(5));
        }
        let begun = Instant::now();
        let listed = place.expect(0, &["runs", "p", "--json"]);
        let took = begun.elapsed();
        // A second, and what a loaded machine takes to start a program.
        assert!(took < Duration::from_secs(10), "round {round}: {took:?}");
        assert_eq!(text(&listed.json(), "/0/state"), "running", "round {round}");
        let words = run(&quick, "7");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let refused = place.expect(1, &words);
        assert!(refused.err.contains("open for writing elsewhere"), "{}", refused.err);
        let refused = place.expect(1, &["journal", "salvage", "p"]);
        assert!(refused.err.contains("open for writing elsewhere"), "{}", refused.err);
        first.kill().unwrap();
        first.wait().unwrap();
        let listed = place.expect(0, &["runs", "p", "--json"]);
        assert_eq!(text(&listed.json(), "/0/state"), "interrupted", "round {round}");
        place.expect(0, &words);
    }
    place.expect(0, &["journal", "check", "p"]);
}

#[test]
fn a_damaged_journal_is_told_of_salvaged_and_kept() {
    let server = Server::start(Manner::default());
    let place = with_a_run(&server);
    assert!(place.expect(0, &["journal", "check", "p"]).out.contains("whole"));
    let calls = server.count();
    damage(&place);
    for words in [&["runs", "p"][..], &["journal", "check", "p"]] {
        let told = place.expect(1, words);
        assert!(
            told.err.contains("damaged") && told.err.contains("journal salvage"),
            "{}",
            told.err
        );
    }
    let checked = place.expect(1, &["journal", "check", "p", "--json"]).json();
    assert_eq!(checked["sound"], false);
    place.expect(0, &["journal", "salvage", "p", "--to", "whole.sqlite"]);
    place.expect(1, &["journal", "salvage", "p", "--to", "whole.sqlite"]);
    let salvaged = place.expect(0, &["journal", "salvage", "p", "--json"]).json();
    let kept = text(&salvaged, "/damaged").to_owned();
    assert!(kept.contains("journal.damaged-") && place.path(&kept).exists(), "{kept}");
    let tables = salvaged["salvaged"]["tables"].as_array().unwrap();
    let calls_kept = tables.iter().find(|table| table["name"] == "calls").unwrap();
    assert_eq!(calls_kept["rows"], calls);
    // What was paid for is not paid for again.
    server.forget();
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--limit", "2", "--model", model.as_str()];
    place.expect(0, &words);
    assert_eq!(server.count(), 0, "all replies are in the new journal");
}

#[test]
fn a_copy_is_whole_while_the_project_is_written() {
    let slow = Server::start(Manner { delay: Duration::from_secs(30), ..Manner::default() });
    let quick = Server::start(Manner::default());
    let place = with_a_run(&quick);
    let model = slow.openai();
    let words = ["run", "p", "--recipe", "critique", "--limit", "1", "--model", model.as_str()];
    let mut first = place.command(&words).stderr(Stdio::null()).spawn().unwrap();
    while slow.count() == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    place.expect(0, &["journal", "copy", "p", "--to", "copy.sqlite"]);
    first.kill().unwrap();
    first.wait().unwrap();
    place.expect(0, &["journal", "check", "copy.sqlite"]);
    let mut begin = [0_u8; 16];
    std::fs::File::open(place.path("copy.sqlite")).unwrap().read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"SQLite format 3\0");
    place.expect(1, &["journal", "copy", "p", "--to", "copy.sqlite"]);
    place.expect(1, &["journal", "check", "no-such-folder"]);
}

/// A small disk in the place of a folder, which only root may mount; gone when dropped.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &std::path::Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", size, "tmpfs"]).arg(folder).stderr(Stdio::null());
        let is_mounted = mount.status().is_ok_and(|status| status.success());
        is_mounted.then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        std::process::Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

#[test]
fn a_disk_that_fills_up_stops_the_run_and_nothing_is_paid_for_twice() {
    let server = Server::start(Manner { delay: Duration::from_millis(80), ..Manner::default() });
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(&place.path("p"), "size=24m") else {
        eprintln!("skipped: only root may mount a small disk to fill");
        return;
    };
    place.expect(0, &["init", "p"]);
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--model", model.as_str()];
    let mut run = place.command(&words).spawn().unwrap();
    while server.count() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Somebody else takes all the room there is.
    let other = place.path("p/other");
    let mut filler = std::fs::File::create(&other).unwrap();
    let zeros = vec![0; 4096];
    let begun = Instant::now();
    let stopped = loop {
        while std::io::Write::write_all(&mut filler, &zeros).is_ok() {}
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "it goes on without being kept");
        std::thread::sleep(Duration::from_millis(2));
    };
    let mut said = String::new();
    run.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(stopped.code(), Some(1), "{said}");
    assert!(said.contains("the journal can't be written"), "{said}");
    assert!(said.contains("free some space"), "{said}");
    drop(filler);
    std::fs::remove_file(other).unwrap();
    place.expect(0, &words);
    assert_eq!(server.count(), server.distinct(), "a call was asked twice: {said}");
    place.expect(0, &["journal", "check", "p"]);
}

#[test]
fn a_run_is_not_begun_where_the_disk_has_no_room_for_it() {
    let server = Server::start(Manner::default());
    let place = Place::new();
    let Some(_disk) = SmallDisk::mount(&place.path("p"), "size=4m") else {
        eprintln!("skipped: only root may mount a small disk");
        return;
    };
    place.expect(0, &["init", "p"]);
    let lines: Vec<String> =
        (0..200).map(|n| format!("{{\"id\":\"p{n}\",\"prompt\":\"Why {n}?\"}}")).collect();
    place.write("p/prompts/many.jsonl", &lines.join("\n"));
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--model", model.as_str()];
    let many: Vec<&str> = words.into_iter().chain(["--prompts", "many"]).collect();
    let refused = place.expect(1, &many);
    assert!(refused.err.contains("MB free"), "{}", refused.err);
    assert_eq!(server.count(), 0, "nothing was asked");
}
