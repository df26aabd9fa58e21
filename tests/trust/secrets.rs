//! R19: a key is never written, whoever repeats it, whatever breaks.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use preamble::app::effects::Effect;
use preamble::app::effects::home::{HomeEffect, HomeEvent};
use preamble::app::effects::runner::Runner;
use preamble::app::message::Event;
use preamble::app::state::{self, Document, DocumentId};
use preamble::app::window::Carry as _;
use preamble::engine::{Cancel, Events, Models, Overrides, Plan};
use preamble::store::Project;
use preamble::store::secrets::Secrets;
use preamble::store::settings::Settings as WindowSettings;
use rusqlite::types::ValueRef;
use secrecy::SecretString;

use crate::faultd::ledger::Moment;
use crate::faultd::mix::Mix;
use crate::faultd::{Faultd, Policy, Settings};
use crate::house::{House, LONG, run_words, settle};
use crate::program::{Ended, ended, files};

/// Looks like no key of any provider, so that only its value gives it away.
const CANARY: &str = "cAnArY/7f+Q9zW_x3-Lk8/u2==";
/// What somebody has typed and not saved.
const UNSAVED: &str = "typed and not yet saved";
/// Tells the other process what its key is; by its name nobody would take it for one.
const CANARY_ENV: &str = "PREAMBLE_TRUST_CANARY";

fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(three.get(at).copied().unwrap_or(0)));
        let bits = (a << 16) | (b << 8) | c;
        for sextet in 0..=three.len() {
            text.push(alphabet[((bits >> (18 - 6 * sextet)) & 63) as usize] as char);
        }
    }
    text
}

/// The key in all the forms in which it might be found.
fn needles(key: &str) -> Vec<(String, Vec<u8>)> {
    use std::fmt::Write as _;
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut needles = vec![("as it is".to_owned(), key.as_bytes().to_vec())];
    needles.push(("with escaped slashes".to_owned(), key.replace('/', "\\/").into_bytes()));
    for (name, end) in [("base64", "+/"), ("base64 for addresses", "-_")] {
        let alphabet: [u8; 64] = format!("{LETTERS}{end}").into_bytes().try_into().unwrap();
        for offset in 0..3 {
            // The first and last letters depend on what stands around the key.
            let bytes = [&b"\0\0"[..offset], key.as_bytes()].concat();
            let text = base64(&bytes, &alphabet);
            let whole = bytes.len() / 3 * 4;
            let inner = text.as_bytes()[if offset == 0 { 0 } else { 4 }..whole].to_vec();
            needles.push((format!("{name}, offset {offset}"), inner));
        }
    }
    let hex = key.bytes().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    needles.push(("hex".to_owned(), hex.to_uppercase().into_bytes()));
    needles.push(("hex".to_owned(), hex.into_bytes()));
    let mut url = String::new();
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => url.push(char::from(byte)),
            _ => write!(url, "%{byte:02X}").unwrap(),
        }
    }
    needles.push(("URL-encoded".to_owned(), url.clone().into_bytes()));
    needles.push(("URL-encoded".to_owned(), url.to_lowercase().into_bytes()));
    needles
}

/// Where a form of the key stands in some bytes.
fn hits(name: &str, bytes: &[u8], needles: &[(String, Vec<u8>)], found: &mut Vec<String>) {
    for (form, needle) in needles {
        let at = bytes.windows(needle.len()).position(|window| window == needle.as_slice());
        if let Some(at) = at {
            let before = &bytes[at.saturating_sub(160)..at];
            found.push(format!("{name}: {form}, after “{}”", String::from_utf8_lossy(before)));
        }
    }
}

/// Every value of every table, unpacked where it is packed.
fn database_hits(path: &Path, needles: &[(String, Vec<u8>)], found: &mut Vec<String>) -> u64 {
    let db = rusqlite::Connection::open(path).unwrap();
    let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut unpacked = 0;
    for table in tables {
        let mut query = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = query.column_count();
        let mut rows = query.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = row.get_ref(column).unwrap();
                let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = value else { continue };
                let name = format!("{}, {table}", path.display());
                hits(&name, bytes, needles, found);
                if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
                    unpacked += 1;
                    hits(&name, &zstd::decode_all(bytes).unwrap(), needles, found);
                }
            }
        }
    }
    unpacked
}

