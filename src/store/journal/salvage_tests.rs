//! Damaged files: nothing panics or hangs, what is on whole pages comes back, and no reply is ever
//! another one's.

use std::collections::{BTreeMap, BTreeSet};

use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::pages::log_of;
use super::tests::{call, new_call, new_run, on_disk, reply};
use super::*;
use crate::domain::{Part, Prompt, Purpose};

const PAGE: usize = 8192;

fn rounds(usual: u64) -> u64 {
    if std::env::var_os("PREAMBLE_ALL_ROUNDS").is_some() { 1000 } else { usual }
}

/// Of some length, never twice the same, and now and then longer than a page even when packed.
fn text(n: u64) -> String {
    let mut text = format!("text {n} ");
    let parts = if n % 9 == 4 { 400 } else { 1 + n % 7 * 5 };
    for part in 0..parts {
        text.push_str(blake3::hash(&(n * 1000 + part).to_le_bytes()).to_hex().as_str());
    }
    text
}

/// A journal with something in every table.
async fn fill(path: &Path, calls: u64) -> Journal {
    let journal = Journal::open(path).unwrap();
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(journal.create_run(new_run()).await.unwrap().id);
    }
    let make = |n: u64| {
        let (journal, run) = (journal.clone(), runs[(n % 3) as usize].clone());
        async move {
            let prompt = format!("p{n}");
            let id = journal.intent(new_call(&run, call(&prompt, &text(n)))).await.unwrap();
            let outcome = Outcome::Replied {
                reply: reply(&text(n + 500_000)).into(),
                raw: text(n + 900_000).into_bytes(),
                cost: 0.25,
            };
            journal.settle(id, outcome).await.unwrap();
            let row = Row::empty(&Prompt::of_text(prompt.as_str(), text(n)));
            let purpose = Purpose::Draft { candidate: 0 };
            let uses = vec![Use { call: id, purpose, replayed: false }];
            journal.put_row(&run, n, row, uses).await.unwrap();
        }
    };
    futures::future::join_all((0..calls).map(make)).await;
    for n in 0..40 {
        let id = PromptId::new(format!("p{n}"));
        journal.put_version("rubric", "mine", &format!("v{n}"), &text(n + 7)).await.unwrap();
        journal.edit_row(&runs[0], &id, Part::Answer, Some(text(n))).await.unwrap();
        journal.drop_rows(&runs[1], vec![id], true).await.unwrap();
    }
    journal
}

/// What a table's rows hold, as text.
fn dump(path: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let db = rusqlite::Connection::open(path).unwrap();
    let mut all = BTreeMap::new();
    for (table, _) in count(&db) {
        let mut query = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = query.column_count();
        let line = |row: &rusqlite::Row<'_>| {
            let values: Vec<_> = (0..columns).map(|n| row.get_ref(n).unwrap()).collect();
            Ok(format!("{values:?}"))
        };
        let lines = query.query_map([], line).unwrap().collect::<Result<_, _>>().unwrap();
        all.insert(table, lines);
    }
    all
}

fn count(db: &rusqlite::Connection) -> BTreeMap<String, u64> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'";
    let mut query = db.prepare(sql).unwrap();
    let names: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let rows = |name: &String| {
        db.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get::<_, i64>(0))
    };
    names.iter().map(|name| (name.clone(), rows(name).unwrap() as u64)).collect()
}

/// Which rows lie where, from SQLite itself: table → for each page with rows, its number, how many
/// rows, and the pages that hold the rest of each row that has one.
type Map = BTreeMap<String, Vec<PageRows>>;
type PageRows = (u32, u64, Rest);
type Rest = BTreeMap<String, Vec<u32>>;

