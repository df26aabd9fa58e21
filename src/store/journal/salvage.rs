//! Takes what is whole out of a damaged journal into a new one.
//!
//! Rows are read page by page ([`super::pages`]), so that a bad page costs its own rows and no
//! others: also rows below a page that no tree leads to any more are found, by their shape. Texts
//! are checked against their hash where they have one; what refers to something that is lost is
//! mended so that nothing is ever shown for what it is not. The damaged file is only read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::mend::mend;
use super::pages::{Kind, Node, Pages, Record, log_of};
use super::{pack, schema};
use crate::store::{StoreError, atomic};

/// What a salvage found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Salvaged {
    /// Pages of the damaged file.
    pub pages: u64,
    /// Pages that should hold rows, or lead to them, and can't be read.
    pub bad_pages: u64,
    /// What became of each table's rows.
    pub tables: Vec<SalvagedTable>,
}

/// What became of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SalvagedTable {
    /// Its name.
    pub name: String,
    /// Rows in the new journal.
    pub rows: u64,
    /// Rows that were seen and are damaged.
    pub damaged: u64,
    /// Rows that are whole, but of no use without something that is lost.
    pub left: u64,
}

/// A table as the new journal has it.
pub(super) struct Table {
    pub(super) name: String,
    /// In the order of a stored record.
    columns: Vec<Column>,
    /// Fewest columns of a record: later ones came with a migration and have a usual value.
    fewest: usize,
    is_without_rowid: bool,
    insert: String,
}

struct Column {
    name: String,
    kind: String,
    is_key: bool,
    is_nullable: bool,
    has_default: bool,
}

/// Copies the whole rows of a journal into a new one, which must not be there yet.
///
/// # Errors
///
/// [`StoreError::Exists`] for the new one, [`StoreError::JournalNewer`], or the file system's
/// refusal. Damage of whatever kind is no error: the worst yields a new journal without rows.
pub fn salvage(from: &Path, to: &Path) -> Result<Salvaged, StoreError> {
    if to.exists() {
        return Err(StoreError::Exists { what: "a journal", path: to.to_owned() });
    }
    let usual_size = schema::PAGE_SIZE as usize;
    let pages =
        Pages::open(from, usual_size).map_err(|error| StoreError::io("read", from, error))?;
    let newest = schema::newest();
    let version = match pages.ids() {
        Some((schema::APPLICATION_ID, found)) if found > newest => {
            let path = from.to_owned();
            return Err(StoreError::JournalNewer { path, found, known: newest });
        }
        Some((_, found)) if (1..=newest).contains(&found) => found,
        _ => newest,
    };
    let half_made = beside(to, ".tmp");
    remove_journal(&half_made)?;
    let result = copy(&pages, &half_made, version);
    let salvaged = match result {
        Ok(salvaged) => salvaged,
        Err(error) => {
            remove_journal(&half_made).ok();
            return Err(error);
        }
    };
    atomic::keep_made(&half_made, to)?;
    Ok(salvaged)
}

fn copy(pages: &Pages, to: &Path, version: i64) -> Result<Salvaged, StoreError> {
    let refused = |error| schema::damaged(to, error);
    let mut db = schema::make(to, version)?;
    db.pragma_update(None, "foreign_keys", false).map_err(refused)?;
    // It is synced as a whole before it gets its name.
    db.pragma_update(None, "synchronous", "OFF").map_err(refused)?;
    let tables = tables(&db).map_err(refused)?;
    let found = find(pages, &tables);
    let mut counts: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    let tx = db.transaction().map_err(refused)?;
    for (page, owner) in &found.leaves {
        let (Some(node), Some(table)) = (pages.node(*page), tables.get(*owner)) else { continue };
        let (rows, damaged) = counts.entry(*owner).or_default();
        *damaged += node.bad_cells;
        for record in pages.records(&node) {
            match record.map(|record| put(&tx, table, record)) {
                Some(Ok(is_new)) => *rows += u64::from(is_new),
                Some(Err(Refused::ByTable)) | None => *damaged += 1,
                Some(Err(Refused::ByDisk(error))) => return Err(refused(error)),
            }
        }
    }
    let mended = mend(&tx).map_err(refused)?;
    tx.commit().map_err(refused)?;
    db.close().map_err(|(_, error)| refused(error))?;
    let tables = tables.iter().enumerate().map(|(nth, table)| {
        let (rows, damaged) = counts.get(&nth).copied().unwrap_or_default();
        let left = mended.get(&table.name).copied().unwrap_or_default().min(rows);
        SalvagedTable { name: table.name.clone(), rows: rows - left, damaged, left }
    });
    Ok(Salvaged {
        pages: u64::from(pages.count()),
        bad_pages: found.bad_pages,
        tables: tables.collect(),
    })
}