/// Everything that a house holds, and what was said in it.
fn search(house: &House, said: &[Ended]) -> Vec<String> {
    let needles = needles(CANARY);
    let mut found = Vec::new();
    let mut unpacked = 0;
    for (name, bytes) in files(house.root()) {
        hits(&name, &bytes, &needles, &mut found);
        if Path::new(&name).extension().is_some_and(|end| end == "sqlite") {
            unpacked += database_hits(&house.path(&name), &needles, &mut found);
        }
    }
    assert!(unpacked > 50, "the journal's texts were not looked at");
    for ended in said {
        hits("stdout", ended.out.as_bytes(), &needles, &mut found);
        hits("stderr", ended.err.as_bytes(), &needles, &mut found);
    }
    found
}

#[test]
fn the_search_finds_every_form() {
    let needles = needles(CANARY);
    let found = |bytes: &[u8]| {
        let mut found = Vec::new();
        hits("x", bytes, &needles, &mut found);
        found.len()
    };
    let standard: [u8; 64] = *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for before in ["", "a", "ab", "abc", "Bearer "] {
        let text = format!("{before}{CANARY} and more");
        assert!(found(text.as_bytes()) > 0);
        assert!(found(base64(text.as_bytes(), &standard).as_bytes()) > 0, "{before:?}");
    }
    assert_eq!(found(b"cAnArY%2F7f%2BQ9zW_x3-Lk8%2Fu2%3D%3D"), 1);
    assert_eq!(found(br"cAnArY\/7f+Q9zW_x3-Lk8\/u2=="), 1);
    assert_eq!(found(b"nothing of the kind"), 0);
}

#[test]
fn a_key_is_written_nowhere() {
    let delay = (std::time::Duration::from_millis(1), std::time::Duration::from_millis(8));
    let server =
        Faultd::start(Settings { policy_after: 20, delay, echo: true, ..Settings::default() });
    let house = House::with_key(CANARY);
    house.project(&server.openai(), 24);
    let mut said = Vec::new();
    let mut tell = |code: i32, words: &[&str]| {
        let ended = house.run(words);
        assert_eq!(ended.code, code, "{words:?}\n{}", ended.err.lines().last().unwrap_or(""));
        said.push(ended);
    };
    let set = |policy| server.change(|settings| settings.policy = policy);

    // Refused with the key in the refusal, then killed, then broken off, then done.
    set(Policy::Unauthorized);
    tell(3, &run_words("4"));
    set(Policy::Answer);
    let sent = server.look(|ledger| ledger.reached(Moment::Sent));
    let running = house.spawn(&run_words("4"));
    assert!(server.wait_for(Moment::Received, sent + 10, LONG));
    running.kill();
    settle(&server);
    server.change(|settings| {
        settings.mix = Mix { truncated: 0.2, broken: 0.1, error_event: 0.1, ..Mix::default() };
    });
    tell(0, &run_words("4"));
    // Every request refused by name, so that rows fail with the provider's words.
    set(Policy::BadRequest);
    server.change(|settings| settings.policy_after = 0);
    let mut bad = run_words("4");
    bad.extend(["--new", "--yes", "--seed", "3", "--limit", "4"]);
    tell(1, &bad);
    // The other dialect, and whole answers.
    let anthropic = server.anthropic();
    let mut other = run_words("4");
    other.extend(["--new", "--yes", "--limit", "6", "--model", &anthropic]);
    set(Policy::Unauthorized);
    tell(3, &other);
    set(Policy::Answer);
    server.change(|settings| settings.mix = Mix::default());
    tell(0, &other);
    house.model(&server.openai(), &["--no-stream"]);
    let mut whole = run_words("4");
    whole.extend(["--new", "--yes", "--seed", "4", "--limit", "6"]);
    tell(0, &whole);

    // All that can be asked for afterwards.
    tell(0, &["runs", "p", "--json"]);
    tell(0, &["runs", "p", "1"]);
    tell(0, &["check", "p"]);
    tell(0, &["models", "list", "--project", "p", "--json"]);
    said.push(house.run(&["models", "test", "m", "--project", "p"]));
    let formats = house.expect(0, &["export", "list", "--json"]).json();
    let mut written = 0;
    for format in formats.as_array().unwrap() {
        let id = format["id"].as_str().unwrap();
        for (container, end) in [("jsonl", ""), ("parquet", ""), ("jsonl", ".jsonl")] {
            let out = format!("exports/{id}-{container}{end}");
            let mut words = vec!["export", "p", "--run", "1", "--format", id, "--out", &out];
            if end.is_empty() {
                words.extend(["--container", container]);
            }
            let ended = house.run(&words);
            written += u64::from(ended.code == 0);
            said.push(ended);
        }
    }
    assert!(written >= 3, "only {written} exports were written");
    let logged = said.iter().map(|ended| ended.err.len()).sum::<usize>();
    assert!(logged > 10_000, "nothing was logged");

    inside(&house, &server, &mut said);
    // The key did come back: what stands in its place is there.
    let records = house.read("exports/trl-sft-jsonl.jsonl");
    assert!(records.contains("You sent Bearer [key]."), "no answer repeated the key: {records}");
    let found = search(&house, &said);
    assert!(found.is_empty(), "the key is in {found:#?}");
}

