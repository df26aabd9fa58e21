//! Packed files (`.gz`, `.zst`), with a cap on what comes out of them.

use std::borrow::Cow;
use std::io::{BufRead, Read};

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
    if !is_packed(bytes) {
        if bytes.len() as u64 > largest {
            return Err(too_large());
        }
        return Ok((Cow::Borrowed(bytes), name));
    }
    let (reader, inner) = stream(bytes, name)?;
    let mut out = Vec::new();
    reader.take(largest + 1).read_to_end(&mut out).map_err(|error| damaged(&error))?;
    if out.len() as u64 > largest {
        return Err(too_large());
    }
    Ok((Cow::Owned(out), inner))
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTANDARD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Whether a file that begins so is packed.
pub fn is_packed(beginning: &[u8]) -> bool {
    beginning.starts_with(GZIP) || beginning.starts_with(ZSTANDARD)
}

/// Unpacks a file as it is read, without a cap; gives the name without `.gz` or `.zst`, too.
pub(super) fn stream<'r, 'n>(
    mut packed: impl BufRead + 'r,
    name: &'n str,
) -> Result<(Box<dyn Read + 'r>, &'n str), Problem> {
    let beginning = packed.fill_buf().map_err(|error| damaged(&error))?;
    let (is_gzip, is_zstandard) = (beginning.starts_with(GZIP), beginning.starts_with(ZSTANDARD));
    let reader: Box<dyn Read + 'r> = if is_gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(packed))
    } else if is_zstandard {
        let unpacking = zstd::stream::read::Decoder::with_buffer(packed);
        let mut reader = unpacking.map_err(|error| damaged(&error))?;
        // A frame may ask for a large window; 2^27 bytes is what the zstd program allows.
        reader.window_log_max(27).map_err(|error| damaged(&error))?;
        Box::new(reader)
    } else {
        return Ok((Box::new(packed), name));
    };
    let inner = [".gz", ".gzip", ".zst", ".zstd"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name);
    Ok((reader, inner))
}

fn damaged(error: &std::io::Error) -> Problem {
    Problem::error("file", format!("it can't be unpacked: {error}"), "get it again")
}
