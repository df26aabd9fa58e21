//! Reads the header of a GGUF file as untrusted input.
//!
//! Every count, length and offset is checked against the file's size *before* anything is
//! allocated or handed to the tensor library, so that a damaged or hostile file gives an error and
//! never a panic or a huge allocation. Start at [`Gguf::open`].
//!
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>, versions 2 and 3.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use candle_core::quantized::GgmlDType;

use super::error::EmbeddedError;

/// Caps far above any known model and far below what would hurt (chosen by eye).
const MAX_ENTRIES: u64 = 65_536;
const MAX_STRING_BYTES: u64 = 4 << 20;
const MAX_ARRAY_LEN: u64 = 4 << 20;
const MAX_HEADER_BYTES: u64 = 256 << 20;
const MAX_TENSOR_ELEMENTS: u64 = 1 << 36;

/// One metadata value; numbers are widened, arrays of arrays are refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Any unsigned integer or Boolean.
    Unsigned(u64),
    /// Any signed integer.
    Signed(i64),
    /// Either float width.
    Float(f64),
    /// A string; invalid UTF-8 is replaced.
    Text(String),
    /// An array of strings, in file order.
    Texts(Vec<String>),
    /// An array of integers or Booleans, in file order.
    Integers(Vec<i64>),
    /// An array of floats, in file order.
    Floats(Vec<f64>),
}

/// Where one tensor lies in the file; all bounds have been checked.
#[derive(Debug, Clone)]
pub(super) struct TensorInfo {
    /// Outermost first; one or two dimensions, none of them zero.
    pub(super) dims: Vec<usize>,
    /// How the elements are stored.
    pub(super) dtype: GgmlDType,
    /// First byte, counted from the start of the file.
    start: u64,
    /// Bytes.
    pub(super) n_bytes: usize,
}

/// The parsed header of a GGUF file, with the file kept open for its tensors.
#[derive(Debug)]
pub(super) struct Gguf {
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, TensorInfo>,
    file: File,
}

impl Gguf {
    /// Parses the header of the file at `path`.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::Read`] if the file cannot be opened; [`EmbeddedError::Damaged`] if any
    /// count, length or offset is impossible; [`EmbeddedError::Unsupported`] for tensor types
    /// without code here.
    pub(super) fn open(path: &Path) -> Result<Self, EmbeddedError> {
        let read = |source| EmbeddedError::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(read)?;
        let metadata = file.metadata().map_err(read)?;
        if !metadata.is_file() {
            return Err(EmbeddedError::damaged("this is not a regular file"));
        }
        let file_len = metadata.len();
        let header = file.try_clone().map_err(read)?;
        let mut reader = Header {
            reader: BufReader::with_capacity(1 << 16, header),
            left: file_len.min(MAX_HEADER_BYTES),
            at: 0,
        };
        reader.reader.seek(SeekFrom::Start(0)).map_err(read)?;
        let (metadata, tensors) = reader.parse(file_len)?;
        Ok(Self { metadata, tensors, file })
    }