fn map(path: &Path) -> Map {
    let db = rusqlite::Connection::open(path).unwrap();
    let tables = count(&db);
    let mut query =
        db.prepare("SELECT name, path, pageno, pagetype, ncell FROM dbstat ORDER BY path").unwrap();
    let mut found = query.query([]).unwrap();
    let mut pages: BTreeMap<String, BTreeMap<String, PageRows>> = BTreeMap::new();
    let mut rest = Vec::new();
    while let Some(row) = found.next().unwrap() {
        let (name, path, number): (String, String, u32) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let (kind, cells): (String, i64) = (row.get(3).unwrap(), row.get(4).unwrap());
        // Inner pages hold rows only where the table has no row numbers.
        let has_rows = kind == "leaf" || ["rows", "uses", "drops"].contains(&name.as_str());
        if !tables.contains_key(&name) {
            continue;
        }
        if kind == "overflow" {
            rest.push((name, path, number));
        } else if has_rows {
            let page = (number, cells as u64, BTreeMap::new());
            pages.entry(name).or_default().insert(path, page);
        }
    }
    for (name, path, number) in rest {
        let (cell, _) = path.split_once('+').unwrap();
        let (page, _) = cell.rsplit_once('/').unwrap();
        let owner = pages.get_mut(&name).unwrap().get_mut(&format!("{page}/")).unwrap();
        owner.2.entry(cell.to_owned()).or_default().push(number);
    }
    pages.into_iter().map(|(name, pages)| (name, pages.into_values().collect())).collect()
}

/// Rows of each table that lie on whole pages only.
fn intact(map: &Map, is_whole: impl Fn(u32) -> bool) -> BTreeMap<String, u64> {
    let of_page = |(page, rows, rest): &PageRows| {
        let torn = rest.values().filter(|pages| pages.iter().any(|page| !is_whole(*page))).count();
        if is_whole(*page) { rows - torn as u64 } else { 0 }
    };
    map.iter().map(|(name, pages)| (name.clone(), pages.iter().map(of_page).sum())).collect()
}

/// Salvages, opens what came out, and looks that every reply in it is the one that was paid for.
async fn salvage_and_look(from: &Path, calls: u64, is_exact: bool) -> Salvaged {
    let to = from.with_extension("new.sqlite");
    salvage::remove_journal(&to).unwrap();
    let salvaged = salvage(from, &to).unwrap();
    let db = rusqlite::Connection::open(&to).unwrap();
    let broken: i64 = db
        .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(broken, 0, "something points into the empty");
    for (table, rows) in count(&db) {
        let told = salvaged.tables.iter().find(|told| told.name == table).unwrap();
        // What stands for something lost is not counted as salvaged.
        let may_be_more = ["runs", "bodies"].contains(&table.as_str());
        assert!(rows == told.rows || (may_be_more && rows > told.rows), "{table}: {told:?}");
    }
    drop(db);
    let journal = Journal::open(&to).unwrap();
    let mut replies = BTreeSet::new();
    for n in 0..calls {
        let key = call(&format!("p{n}"), &text(n)).key("m");
        match journal.lookup(&key).await {
            Ok(Some(found)) if is_exact => {
                assert_eq!(found.reply.text, text(n + 500_000), "another’s reply");
                assert!(found.raw.is_empty() || found.raw == text(n + 900_000).into_bytes());
            }
            Ok(Some(found)) => drop(replies.insert(found.reply.text)),
            Ok(None) => {}
            Err(error) => assert!(!is_exact, "{error}"),
        }
    }
    let known: BTreeSet<String> = (0..calls).map(|n| text(n + 500_000)).collect();
    assert!(replies.is_subset(&known), "a reply that nobody gave");
    for run in journal.runs().await.unwrap() {
        journal.rows(&run.id, None, 10).await.unwrap();
        journal.hands(&run.id).await.ok();
    }
    salvaged
}

#[tokio::test]
async fn a_whole_journal_is_copied_to_the_last_byte_in_the_file_or_in_the_log() {
    let (folder, path) = on_disk();
    let journal = fill(&path, 150).await;
    // The file as it is while the program has it open: most of it is in the log.
    let open = folder.path().join("open.sqlite");
    std::fs::copy(&path, &open).unwrap();
    std::fs::copy(log_of(&path), log_of(&open)).unwrap();
    drop(journal);
    for from in [&path, &open] {
        let to = folder.path().join("to.sqlite");
        let salvaged = salvage(from, &to).unwrap();
        assert!(salvaged.tables.iter().all(|table| table.damaged + table.left == 0));
        assert_eq!(salvaged.bad_pages, 0);
        let (found, expected) = (dump(&to), dump(&path));
        for (table, rows) in &expected {
            let odd = rows.symmetric_difference(&found[table]).next();
            assert_eq!(odd, None, "{table} of {}", from.display());
        }
        assert!(matches!(salvage(from, &to), Err(StoreError::Exists { .. })));
        salvage::remove_journal(&to).unwrap();
    }
    assert_eq!(check(&path).unwrap(), Health::Sound);
}