/// Where rows are.
struct Found {
    /// Page and table, what was written last first: it counts where a row is there twice.
    leaves: Vec<(u32, usize)>,
    bad_pages: u64,
}

/// Follows each table's tree; where something is missing, looks at all other pages, too.
fn find(pages: &Pages, tables: &[Table]) -> Found {
    let mut seen = BTreeSet::from([0]);
    let mut bad_pages = 0;
    let mut leaves = Vec::new();
    let schema = walk(pages, 1, &mut seen, &mut bad_pages, |_| true);
    let mut roots = Vec::new();
    for node in schema.iter().filter_map(|page| pages.node(*page)) {
        for record in pages.records(&node) {
            match record.as_ref().map(|record| record.values.as_slice()) {
                Some([Value::Text(kind), Value::Text(name), _, Value::Integer(root), _]) => {
                    let is_table = kind == "table";
                    let table = tables.iter().position(|table| is_table && table.name == *name);
                    roots.push((u32::try_from(*root).unwrap_or_default(), table));
                }
                _ => bad_pages += 1,
            }
        }
    }
    let is_known = |nth| roots.iter().any(|(_, table)| *table == Some(nth));
    let mut is_whole = (0..tables.len()).all(is_known);
    for (root, table) in &roots {
        let bad_before = bad_pages;
        let mut is_odd = false;
        let owner = table.and_then(|nth| tables.get(nth));
        let owns = |node: &Node| owner.is_none_or(|table| table.owns(pages, node));
        for page in walk(pages, *root, &mut seen, &mut bad_pages, owns) {
            let Some(node) = pages.node(page) else { continue };
            for record in pages.records(&node) {
                match record {
                    Some(record) => seen.extend(record.overflow),
                    None => is_odd = true,
                }
            }
            if let Some(table) = table {
                leaves.push((page, *table));
            }
        }
        // Indexes are made anew: damage there loses nothing.
        match table {
            Some(_) => is_whole &= !is_odd && bad_pages == bad_before,
            None => bad_pages = bad_before,
        }
    }
    if !is_whole {
        seen.extend(pages.free());
        let lost = (1..=pages.count()).filter(|page| !seen.contains(page));
        leaves.extend(lost.filter_map(|page| Some((page, owner(pages, page, tables)?))));
    }
    leaves.sort_by_key(|(page, _)| (std::cmp::Reverse(pages.age(*page)), *page));
    Found { leaves, bad_pages }
}

/// The pages of a tree that can hold rows. A page that can't be of the tree is left for another:
/// a number that leads to it is damaged.
fn walk(
    pages: &Pages,
    root: u32,
    seen: &mut BTreeSet<u32>,
    bad: &mut u64,
    owns: impl Fn(&Node) -> bool,
) -> Vec<u32> {
    let mut with_rows = Vec::new();
    let mut to_see = vec![root];
    while let Some(page) = to_see.pop() {
        if !seen.insert(page) {
            *bad += 1;
            continue;
        }
        let Some(node) = pages.node(page).filter(&owns) else {
            seen.remove(&page);
            *bad += 1;
            continue;
        };
        *bad += u64::from(node.bad_cells > 0);
        to_see.extend(node.children());
        if node.kind != Kind::TableInner {
            with_rows.push(page);
        }
    }
    with_rows
}