/// Runs in another process what has no command: a key that only the session has, the window's log,
/// a crash report, drafts, and a command that breaks down.
fn inside(house: &House, server: &Faultd, said: &mut Vec<Ended>) {
    server.change(|settings| {
        settings.policy = Policy::Unauthorized;
        settings.policy_after = 0;
    });
    let before = files(house.root()).len();
    let window = elsewhere(house, "secrets::in_another_process", &[]);
    assert!(window.err.contains("broke down at"), "the panics were not told: {}", window.err);
    let reports = files(&house.path("config")).into_keys().filter(|name| name.contains("crash-"));
    assert!(reports.count() > 0, "no crash report was written");
    let drafts = files(&house.path("config"));
    let drafts = drafts.iter().filter(|(name, _)| name.contains("drafts/"));
    let drafts: Vec<_> = drafts.map(|(_, text)| String::from_utf8_lossy(text)).collect();
    assert!(drafts.iter().any(|text| text.contains(UNSAVED)), "no draft was kept: {drafts:?}");
    assert!(files(house.root()).len() > before);
    said.push(window);
    // The command line, with the key in its environment.
    let commands =
        elsewhere(house, "secrets::a_command_that_panics", &[("OPENAI_API_KEY", CANARY)]);
    assert_eq!(commands.err.matches("broke down at").count(), 3, "{}", commands.err);
    assert!(commands.err.contains("refused for •••"), "{}", commands.err);
    said.push(commands);
}

/// Runs one of the tests below in a process of its own.
fn elsewhere(house: &House, test: &str, more: &[(&str, &str)]) -> Ended {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--test-threads", "1", "--nocapture"])
        .current_dir(house.root())
        .env(CANARY_ENV, CANARY)
        .env("PREAMBLE_CONFIG_DIR", house.path("config"))
        .env("PREAMBLE_LOG", "debug")
        .env("RUST_BACKTRACE", "0")
        .env_remove("OPENAI_API_KEY")
        .envs(more.iter().copied())
        .env("HOME", house.path("home"))
        .env("TMPDIR", house.path("tmp"))
        .output()
        .unwrap();
    let ended = ended(&output);
    assert_eq!(ended.code, 0, "{}\n{}", ended.out, ended.err);
    assert!(ended.out.contains("1 passed"), "{test} is not there: {}", ended.out);
    ended
}