#[tokio::test]
async fn what_is_on_whole_pages_is_salvaged_whatever_the_others_are() {
    const CALLS: u64 = 120;
    let (folder, path) = on_disk();
    drop(fill(&path, CALLS).await);
    let map = map(&path);
    let whole = std::fs::read(&path).unwrap();
    let pages = (whole.len() / PAGE) as u32;
    let damaged = folder.path().join("damaged.sqlite");
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let mut seen_damage = 0;
    for round in 0..rounds(30) {
        let mut bytes = whole.clone();
        let mut bad = BTreeSet::new();
        let mut is_exact = true;
        match round % 4 {
            // Pages of rubbish, of which the first is one that everything hangs on.
            0 => {
                for nth in 0..random.random_range(1..6) {
                    let page = if nth == 0 {
                        round as u32 / 4 % 40 + 1
                    } else {
                        random.random_range(1..=pages)
                    };
                    let at = (page as usize - 1) * PAGE;
                    random.fill_bytes(&mut bytes[at..at + PAGE]);
                    bad.insert(page);
                }
            }
            // Pages that were never written.
            1 => {
                let first = random.random_range(1..=pages);
                for page in first..(first + random.random_range(1..9)).min(pages + 1) {
                    bytes[(page as usize - 1) * PAGE..page as usize * PAGE].fill(0);
                    bad.insert(page);
                }
            }
            // Single bytes.
            2 => {
                is_exact = false;
                for _ in 0..random.random_range(1..40) {
                    let at = random.random_range(0..bytes.len());
                    let before = bytes[at];
                    bytes[at] = random.random();
                    if bytes[at] != before {
                        bad.insert((at / PAGE) as u32 + 1);
                    }
                }
            }
            // The end is missing.
            _ => {
                bytes.truncate(random.random_range(0..bytes.len()));
                bad.extend((bytes.len() / PAGE) as u32 + 1..=pages);
            }
        }
        salvage::remove_journal(&damaged).unwrap();
        crate::store::atomic::write(&damaged, &bytes).unwrap();
        let salvaged = salvage_and_look(&damaged, CALLS, is_exact).await;
        assert_eq!(std::fs::read(&damaged).unwrap(), bytes, "the damaged file is only read");
        for (table, expected) in intact(&map, |page| !bad.contains(&page)) {
            let told = salvaged.tables.iter().find(|told| told.name == table).unwrap();
            let found = told.rows + told.left;
            assert!(found >= expected, "round {round}, {bad:?}: {expected} rows, {told:?}");
        }
        // And the program itself opens it, or says why not; it never fails otherwise.
        match Journal::open(&damaged) {
            Ok(journal) => {
                for run in journal.runs().await.unwrap_or_default() {
                    journal.rows(&run.id, None, 1000).await.ok();
                    journal.counts(&run.id).await.ok();
                }
            }
            Err(error) => {
                seen_damage += 1;
                assert!(!error.hint().is_empty(), "{error}");
            }
        }
        check(&damaged).ok();
    }
    assert!(seen_damage > 0);
}

#[tokio::test]
async fn a_damaged_log_costs_its_own_pages_only() {
    const CALLS: u64 = 60;
    let (folder, path) = on_disk();
    let journal = fill(&path, CALLS).await;
    let (file, log) = (std::fs::read(&path).unwrap(), std::fs::read(log_of(&path)).unwrap());
    drop(journal);
    let damaged = folder.path().join("damaged.sqlite");
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut more_than_sqlite = 0;
    for round in 0..rounds(20) {
        let mut bytes = log.clone();
        match round % 3 {
            0 => bytes.truncate(random.random_range(0..bytes.len())),
            1 => {
                let at = random.random_range(0..bytes.len());
                bytes[at] ^= 1 << random.random_range(0..8);
            }
            _ => {
                let at = random.random_range(0..bytes.len() - PAGE);
                let length = random.random_range(1..PAGE);
                random.fill_bytes(&mut bytes[at..at + length]);
            }
        }
        salvage::remove_journal(&damaged).unwrap();
        crate::store::atomic::write(&damaged, &file).unwrap();
        crate::store::atomic::write(&log_of(&damaged), &bytes).unwrap();
        let salvaged = salvage_and_look(&damaged, CALLS, true).await;
        assert_eq!(std::fs::read(log_of(&damaged)).unwrap(), bytes, "the log is only read");
        // SQLite stops at the first bad frame.
        let db = rusqlite::Connection::open(&damaged).unwrap();
        for (table, rows) in count(&db) {
            let told = salvaged.tables.iter().find(|told| told.name == table).unwrap();
            let found = told.rows + told.left;
            assert!(found >= rows, "round {round}: {rows} rows, {told:?}");
            more_than_sqlite += found - rows;
        }
    }
    assert!(more_than_sqlite > 0);
}