    /// Gives the string at `key`.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Gives the strings at `key`, in file order.
    pub(super) fn texts(&self, key: &str) -> Option<&[String]> {
        match self.metadata.get(key) {
            Some(Value::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// Gives the integers at `key`, in file order.
    pub(super) fn integers(&self, key: &str) -> Option<&[i64]> {
        match self.metadata.get(key) {
            Some(Value::Integers(values)) => Some(values),
            _ => None,
        }
    }

    /// Gives the non-negative integer at `key`, if it fits a `usize`.
    pub(super) fn integer(&self, key: &str) -> Option<usize> {
        match self.metadata.get(key) {
            Some(Value::Unsigned(value)) => usize::try_from(*value).ok(),
            Some(Value::Signed(value)) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    /// Gives the finite number at `key`.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        match self.metadata.get(key) {
            Some(Value::Float(value)) if value.is_finite() => Some(*value),
            Some(Value::Unsigned(value)) => Some(*value as f64),
            _ => None,
        }
    }

    /// Says where the tensor `name` lies.
    pub(super) fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.get(name)
    }

    /// Reads the bytes of a tensor of this file.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::Damaged`] if the file has become shorter since it was opened.
    pub(super) fn bytes(&self, info: &TensorInfo) -> Result<Vec<u8>, EmbeddedError> {
        let cut = |error: std::io::Error| {
            EmbeddedError::damaged(format!("the tensor data could not be read: {error}"))
        };
        let mut bytes = vec![0; info.n_bytes];
        #[cfg(unix)]
        {
            use std::os::unix::fs::FileExt as _;
            self.file.read_exact_at(&mut bytes, info.start).map_err(cut)?;
        }
        #[cfg(not(unix))]
        {
            static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
            let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut file = &self.file;
            file.seek(SeekFrom::Start(info.start)).map_err(cut)?;
            file.read_exact(&mut bytes).map_err(cut)?;
        }
        Ok(bytes)
    }
}

/// The header's bytes with the number that are left, so that no read can pass the end.
struct Header {
    reader: BufReader<File>,
    left: u64,
    at: u64,
}

type Entries = (BTreeMap<String, Value>, BTreeMap<String, TensorInfo>);

impl Header {
    fn parse(&mut self, file_len: u64) -> Result<Entries, EmbeddedError> {
        if self.array::<4>()? != *b"GGUF" {
            return Err(EmbeddedError::damaged("it does not begin with the letters GGUF"));
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(EmbeddedError::unsupported(format!(
                "GGUF version {version}; versions 2 and 3 are supported"
            )));
        }
        let n_tensors = self.count("tensors", MAX_ENTRIES, 8 + 4 + 8 + 4 + 8)?;
        let n_values = self.count("metadata values", MAX_ENTRIES, 8 + 4 + 1)?;
        let mut metadata = BTreeMap::new();
        for _ in 0..n_values {
            let key = self.string()?;
            let kind = self.u32()?;
            let value = self.value(kind)?;
            if metadata.insert(key.clone(), value).is_some() {
                return Err(EmbeddedError::damaged(format!("the key {key:?} occurs twice")));
            }
        }
        let mut raw = Vec::new();
        for _ in 0..n_tensors {
            raw.push(self.raw_tensor()?);
        }
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(Value::Unsigned(value)) if value.is_power_of_two() && *value <= 65_536 => *value,
            Some(_) => return Err(EmbeddedError::damaged("the alignment is impossible")),
        };
        let data_start = self.at.next_multiple_of(alignment);
        let mut tensors = BTreeMap::new();
        for tensor in raw {
            let (name, info) = tensor.placed(data_start, alignment, file_len)?;
            if tensors.insert(name.clone(), info).is_some() {
                return Err(EmbeddedError::damaged(format!("the tensor {name:?} occurs twice")));
            }
        }
        Ok((metadata, tensors))
    }

    fn need(&mut self, n: u64) -> Result<(), EmbeddedError> {
        if n > self.left {
            return Err(EmbeddedError::damaged(format!(
                "at byte {} it promises {n} bytes more, but only {} are there",
                self.at, self.left
            )));
        }
        self.left -= n;
        self.at += n;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], EmbeddedError> {
        self.need(N as u64)?;
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EmbeddedError> {
        self.reader
            .read_exact(bytes)
            .map_err(|error| EmbeddedError::damaged(format!("it could not be read: {error}")))
    }

    fn u32(&mut self) -> Result<u32, EmbeddedError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, EmbeddedError> {
        self.array().map(u64::from_le_bytes)
    }

    /// Reads a count and checks that as many entries of at least `min_bytes` can follow.
    fn count(&mut self, of: &str, cap: u64, min_bytes: u64) -> Result<u64, EmbeddedError> {
        let count = self.u64()?;
        if count > cap || count.saturating_mul(min_bytes) > self.left {
            return Err(EmbeddedError::damaged(format!("it promises {count} {of}")));
        }
        Ok(count)
    }

    fn string(&mut self) -> Result<String, EmbeddedError> {
        let len = self.count("bytes of text", MAX_STRING_BYTES, 1)?;
        self.need(len)?;
        let mut bytes = vec![0; len as usize];
        self.fill(&mut bytes)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }

    fn value(&mut self, kind: u32) -> Result<Value, EmbeddedError> {
        Ok(match kind {
            6 => Value::Float(f64::from(f32::from_le_bytes(self.array()?))),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            8 => Value::Text(self.string()?),
            9 => {
                let kind = self.u32()?;
                let min_bytes = match kind {
                    0 | 1 | 7 => 1,
                    2 | 3 => 2,
                    4..=6 => 4,
                    8 | 10..=12 => 8,
                    _ => {
                        return Err(EmbeddedError::damaged(format!(
                            "it holds an array of the unknown type {kind}"
                        )));
                    }
                };
                let len = self.count("array elements", MAX_ARRAY_LEN, min_bytes)?;
                self.values(kind, len)?
            }
            1 | 3 | 5 | 11 => Value::Signed(self.integer(kind)?),
            10 => Value::Unsigned(self.u64()?),
            _ => Value::Unsigned(self.integer(kind)?.unsigned_abs()),
        })
    }

    fn values(&mut self, kind: u32, len: u64) -> Result<Value, EmbeddedError> {
        Ok(match kind {
            8 => Value::Texts((0..len).map(|_| self.string()).collect::<Result<_, _>>()?),
            6 => Value::Floats(
                (0..len)
                    .map(|_| Ok(f64::from(f32::from_le_bytes(self.array()?))))
                    .collect::<Result<_, EmbeddedError>>()?,
            ),
            12 => Value::Floats(
                (0..len).map(|_| self.array().map(f64::from_le_bytes)).collect::<Result<_, _>>()?,
            ),
            _ => Value::Integers((0..len).map(|_| self.integer(kind)).collect::<Result<_, _>>()?),
        })
    }

    fn integer(&mut self, kind: u32) -> Result<i64, EmbeddedError> {
        Ok(match kind {
            0 => i64::from(self.array::<1>()?[0]),
            1 => i64::from(i8::from_le_bytes(self.array()?)),
            2 => i64::from(u16::from_le_bytes(self.array()?)),
            3 => i64::from(i16::from_le_bytes(self.array()?)),
            4 => i64::from(self.u32()?),
            5 => i64::from(i32::from_le_bytes(self.array()?)),
            7 => match self.array()? {
                [flag @ 0..=1] => i64::from(flag),
                _ => return Err(EmbeddedError::damaged("a Boolean is neither 0 nor 1")),
            },
            10 => i64::try_from(self.u64()?)
                .map_err(|_over| EmbeddedError::damaged("a number is too large"))?,
            11 => i64::from_le_bytes(self.array()?),
            _ => {
                return Err(EmbeddedError::damaged(format!(
                    "it holds a value of the unknown type {kind}"
                )));
            }
        })
    }

    fn raw_tensor(&mut self) -> Result<RawTensor, EmbeddedError> {
        let name = self.string()?;
        let n_dims = self.u32()?;
        if !(1..=4).contains(&n_dims) {
            return Err(EmbeddedError::damaged(format!("{name:?} has {n_dims} dimensions")));
        }
        let mut dims = Vec::new();
        for _ in 0..n_dims {
            dims.push(self.u64()?);
        }
        Ok(RawTensor { name, dims, kind: self.u32()?, offset: self.u64()? })
    }
}

/// A tensor's entry as it stands in the file, innermost dimension first.
struct RawTensor {
    name: String,
    dims: Vec<u64>,
    kind: u32,
    offset: u64,
}

impl RawTensor {
    fn placed(
        self,
        data_start: u64,
        alignment: u64,
        file_len: u64,
    ) -> Result<(String, TensorInfo), EmbeddedError> {
        let Self { name, dims, kind, offset } = self;
        let impossible =
            |what: &str| EmbeddedError::damaged(format!("the tensor {name:?} has {what}"));
        let dtype = tensor_type(kind).ok_or_else(|| {
            EmbeddedError::unsupported(format!(
                "the tensor {name:?} is stored as type {kind}; supported are F32, F16, BF16, \
                 Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K"
            ))
        })?;
        let elements = dims
            .iter()
            .try_fold(1u64, |product, &dim| product.checked_mul(dim))
            .filter(|elements| (1..=MAX_TENSOR_ELEMENTS).contains(elements))
            .ok_or_else(|| impossible("an impossible shape"))?;
        let block = dtype.block_size() as u64;
        if dims.first().is_none_or(|inner| !inner.is_multiple_of(block)) {
            return Err(impossible("rows that do not divide into blocks"));
        }
        let n_bytes = elements / block * dtype.type_size() as u64;
        let start = data_start.checked_add(offset).ok_or_else(|| impossible("a wild offset"))?;
        if !offset.is_multiple_of(alignment) {
            return Err(impossible("a misaligned offset"));
        }
        if start.checked_add(n_bytes).is_none_or(|end| end > file_len) {
            return Err(impossible("data beyond the end of the file"));
        }
        let dims = dims.iter().rev().map(|&dim| dim as usize).collect();
        Ok((name, TensorInfo { dims, dtype, start, n_bytes: n_bytes as usize }))
    }
}

/// Gives the stored type by its number in `ggml.h`; those without code here give `None`.
fn tensor_type(kind: u32) -> Option<GgmlDType> {
    Some(match kind {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        _ => return None,
    })
}