/// The only table that all rows of a page can be of.
fn owner(pages: &Pages, page: u32, tables: &[Table]) -> Option<usize> {
    let node: Node = pages.node(page)?;
    let records: Vec<Record> = pages.records(&node).flatten().collect();
    if records.is_empty() {
        return None;
    }
    let mut fitting = (0..tables.len()).filter(|nth| {
        tables.get(*nth).is_some_and(|table| {
            let is_index = matches!(node.kind, Kind::IndexLeaf | Kind::IndexInner);
            table.is_without_rowid == is_index
                && records.iter().all(|record| table.is_surely(record))
        })
    });
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Why a row is not in the new journal.
enum Refused {
    /// It is damaged.
    ByTable,
    /// Nothing can be written.
    ByDisk(rusqlite::Error),
}

/// Puts a row in; `false`: a newer one of its name is there already.
fn put(db: &Connection, table: &Table, record: Record) -> Result<bool, Refused> {
    if !table.fits(&record) || !is_sound(table, &record) {
        return Err(Refused::ByTable);
    }
    let done = db.prepare_cached(&table.insert).and_then(|mut insert| {
        // Columns that the record does not have yet get their usual value.
        let missing = table.columns.len() - record.values.len();
        if missing > 0 {
            let insert = table.insert_of(record.values.len());
            return db.prepare_cached(&insert)?.execute(params_from_iter(table.row(record)));
        }
        insert.execute(params_from_iter(table.row(record)))
    });
    match done {
        Ok(changed) => Ok(changed > 0),
        Err(error) => match error.sqlite_error_code() {
            Some(
                rusqlite::ErrorCode::DiskFull
                | rusqlite::ErrorCode::SystemIoFailure
                | rusqlite::ErrorCode::ReadOnly
                | rusqlite::ErrorCode::CannotOpen,
            ) => Err(Refused::ByDisk(error)),
            _ => Err(Refused::ByTable),
        },
    }
}

/// Whether a stored text is the one that was stored.
fn is_sound(table: &Table, record: &Record) -> bool {
    /// The largest text that is unpacked, in bytes.
    const LARGEST: usize = 1 << 30;
    let (hash, size, data) = match (table.name.as_str(), record.values.as_slice()) {
        ("bodies", [_, Value::Blob(hash), Value::Integer(size), Value::Blob(data), ..]) => {
            (Some(hash), *size, data)
        }
        ("texts", [_, Value::Integer(size), Value::Blob(data), ..]) => (None, *size, data),
        ("bodies" | "texts", _) => return false,
        _ => return true,
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > LARGEST {
        return false;
    }
    let is_packed = hash.is_some() || pack::is_packed(data);
    let unpacked = match is_packed {
        true => zstd::bulk::decompress(data, size).ok(),
        false => Some(data.clone()),
    };
    unpacked.is_some_and(|bytes| {
        bytes.len() == size && hash.is_none_or(|hash| blake3::hash(&bytes).as_bytes() == &hash[..])
    })
}

impl Table {
    /// Whether a record can be a row of this table.
    fn fits(&self, record: &Record) -> bool {
        let count = record.values.len();
        let fits = |(column, value): (&Column, &Value)| match column.is_rowid(self) {
            true => *value == Value::Null,
            false => column.fits(value),
        };
        (self.fewest..=self.columns.len()).contains(&count)
            && self.columns.iter().zip(&record.values).all(fits)
    }

    /// Whether a record that no tree leads to is one of this table and of no index.
    fn is_surely(&self, record: &Record) -> bool {
        /// Times are later than this (in 1973), and rows' numbers in an index are smaller.
        const EARLIEST_MS: i64 = 100_000_000_000;
        let mut times =
            self.columns.iter().zip(&record.values).filter_map(|(column, value)| match value {
                Value::Integer(ms) if column.name.ends_with("_ms") => Some(*ms),
                _ => None,
            });
        self.fits(record) && times.all(|ms| ms > EARLIEST_MS)
    }

    /// Whether a page of a tree that should be this table's is.
    fn owns(&self, pages: &Pages, node: &Node) -> bool {
        let is_index = matches!(node.kind, Kind::IndexLeaf | Kind::IndexInner);
        let (mut fitting, mut others) = (0, 0);
        for record in pages.records(node).flatten() {
            match self.fits(&record) {
                true => fitting += 1,
                false => others += 1,
            }
        }
        is_index == self.is_without_rowid && (fitting > 0 || others == 0)
    }

    /// A record's values, with the row's number where the table keeps it.
    fn row(&self, record: Record) -> Vec<Value> {
        let rowid = record.rowid;
        let values = record.values.into_iter().zip(&self.columns);
        values
            .map(|(value, column)| match column.is_rowid(self) {
                true => Value::Integer(rowid),
                false => value,
            })
            .collect()
    }

    fn insert_of(&self, count: usize) -> String {
        let names: Vec<&str> =
            self.columns.iter().take(count).map(|column| column.name.as_str()).collect();
        let marks = vec!["?"; names.len()].join(", ");
        format!("INSERT OR IGNORE INTO {} ({}) VALUES ({marks})", self.name, names.join(", "))
    }
}

impl Column {
    fn is_rowid(&self, table: &Table) -> bool {
        self.is_key && self.kind == "INTEGER" && !table.is_without_rowid
    }

    fn fits(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.is_nullable,
            Value::Integer(_) => matches!(self.kind.as_str(), "INTEGER" | "REAL"),
            Value::Real(_) => self.kind == "REAL",
            Value::Text(_) => self.kind == "TEXT",
            Value::Blob(_) => self.kind == "BLOB",
        }
    }
}

/// The tables of a journal, their columns in the order of stored records.
fn tables(db: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut query = db.prepare(
        "SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
         AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    let named = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let named: Vec<(String, bool)> = named.collect::<Result<_, _>>()?;
    named.into_iter().map(|(name, is_without_rowid)| table(db, name, is_without_rowid)).collect()
}

fn table(db: &Connection, name: String, is_without_rowid: bool) -> rusqlite::Result<Table> {
    let mut query = db.prepare(
        "SELECT name, type, \"notnull\", dflt_value IS NOT NULL, pk FROM pragma_table_info(?1) \
         ORDER BY cid",
    )?;
    let columns = query.query_map([&name], |row| {
        let key: i64 = row.get(4)?;
        let is_nullable = !row.get::<_, bool>(2)?;
        let (name, kind, has_default) = (row.get(0)?, row.get(1)?, row.get(3)?);
        Ok((key, Column { name, kind, is_key: key > 0, is_nullable, has_default }))
    })?;
    let mut columns: Vec<(i64, Column)> = columns.collect::<Result<_, _>>()?;
    if is_without_rowid {
        // Such a table's record begins with its key.
        columns.sort_by_key(|(key, _)| if *key > 0 { *key } else { i64::MAX });
        for (_, column) in columns.iter_mut().filter(|(key, _)| *key > 0) {
            column.is_nullable = false;
        }
    } else {
        // The row's number lies outside the record.
        for (_, column) in columns.iter_mut().filter(|(key, _)| *key > 0) {
            column.is_nullable = true;
        }
    }
    let columns: Vec<Column> = columns.into_iter().map(|(_, column)| column).collect();
    let later = columns.iter().rev().take_while(|column| column.has_default || column.is_nullable);
    let fewest = columns.len() - later.count().min(columns.len().saturating_sub(2));
    let mut table = Table { name, columns, fewest, is_without_rowid, insert: String::new() };
    table.insert = table.insert_of(table.columns.len());
    Ok(table)
}

/// The name of a file with an ending added.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Removes a journal that nobody has opened, with its logs; none is no error.
pub(super) fn remove_journal(path: &Path) -> Result<(), StoreError> {
    for path in [path.to_owned(), log_of(path), beside(path, "-shm"), beside(path, "-journal")] {
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(StoreError::io("remove", &path, error)),
        }
    }
    Ok(())
}
