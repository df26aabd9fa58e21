//! Reads a journal's file page by page, without SQLite, which gives up at the first bad page.
//!
//! Only for salvage. Whatever the bytes are, it neither panics nor loops: every number that comes
//! from the file is checked before it is used. The layout is SQLite's “Database File Format” and
//! “WAL-mode File Format” (sqlite.org/fileformat2.html).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::types::Value;

use crate::store::unpoisoned;

/// The largest payload of one cell, in bytes: more is damage, not data.
const LARGEST_PAYLOAD: u64 = 1 << 30;

/// More columns than any table has: a header of zeros would else fill the memory.
const MOST_COLUMNS: usize = 100;

/// A database's pages as its last commit left them: the file, with the write-ahead log over it.
pub(super) struct Pages {
    file: Mutex<File>,
    log: Option<Mutex<File>>,
    size: usize,
    /// Bytes of a page that hold content.
    usable: usize,
    count: u32,
    /// Page → where its newest committed content begins in the log.
    newer: BTreeMap<u32, u64>,
}

/// What a page of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    TableLeaf,
    TableInner,
    IndexLeaf,
    IndexInner,
}

/// A page of a tree, taken apart.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Where each cell begins.
    cells: Vec<usize>,
    /// Cells that begin outside the page.
    pub(super) bad_cells: u64,
    /// The last child of an inner page.
    last_child: u32,
    bytes: Vec<u8>,
}

/// One row as it lies in a page.
pub(super) struct Record {
    /// Its number; 0 in an index.
    pub(super) rowid: i64,
    /// Its columns, as stored.
    pub(super) values: Vec<Value>,
    /// Pages that hold the rest of it.
    pub(super) overflow: Vec<u32>,
}

