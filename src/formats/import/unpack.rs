//! Packed files (`.gz`, `.zst`), with a cap on what comes out of them.

use std::borrow::Cow;
use std::io::Read as _;

use crate::domain::Problem;

/// The most bytes that an imported file may have, unpacked.
pub const LARGEST_UNPACKED: u64 = 512 << 20;

/// Unpacks gzip or Zstandard, known by the first bytes; other files are passed on as they are.
///
/// Gives the bytes and the name without `.gz` or `.zst`.
///
/// # Errors
///
/// More than [`LARGEST_UNPACKED`] bytes, or a packed file that is damaged.
pub fn unpack<'b>(bytes: &'b [u8], name: &'b str) -> Result<(Cow<'b, [u8]>, &'b str), Problem> {
    unpack_capped(bytes, name, LARGEST_UNPACKED)
}

pub(super) fn unpack_capped<'b>(
    bytes: &'b [u8],
    name: &'b str,
    largest: u64,
) -> Result<(Cow<'b, [u8]>, &'b str), Problem> {
    let too_large = || {
        Problem::error(
            "file",
            format!("it has more than {} MB unpacked", largest >> 20),
            "split it, or import a part of it",
        )
    };
    let damaged = |error: std::io::Error| {
        Problem::error("file", format!("it can't be unpacked: {error}"), "get it again")
    };
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let reader = flate2::read::MultiGzDecoder::new(bytes);
        reader.take(largest + 1).read_to_end(&mut out).map_err(damaged)?;
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut reader = zstd::stream::read::Decoder::new(bytes).map_err(damaged)?;
        // A frame may ask for a large window; 2^27 bytes is what the zstd program allows.
        reader.window_log_max(27).map_err(damaged)?;
        reader.take(largest + 1).read_to_end(&mut out).map_err(damaged)?;
    } else {
        if bytes.len() as u64 > largest {
            return Err(too_large());
        }
        return Ok((Cow::Borrowed(bytes), name));
    }
    if out.len() as u64 > largest {
        return Err(too_large());
    }
    let inner = [".gz", ".gzip", ".zst", ".zstd"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    Ok((Cow::Owned(out), inner))
}