#[tokio::test]
async fn a_damaged_journal_is_replaced_and_kept_beside_and_a_kill_halfway_is_finished() {
    let (folder, path) = on_disk();
    drop(fill(&path, 50).await);
    let rows = dump(&path)["calls"].len();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[PAGE * 3..PAGE * 4].fill(0xA5);
    bytes[..16].fill(0);
    crate::store::atomic::write(&path, &bytes).unwrap();
    let error = Journal::open(&path).err().unwrap();
    assert!(matches!(error, StoreError::JournalDamaged { .. }) && error.hint().contains("salvage"));
    let replaced = replace(&path).unwrap();
    assert_eq!(std::fs::read(&replaced.damaged).unwrap(), bytes);
    assert!(
        replaced.damaged.file_name().unwrap().to_string_lossy().starts_with("journal.damaged-")
    );
    let calls = replaced.salvaged.tables.iter().find(|told| told.name == "calls").unwrap();
    assert!(calls.rows as usize * 2 > rows, "{calls:?}");
    assert_eq!(Journal::open(&path).unwrap().runs().await.unwrap().len(), 3);
    // A kill after the new one was whole and before it was in its place.
    crate::store::atomic::write(&path, &bytes).unwrap();
    crate::store::atomic::write(&log_of(&path), b"a log of the damaged one").unwrap();
    salvage(&replaced.damaged, &path.with_extension("salvaged.sqlite")).unwrap();
    assert_eq!(Journal::open(&path).unwrap().runs().await.unwrap().len(), 3);
    assert!(!path.with_extension("salvaged.sqlite").exists());
    let kept = std::fs::read_dir(folder.path()).unwrap().flatten();
    let kept = kept.filter(|entry| entry.file_name().to_string_lossy().contains("damaged-"));
    assert_eq!(kept.count(), 3, "both damaged ones and the second one's log");
}

#[tokio::test]
async fn damage_found_in_the_background_keeps_the_journal_from_being_written() {
    let (_folder, path) = on_disk();
    drop(fill(&path, 80).await);
    let map = map(&path);
    let mut bytes = std::fs::read(&path).unwrap();
    let page = map["bodies"].last().unwrap().0 as usize;
    bytes[(page - 1) * PAGE..page * PAGE].fill(0xA5);
    crate::store::atomic::write(&path, &bytes).unwrap();
    let journal = Journal::open(&path).unwrap();
    let mut health = journal.health();
    let found = health.wait_for(|health| *health != Health::Unknown);
    let found = tokio::time::timeout(std::time::Duration::from_mins(1), found).await;
    assert!(matches!(&*found.unwrap().unwrap(), Health::Damaged(_)));
    let error = journal.create_run(new_run()).await.unwrap_err();
    assert!(matches!(error, StoreError::JournalDamaged { .. }), "{error}");
    assert_eq!(journal.runs().await.unwrap().len(), 3, "what is whole can be read");
    assert!(matches!(check(&path).unwrap(), Health::Damaged(_)));
}

#[test]
fn damaged_documents_are_problems_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("p");
    crate::store::sample::init(&root, crate::store::sample::Sample::Starter).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(8);
    let files = ["preamble.ron", "constitutions/first-look.ron", "recipes/critique.ron"];
    for round in 0..rounds(60) {
        let path = root.join(files[(round % 3) as usize]);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        if round % 2 == 0 {
            bytes.truncate(random.random_range(0..bytes.len()));
        }
        for _ in 0..random.random_range(1..9) {
            if !bytes.is_empty() {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
        }
        crate::store::atomic::write(&path, &bytes).unwrap();
        if let Err(error) = crate::store::Project::look(&root) {
            assert!(!error.to_string().is_empty());
        }
        crate::store::atomic::write(&path, &whole).unwrap();
    }
    assert!(crate::store::Project::look(&root).is_ok());
}