#[test]
#[ignore = "the test of written keys runs it in a process of its own"]
fn in_another_process() {
    let key = SecretString::from(std::env::var(CANARY_ENV).unwrap());
    preamble::app::log::start();
    preamble::app::crash::watch();
    let secrets = Arc::new(Secrets::without_keychain());
    preamble::app::log::hide_keys_of(&secrets);
    secrets.set_for_session("OPENAI_API_KEY", key.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let models = Models::new(secrets);
        let project = Project::open(Path::new("p")).unwrap();
        let journal = project.open_journal().unwrap();
        let wishes = Overrides {
            prompts: Some("many".to_owned()),
            constitution: Some("c".to_owned()),
            seed: Some(77),
            limit: Some(3),
            ..Overrides::default()
        };
        let plan = Plan::of_project(&project, "critique", &wishes, &models).await.unwrap();
        let events: Events = Arc::new(|event| tracing::debug!("{event:?}"));
        let ended = preamble::engine::run(plan, journal, events, Cancel::new()).await.unwrap();
        tracing::error!("{ended:?}");
        std::fs::File::create("p/ended.txt")
            .and_then(|mut file| {
                std::io::Write::write_all(&mut file, format!("{ended:?}").as_bytes())
            })
            .unwrap();
    });
    let lines = preamble::app::log::lines().1;
    let text: String = lines.iter().map(preamble::app::log::line_words).collect();
    assert!(text.contains("401"), "the refusal was not logged: {text}");
    std::fs::File::create("p/log.txt")
        .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
        .unwrap();
    drafts(&key);
    crash(&key);
}

/// Three crashes: one quotes the key, one says it, one holds it in a value.
fn crash(key: &SecretString) {
    for form in 0..3 {
        let text = secrecy::ExposeSecret::expose_secret(key).to_owned();
        let breaks = move || match form {
            0 => panic!("no such header: {text:?}"),
            1 => panic!("refused for {text}"),
            _ => text.parse().map_err(|_error| text.clone()).map(|_: u64| ()).unwrap(),
        };
        let thread = std::thread::Builder::new().name("preamble-work".to_owned());
        assert!(thread.spawn(breaks).unwrap().join().is_err());
    }
}

/// The window without a screen: somebody gives a key for the session and edits documents, and what
/// is not yet in their files is kept as drafts.
fn drafts(key: &SecretString) {
    let clock = || state::Moment(1);
    let (mut runner, events) =
        Runner::new(WindowSettings::default(), Arc::new(|_| ()), clock).unwrap();
    let next = |wanted: fn(&Event) -> bool| loop {
        let event = events.recv_timeout(LONG).unwrap();
        if wanted(&event) {
            return event;
        }
    };
    runner.carry(Effect::Open("p".into()));
    let Event::Opened { root, result, .. } = next(|event| matches!(event, Event::Opened { .. }))
    else {
        panic!("nothing else was waited for")
    };
    let documents = result.unwrap().documents;
    let model = documents.setup.models[0].clone();
    runner.carry(Effect::KeepKey { model, key: key.clone(), in_keychain: false });
    let kept = next(|event| matches!(event, Event::KeyKept { .. }));
    assert!(matches!(kept, Event::KeyKept { result: Ok(_), .. }), "{kept:?}");
    let mut setup = (*documents.setup).clone();
    UNSAVED.clone_into(&mut setup.name);
    let (stem, constitution) = documents.constitutions.first_key_value().unwrap();
    let mut constitution = (**constitution).clone();
    constitution.description.push_str(UNSAVED);
    let documents = vec![
        (DocumentId::Setup, Document::Setup(Arc::new(setup))),
        (
            DocumentId::Constitution(stem.clone()),
            Document::Constitution(Some(Arc::new(constitution))),
        ),
    ];
    runner.carry(Effect::Home(HomeEffect::KeepDrafts { root, at: state::Moment(2), documents }));
    let kept = next(|event| matches!(event, Event::Home(HomeEvent::DraftsKept(_))));
    assert!(matches!(kept, Event::Home(HomeEvent::DraftsKept(Ok(())))), "{kept:?}");
}

#[test]
#[ignore = "the test of written keys runs it in a process of its own"]
fn a_command_that_panics() {
    use clap::{FromArgMatches as _, Subcommand as _};
    let key = SecretString::from(std::env::var(CANARY_ENV).unwrap());
    let words = ["preamble", "import", "list"];
    let matches = preamble::cli::Command::augment_subcommands(clap::Command::new("preamble"));
    let command =
        preamble::cli::Command::from_arg_matches(&matches.get_matches_from(words)).unwrap();
    // What a command does first is done: who runs after it finds what it set up.
    preamble::cli::run(command);
    crash(&key);
}
