//! How what a call asked and was answered lies in the journal.

use std::cell::RefCell;

use super::record::Outcome;
use crate::domain::Call;

/// zstd's level: of texts of a kilobyte or two, 1 and 3 make half and take 15 to 30 µs, most of it
/// for tables of letters' lengths; -1 does without those, makes two thirds and takes half the time.
const LEVEL: i32 = -1;

/// What packed bytes begin with: zstd's magic number (RFC 8878, 3.1.1).
const PACKED: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// The largest text that is unpacked, in bytes, so that a damaged journal can't fill the memory.
const LARGEST: usize = 1 << 30;

thread_local! {
    /// Making one costs more than packing a reply does.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
}

/// A text as it is kept: packed, with a checksum; before that was always so, short ones as they
/// were.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// Bytes when unpacked.
    pub(super) size: usize,
    pub(super) data: Vec<u8>,
}

impl Text {
    /// What was asked.
    pub(super) fn of_call(call: &Call) -> Result<Self, serde_json::Error> {
        Ok(Self::of(serde_json::to_vec(call)?))
    }

    /// What came back: the reply as it was read, then the body as it came. `None`: nothing did.
    pub(super) fn of_outcome(outcome: &Outcome) -> Result<Option<Self>, serde_json::Error> {
        let mut bytes = vec![0; 4];
        let raw = match outcome {
            Outcome::Replied { reply, raw, .. } => {
                serde_json::to_writer(&mut bytes, reply)?;
                raw
            }
            Outcome::Failed { raw, .. } if raw.is_empty() => return Ok(None),
            Outcome::Failed { raw, .. } => raw,
        };
        // A reply is never as long as a body may be (`providers::http::BODY_LIMIT`).
        let length = u32::try_from(bytes.len() - 4).unwrap_or(u32::MAX);
        bytes[..4].copy_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(raw);
        Ok(Some(Self::of(bytes)))
    }

    fn of(bytes: Vec<u8>) -> Self {
        let size = bytes.len();
        // Even where that makes it a little longer, since what is packed has a checksum. Where
        // zstd can't, it is kept as it is.
        Self { size, data: always_packed(&bytes).unwrap_or(bytes) }
    }

    /// The bytes as they were.
    pub(super) fn unpacked(self) -> Result<Vec<u8>, String> {
        let is_packed = is_packed(&self.data);
        if !is_packed && self.size == self.data.len() {
            return Ok(self.data);
        }
        if !is_packed || self.size > LARGEST {
            return Err(format!("it says that it has {} bytes", self.size));
        }
        zstd::bulk::decompress(&self.data, self.size).map_err(|error| error.to_string())
    }
}

/// Takes an answer apart: the reply's JSON (empty where there was none) and the body as it came.
pub(super) fn answer(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// Whether stored bytes are packed: neither JSON nor a length that there can be begins so.
pub(super) fn is_packed(data: &[u8]) -> bool {
    data.starts_with(&PACKED)
}

/// The bytes packed, even where that makes them longer.
pub(super) fn always_packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|packer| {
        if let Some(packer) = packer {
            return packer.compress(bytes);
        }
        let mut new = zstd::bulk::Compressor::new(LEVEL)?;
        // Texts have no hash: a damaged one must not be taken for what was paid for.
        new.include_checksum(true)?;
        packer.insert(new).compress(bytes)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CallFailure, FailureKind};

    proptest::proptest! {
        #[test]
        fn what_is_packed_comes_back_and_hardly_longer(text in ".{0,40}", times in 0_usize..200) {
            let bytes = text.repeat(times).into_bytes();
            let kept = Text::of(bytes.clone());
            assert!(kept.data.len() <= bytes.len() + 20);
            assert_eq!(kept.unpacked().unwrap(), bytes);
        }

        #[test]
        fn taking_apart_never_panics(bytes in proptest::collection::vec(0_u8..8, 0..12)) {
            answer(&bytes);
        }
    }

    #[test]
    fn a_failure_without_a_body_keeps_none_and_one_with_a_body_keeps_it() {
        let failed = |raw: &[u8]| {
            let failure = CallFailure::new(FailureKind::ServerError, "down", "");
            Text::of_outcome(&Outcome::Failed { failure, raw: raw.to_vec(), cost: 0.0 }).unwrap()
        };
        assert_eq!(failed(b""), None);
        let kept = failed(b"<h1>Bad gateway</h1>").unwrap().unpacked().unwrap();
        assert_eq!(answer(&kept), Some((&b""[..], &b"<h1>Bad gateway</h1>"[..])));
    }

    #[test]
    fn what_was_kept_as_it_is_is_read_so_and_what_is_damaged_is_an_error() {
        let plain = Text { size: 2, data: b"{}".to_vec() };
        assert_eq!(plain.unpacked().unwrap(), b"{}");
        let mut kept = Text::of(b"a short text".to_vec());
        let middle = kept.data.len() / 2;
        kept.data[middle] ^= 1;
        assert!(kept.unpacked().is_err());
    }

    #[test]
    fn a_size_that_is_not_true_is_an_error() {
        let kept = Text { size: 1 << 40, data: b"x".to_vec() };
        assert!(kept.unpacked().unwrap_err().contains("bytes"));
        assert!(Text { size: 9, data: b"no zstd".to_vec() }.unpacked().is_err());
    }
}
