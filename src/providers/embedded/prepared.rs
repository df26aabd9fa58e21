//! Keeps requantised weights in a file, so that the second load of a model is fast.
//!
//! The invariant: a prepared file is only a cache. It names the source by its BLAKE3 sum, carries
//! a sum of itself, appears by an atomic rename, and whatever is wrong with it means "make it
//! again", never an error.
//!
//! Layout: magic (16 bytes), source sum (32), payload sum (32), index length (u32, little-endian),
//! index (JSON), payload. All weights in it are `Q8_0`.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use candle_core::{
    Device,
    quantized::{GgmlDType, QTensor, ggml_file::qtensor_from_ggml},
};
use serde::{Deserialize, Serialize};

use super::error::EmbeddedError;

/// Ends in the version; raise it whenever the preparation changes.
const MAGIC: &[u8; 16] = b"preamble-q8-0001";
const MAX_INDEX_BYTES: u32 = 1 << 20;
/// Bytes of a block of 32 weights: a half-precision scale and 32 bytes.
const BLOCK: (usize, usize) = (32, 34);

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    name: String,
    rows: usize,
    columns: usize,
}

impl Entry {
    fn n_bytes(&self) -> Option<usize> {
        self.rows.checked_mul(self.columns).map(|elements| elements / BLOCK.0 * BLOCK.1)
    }
}

/// Where the prepared weights of one source file are kept.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    source: blake3::Hash,
}

impl Place {
    /// Names the place for the model at `source` by summing that file.
    pub(super) fn of(folder: &Path, source: &Path) -> Result<Self, EmbeddedError> {
        let read = |error| EmbeddedError::Read { path: source.to_owned(), source: error };
        let mut hasher = blake3::Hasher::new();
        let mut file = File::open(source).map_err(read)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            let n = file.read(&mut buffer).map_err(read)?;
            if n == 0 {
                break;
            }
            hasher.update(&buffer[..n]);
        }
        let source = hasher.finalize();
        let name = format!("{}.weights", &source.to_hex()[..32]);
        Ok(Self { path: folder.join(name), source })
    }

    /// Reads the weights, if all `count` are there in the shape that `expected` gives by name.
    pub(super) fn read(
        &self,
        count: usize,
        expected: impl Fn(&str) -> Option<(usize, usize)>,
    ) -> Option<BTreeMap<String, Arc<QTensor>>> {
        let mut file = File::open(&self.path).ok()?;
        let left = file.metadata().ok()?.len();
        let mut head = [0; 16 + 32 + 32 + 4];
        file.read_exact(&mut head).ok()?;
        let (magic, rest) = head.split_at(16);
        let (source, rest) = rest.split_at(32);
        let (sum, index_len) = rest.split_at(32);
        let index_len = u32::from_le_bytes(index_len.try_into().ok()?);
        if magic != MAGIC || source != self.source.as_bytes() || index_len > MAX_INDEX_BYTES {
            return None;
        }
        let mut index = vec![0; index_len as usize];
        file.read_exact(&mut index).ok()?;
        let entries: Vec<Entry> = serde_json::from_slice(&index).ok()?;
        let right = |entry: &Entry| expected(&entry.name) == Some((entry.rows, entry.columns));
        if entries.len() != count || !entries.iter().all(right) {
            return None;
        }
        let total =
            entries.iter().try_fold(0usize, |total, entry| total.checked_add(entry.n_bytes()?))?;
        if left != (head.len() + index.len() + total) as u64 {
            return None;
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&index);
        let mut weights = BTreeMap::new();
        for entry in entries {
            let mut bytes = vec![0; entry.n_bytes()?];
            file.read_exact(&mut bytes).ok()?;
            hasher.update(&bytes);
            let dims = vec![entry.rows, entry.columns];
            let weight = qtensor_from_ggml(GgmlDType::Q8_0, &bytes, dims, &Device::Cpu).ok()?;
            weights.insert(entry.name, Arc::new(weight));
        }
        (hasher.finalize().as_bytes() == sum && weights.len() == count).then_some(weights)
    }

    /// Writes the weights, atomically.
    pub(super) fn write(
        &self,
        weights: &BTreeMap<String, Arc<QTensor>>,
    ) -> Result<(), EmbeddedError> {
        let failed = |source| EmbeddedError::Read { path: self.path.clone(), source };
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut entries = Vec::new();
        for (name, weight) in weights {
            let (rows, columns) = weight.shape().dims2()?;
            entries.push(Entry { name: name.clone(), rows, columns });
        }
        let index = serde_json::to_vec(&entries)
            .map_err(|error| EmbeddedError::Compute { reason: error.to_string() })?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(&index);
        for weight in weights.values() {
            hasher.update(&weight.data()?);
        }
        let temporary = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        {
            let mut file = BufWriter::with_capacity(1 << 20, temporary.as_file());
            let mut put = |bytes: &[u8]| file.write_all(bytes).map_err(failed);
            put(MAGIC)?;
            put(self.source.as_bytes())?;
            put(hasher.finalize().as_bytes())?;
            put(&(index.len() as u32).to_le_bytes())?;
            put(&index)?;
            for weight in weights.values() {
                put(&weight.data()?)?;
            }
            file.flush().map_err(failed)?;
        }
        temporary.as_file().sync_all().map_err(failed)?;
        temporary.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}
