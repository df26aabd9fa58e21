//! Prompt files with more rows than are read at once: how many there are, and a part of them.

use std::fs::File;
use std::path::Path;

use crate::domain::{Problem, PromptSet};
use crate::formats::import::{self, Imported, MOST_ROWS, Part, Size};

/// How large a file is, where it is a file of rows and too large to be read whole.
///
/// # Errors
///
/// It can't be read or unpacked.
pub fn too_large(path: &Path) -> Result<Option<Size>, Problem> {
    let facts = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !facts.is_file() {
        return Ok(None);
    }
    let mut beginning = [0; 4];
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let read = std::io::Read::read(&mut file, &mut beginning);
    let read = read.map_err(|error| unreadable(&error))?;
    // A row has a byte at least.
    let is_small = facts.len() <= MOST_ROWS as u64;
    if is_small && !import::is_packed(beginning.get(..read).unwrap_or_default()) {
        return Ok(None);
    }
    let size = import::size(open(path)?, &name(path))?;
    Ok(size.filter(|size| size.is_too_large()))
}

/// A part of a prompt file; see [`import::prompt_part`].
///
/// # Errors
///
/// It can't be read, or is refused.
pub fn prompt_part(
    path: &Path,
    format: Option<&str>,
    part: Part,
) -> Result<Option<Imported<PromptSet>>, Problem> {
    import::prompt_part(open(path)?, &name(path), format, part)
}

fn open(path: &Path) -> Result<File, Problem> {
    File::open(path).map_err(|error| unreadable(&error))
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn unreadable(error: &std::io::Error) -> Problem {
    Problem::error("file", format!("it can't be read: {error}"), "check the path and its rights")
}