impl Pages {
    /// Opens the file and the log beside it.
    pub(super) fn open(path: &Path, usual_size: usize) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        let mut header = [0_u8; 100];
        let has_header = file.read_exact(&mut header).is_ok() && header.starts_with(MAGIC);
        let mut log = File::open(log_of(path)).ok();
        let log_header = log.as_mut().and_then(LogHeader::read);
        let said = has_header.then(|| page_size(u32::from(word16(&header, 16)))).flatten();
        let size = said.or(log_header.as_ref().and_then(|log| log.page_size)).unwrap_or(usual_size);
        // Preamble reserves nothing at a page's end.
        let length = file.seek(SeekFrom::End(0))?;
        let mut count = u32::try_from(length / size as u64).unwrap_or(u32::MAX);
        let mut newer = BTreeMap::new();
        if let (Some(log), Some(header)) = (&mut log, &log_header) {
            newer = header.frames(log, size).unwrap_or_default();
        }
        if let Some((&last, _)) = newer.last_key_value() {
            count = count.max(last);
        }
        let log = log.map(Mutex::new);
        Ok(Self { file: Mutex::new(file), log, size, usable: size, count, newer })
    }

    /// How many pages there are; they are numbered from 1.
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// How new a page's content is: 0 in the file, else its place in the log.
    pub(super) fn age(&self, page: u32) -> u64 {
        self.newer.get(&page).copied().unwrap_or_default()
    }

    /// A page's bytes; `None` where it can't be read in full.
    pub(super) fn page(&self, number: u32) -> Option<Vec<u8>> {
        if number == 0 || number > self.count {
            return None;
        }
        let (file, at) = match (self.newer.get(&number), &self.log) {
            (Some(at), Some(log)) => (log, *at),
            _ => (&self.file, u64::from(number - 1) * self.size as u64),
        };
        let mut file = unpoisoned(file);
        let mut bytes = vec![0; self.size];
        file.seek(SeekFrom::Start(at)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// A page as part of a tree; `None` where it is none, or is damaged.
    pub(super) fn node(&self, number: u32) -> Option<Node> {
        let bytes = self.page(number)?;
        let at = if number == 1 { 100 } else { 0 };
        let kind = match bytes.get(at)? {
            0x0d => Kind::TableLeaf,
            0x05 => Kind::TableInner,
            0x0a => Kind::IndexLeaf,
            0x02 => Kind::IndexInner,
            _ => return None,
        };
        let is_inner = matches!(kind, Kind::TableInner | Kind::IndexInner);
        let array = at + if is_inner { 12 } else { 8 };
        let count = usize::from(word16(&bytes, at + 3));
        let end = array + 2 * count;
        if end > self.usable {
            return None;
        }
        let last_child = if is_inner { word32(&bytes, at + 8) } else { 0 };
        let places = (0..count).map(|nth| usize::from(word16(&bytes, array + 2 * nth)));
        let (mut cells, mut bad_cells) = (Vec::with_capacity(count), 0);
        for place in places {
            if (end..self.usable).contains(&place) {
                cells.push(place);
            } else {
                bad_cells += 1;
            }
        }
        Some(Node { kind, cells, bad_cells, last_child, bytes })
    }

    /// The rows on a page; `None` for each that can't be read.
    pub(super) fn records<'a>(
        &'a self,
        node: &'a Node,
    ) -> impl Iterator<Item = Option<Record>> + 'a {
        let has_records = node.kind != Kind::TableInner;
        let cells: &[usize] = if has_records { &node.cells } else { &[] };
        cells.iter().map(|place| self.record(node, *place))
    }

    fn record(&self, node: &Node, place: usize) -> Option<Record> {
        let mut at = place;
        if node.kind == Kind::IndexInner {
            at += 4;
        }
        let length = varint(&node.bytes, &mut at)?;
        let rowid = match node.kind {
            Kind::TableLeaf => varint(&node.bytes, &mut at)? as i64,
            _ => 0,
        };
        let (payload, overflow) = self.payload(node, at, length)?;
        let values = values(&payload)?;
        Some(Record { rowid, values, overflow })
    }

    /// A cell's payload, put together from the page and those that hold the rest.
    fn payload(&self, node: &Node, at: usize, length: u64) -> Option<(Vec<u8>, Vec<u32>)> {
        let limit = LARGEST_PAYLOAD.min(u64::from(self.count) * self.size as u64);
        if length > limit {
            return None;
        }
        let (length, usable) = (length as usize, self.usable);
        let least = (usable - 12) * 32 / 255 - 23;
        let most = match node.kind {
            Kind::TableLeaf => usable - 35,
            _ => (usable - 12) * 64 / 255 - 23,
        };
        if length <= most {
            return Some((node.bytes.get(at..at + length)?.to_vec(), Vec::new()));
        }
        let kept = least + (length - least) % (usable - 4);
        let here = if kept <= most { kept } else { least };
        let mut payload = node.bytes.get(at..at + here)?.to_vec();
        let mut next = word32(node.bytes.get(at + here..at + here + 4)?, 0);
        let mut overflow = Vec::new();
        while payload.len() < length {
            // Each page adds bytes, so that a ring of pages ends, too.
            let page = self.page(next)?;
            overflow.push(next);
            let wanted = (length - payload.len()).min(usable - 4);
            payload.extend_from_slice(page.get(4..4 + wanted)?);
            next = word32(&page, 0);
        }
        // The last one has no next: another number means that the chain is not this cell's.
        (next == 0).then_some((payload, overflow))
    }

    /// Pages that hold nothing now; what they held before must not come back.
    pub(super) fn free(&self) -> Vec<u32> {
        let mut free = Vec::new();
        let Some(first) = self.page(1) else { return free };
        if !first.starts_with(MAGIC) {
            return free;
        }
        let mut trunk = word32(&first, 32);
        let mut seen = std::collections::BTreeSet::new();
        while let Some(bytes) = self.page(trunk) {
            if !seen.insert(trunk) {
                break;
            }
            free.push(trunk);
            let leaves = (word32(&bytes, 4) as usize).min(self.usable / 4 - 2);
            free.extend((0..leaves).map(|nth| word32(&bytes, 8 + 4 * nth)));
            trunk = word32(&bytes, 0);
        }
        free
    }

    /// `application_id` and `user_version`; `None` where the first page does not say.
    pub(super) fn ids(&self) -> Option<(i64, i64)> {
        let first = self.page(1)?;
        let number = |at| i64::from(word32(&first, at).cast_signed());
        first.starts_with(MAGIC).then(|| (number(68), number(60)))
    }
}

impl Node {
    /// The pages below an inner page.
    pub(super) fn children(&self) -> Vec<u32> {
        if !matches!(self.kind, Kind::TableInner | Kind::IndexInner) {
            return Vec::new();
        }
        let cells = self.cells.iter().map(|place| word32(&self.bytes, *place));
        cells.chain([self.last_child]).collect()
    }
}

const MAGIC: &[u8] = b"SQLite format 3\0";

/// The write-ahead log of a database.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

fn page_size(number: u32) -> Option<usize> {
    let size = if number == 1 { 65_536 } else { number };
    (size.is_power_of_two() && (512..=65_536).contains(&size)).then_some(size as usize)
}

/// The first bytes of a log; whatever of them is damaged is found out from the frames.
struct LogHeader {
    is_sound: bool,
    is_big: bool,
    page_size: Option<usize>,
    salt: [u8; 8],
    sum: (u32, u32),
}

impl LogHeader {
    const SIZE: u64 = 32;

    fn read(log: &mut File) -> Option<Self> {
        let mut bytes = [0_u8; 32];
        log.seek(SeekFrom::Start(0)).ok()?;
        log.read_exact(&mut bytes).ok()?;
        let magic = word32(&bytes, 0);
        let is_big = magic == 0x377f_0683;
        let sum = (word32(&bytes, 24), word32(&bytes, 28));
        let is_sound = is_big || magic == 0x377f_0682;
        let is_sound = is_sound && checksum(is_big, (0, 0), &bytes[..24]) == sum;
        let mut salt = [0; 8];
        salt.copy_from_slice(&bytes[16..24]);
        Some(Self { is_sound, is_big, page_size: page_size(word32(&bytes, 8)), salt, sum })
    }

    /// Page → its newest committed content. A damaged frame costs its page only: each frame's
    /// checksum goes on from the one before, which is stored there.
    fn frames(&self, log: &mut File, size: usize) -> Option<BTreeMap<u32, u64>> {
        let frame = 24 + size as u64;
        let length = log.seek(SeekFrom::End(0)).ok()?;
        let count = length.saturating_sub(Self::SIZE) / frame;
        let (mut committed, mut open) = (BTreeMap::new(), Vec::new());
        let mut salt = self.salt;
        let mut seeds = vec![self.sum];
        let mut bytes = vec![0_u8; frame as usize];
        for nth in 0..count {
            let at = Self::SIZE + nth * frame;
            log.seek(SeekFrom::Start(at)).ok()?;
            log.read_exact(&mut bytes).ok()?;
            if nth == 0 && !self.is_sound {
                salt.copy_from_slice(&bytes[8..16]);
            }
            let stored = (word32(&bytes, 16), word32(&bytes, 20));
            let sum_from = |is_big, seed| {
                let sum = checksum(is_big, seed, &bytes[..8]);
                checksum(is_big, sum, &bytes[24..])
            };
            // Which end of the words comes first is in the header only.
            let orders: &[bool] = if self.is_sound { &[self.is_big] } else { &[false, true] };
            let sums: Vec<(u32, u32)> = orders
                .iter()
                .flat_map(|is_big| seeds.iter().map(|seed| sum_from(*is_big, *seed)))
                .collect();
            let is_sound = bytes[8..16] == salt && sums.contains(&stored);
            let (page, of_commit) = (word32(&bytes, 0), word32(&bytes, 4));
            // After a bad frame either its checksum or its bytes may be what is damaged.
            seeds = if is_sound { Vec::new() } else { sums };
            seeds.truncate(4);
            seeds.push(stored);
            if bytes[8..16] != salt {
                // What follows was written before the log began anew.
                if self.is_sound && is_old(&bytes, salt) {
                    break;
                }
                continue;
            }
            if is_sound && page != 0 {
                open.push((page, at + 24));
                if of_commit != 0 {
                    committed.extend(open.drain(..));
                }
            }
        }
        Some(committed)
    }
}

/// Whether a frame is of an earlier round of the log: its first salt is lower by a few.
fn is_old(frame: &[u8], salt: [u8; 8]) -> bool {
    let behind = word32(&salt, 0).wrapping_sub(word32(frame, 8));
    (1..1 << 20).contains(&behind)
}

fn checksum(is_big: bool, (mut one, mut two): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let word = |bytes: &[u8]| match (bytes.first_chunk::<4>(), is_big) {
        (Some(word), true) => u32::from_be_bytes(*word),
        (Some(word), false) => u32::from_le_bytes(*word),
        (None, _) => 0,
    };
    for pair in bytes.chunks_exact(8) {
        one = one.wrapping_add(word(pair)).wrapping_add(two);
        two = two.wrapping_add(word(&pair[4..])).wrapping_add(one);
    }
    (one, two)
}

/// A record's columns; `None` unless its header and its content fit together to the byte.
fn values(payload: &[u8]) -> Option<Vec<Value>> {
    let mut at = 0;
    let header = usize::try_from(varint(payload, &mut at)?).ok()?;
    if header > payload.len() {
        return None;
    }
    let mut values = Vec::new();
    let mut place = header;
    while at < header {
        if values.len() == MOST_COLUMNS {
            return None;
        }
        let kind = varint(payload, &mut at)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            longer => (longer - 12) / 2,
        };
        let end = place.checked_add(usize::try_from(length).ok()?)?;
        let bytes = payload.get(place..end)?;
        place = end;
        values.push(match kind {
            0 => Value::Null,
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(integer(bytes)),
            7 => Value::Real(f64::from_bits(integer(bytes).cast_unsigned())),
            blob if blob % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(std::str::from_utf8(bytes).ok()?.to_owned()),
        });
    }
    (at == header && place == payload.len()).then_some(values)
}

fn integer(bytes: &[u8]) -> i64 {
    let is_negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let begin = if is_negative { -1 } else { 0 };
    bytes.iter().fold(begin, |number, byte| (number << 8) | i64::from(*byte))
}

/// SQLite's number of 1 to 9 bytes.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut number = 0_u64;
    for nth in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if nth == 8 {
            return Some((number << 8) | u64::from(byte));
        }
        number = (number << 7) | u64::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn word16(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
}

fn word32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(|bytes| bytes.first_chunk::<4>())
        .map_or(0, |word| u32::from_be_bytes(*word))
}
