//! Reads a file as what it is: a constitution, a rubric, prompts or labels, in any form that is
//! known.

use std::path::Path;

use super::failure::Failure;
use super::out;
use crate::domain::{Constitution, Problem, PromptSet, Rubric, Severity};
use crate::formats::import::{
    self, Confidence, Format, Imported, ImportedLabels, ImportedRubric, Part, Source,
};
use crate::store::large_file;

/// The largest file that is read, in bytes: what is larger is refused unpacked, too.
const LARGEST: u64 = import::LARGEST_UNPACKED;

/// What a file is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A prompt set.
    Prompts,
    /// A constitution.
    Constitution,
    /// A rubric, or several.
    Rubric,
    /// What people said of answers; a file is taken for it only where it is named.
    Labels,
}

/// A file, read.
pub enum Document {
    /// Prompts.
    Prompts(Imported<PromptSet>),
    /// A constitution.
    Constitution(Imported<Constitution>),
    /// Rubrics, one or more.
    Rubrics(Imported<Vec<ImportedRubric>>),
    /// Labels, with what they are of.
    Labels(Imported<ImportedLabels>),
}

/// Reads a file's bytes.
///
/// # Errors
///
/// The file system's refusal.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |error: std::io::Error| {
        Failure::bad(format!("can't read {}: {error}", path.display()), "check the path")
    };
    let length = std::fs::metadata(path).map_err(fail)?.len();
    if length > LARGEST {
        return Err(Failure::bad(
            format!(
                "{} has {} MB, and more than {} MB are not read",
                path.display(),
                length.div_ceil(1 << 20),
                LARGEST >> 20
            ),
            "split it",
        ));
    }
    std::fs::read(path).map_err(fail)
}

/// A part of the prompts of a file that is too large to be read whole; `None`: it is not.
///
/// # Errors
///
/// It is too large and no part of it is wished for, or what is taken of it is refused.
pub fn large(
    path: &Path,
    kind: Option<Kind>,
    format: Option<&str>,
    part: Option<Part>,
) -> Result<Option<Imported<PromptSet>>, Failure> {
    let file = path.display().to_string();
    let refused = |problem: Problem| Failure::of_problem(&file, &problem);
    if kind.is_some_and(|kind| kind != Kind::Prompts) {
        return Ok(None);
    }
    let Some(size) = large_file::too_large(path).map_err(refused)? else { return Ok(None) };
    let Some(part) = part else {
        let hint = "take the first with --limit N, or some drawn at random with --random N, or \
                    split the file";
        return Err(Failure::bad(format!("{file}: {}", size.refusal()), hint));
    };
    large_file::prompt_part(path, format, part).map_err(refused)
}

/// Reads a file as `kind`, or as what it looks like most; `format` names the form it is in.
///
/// # Errors
///
/// It is refused, or it could be several things.
pub fn read(path: &Path, kind: Option<Kind>, format: Option<&str>) -> Result<Document, Failure> {
    let bytes = bytes(path)?;
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let file = path.display().to_string();
    let kind = match kind {
        Some(kind) => kind,
        None => guess(&bytes, &name, &file, format)?,
    };
    let refused = |problem: Problem| Failure::of_problem(&file, &problem);
    Ok(match kind {
        Kind::Prompts => {
            Document::Prompts(import::prompt_set(&bytes, &name, format).map_err(refused)?)
        }
        Kind::Constitution => {
            Document::Constitution(import::constitution(&bytes, &name, format).map_err(refused)?)
        }
        Kind::Rubric => Document::Rubrics(import::rubrics(&bytes, &name, format).map_err(refused)?),
        Kind::Labels => Document::Labels(import::labels(&bytes, &name, format).map_err(refused)?),
    })
}

/// The constitution in a file, fit to be used.
///
/// # Errors
///
/// It is refused, or has errors.
pub fn constitution(path: &Path) -> Result<Constitution, Failure> {
    match read(path, Some(Kind::Constitution), None)? {
        Document::Constitution(imported) => {
            tell(path, &imported);
            sound(path, &imported.value.problems())?;
            Ok(imported.value)
        }
        _ => Err(Failure::bad(format!("{} is no constitution", path.display()), "")),
    }
}

/// The rubric in a file, fit to be used.
///
/// # Errors
///
/// It is refused, has errors, or is several.
pub fn rubric(path: &Path) -> Result<Rubric, Failure> {
    match read(path, Some(Kind::Rubric), None)? {
        Document::Rubrics(imported) => {
            tell(path, &imported);
            let rubric = only(path, imported.value)?;
            sound(path, &rubric.problems())?;
            Ok(rubric)
        }
        _ => Err(Failure::bad(format!("{} is no rubric", path.display()), "")),
    }
}

/// The one rubric among several.
///
/// # Errors
///
/// There is not exactly one.
pub fn only(path: &Path, mut rubrics: Vec<ImportedRubric>) -> Result<Rubric, Failure> {
    match (rubrics.pop(), rubrics.len()) {
        (Some(only), 0) => Ok(only.rubric),
        (_, more) => Err(Failure::bad(
            format!("{} holds {} rubrics, one for each prompt", path.display(), more + 1),
            "import it into a project, which makes a file of each",
        )),
    }
}

/// Tells on stderr how a file was understood and what was left out.
pub fn tell<T>(path: &Path, imported: &Imported<T>) {
    /// The most omissions that are listed.
    const MOST: usize = 20;
    for note in &imported.notes {
        out::say(&format!("note: {note}"));
    }
    for (place, why) in imported.dropped.iter().take(MOST) {
        out::say(&format!("left out: {}: {place}: {why}", path.display()));
    }
    if imported.dropped.len() > MOST {
        out::say(&format!("left out: … and {} more", imported.dropped.len() - MOST));
    }
}

fn sound(path: &Path, problems: &[Problem]) -> Result<(), Failure> {
    match problems.iter().find(|problem| problem.severity == Severity::Error) {
        Some(problem) => Err(Failure::of_problem(&path.display().to_string(), problem)),
        None => Ok(()),
    }
}

fn guess(bytes: &[u8], name: &str, file: &str, format: Option<&str>) -> Result<Kind, Failure> {
    let unpacked = import::unpack(bytes, name);
    let (bytes, name) = unpacked.map_err(|problem| Failure::of_problem(file, &problem))?;
    let source = Source { bytes: &bytes, name };
    // What the importers refuse by name (a web page, an archive) is said in their words.
    if format.is_none()
        && let Err(problem) = import::prompt_set(&bytes, name, None)
        && import::rubrics(&bytes, name, None).is_err()
        && import::constitution(&bytes, name, None).is_err()
        && problem.what.ends_with(", not a prompt set")
    {
        return Err(Failure::of_problem(file, &problem));
    }
    let mut found = [
        (surest(import::CONSTITUTIONS, &source, format), Kind::Constitution),
        (surest(import::RUBRICS, &source, format), Kind::Rubric),
        (surest(import::PROMPTS, &source, format), Kind::Prompts),
    ];
    found.sort_by_key(|(confidence, _)| std::cmp::Reverse(*confidence));
    let [(first, kind), (second, _), _] = found;
    if first == Confidence::No {
        // What the importers refuse by name (a web page, an archive) is said in their words.
        return Err(match (format, import::prompt_set(&bytes, name, None)) {
            (None, Err(problem)) if !problem.what.starts_with("it is no ") => {
                Failure::of_problem(file, &problem)
            }
            (Some(format), _) => Failure::usage(
                format!("no format is called “{format}”"),
                "leave --format out to have it found",
            ),
            _ => Failure::bad(
                format!("{file}: it is no constitution, rubric or prompt set in a known form"),
                "say what it is with --as, to see which forms are known",
            ),
        });
    }
    if first == second {
        // Reading decides between RON and JSON documents; plain lines could be anything.
        let may_be = |of: Kind| found.iter().any(|(surely, kind)| *surely == first && *kind == of);
        let is_constitution =
            may_be(Kind::Constitution) && import::constitution(&bytes, name, format).is_ok();
        let is_rubric = may_be(Kind::Rubric) && import::rubrics(&bytes, name, format).is_ok();
        let is_prompts = may_be(Kind::Prompts) && import::prompt_set(&bytes, name, format).is_ok();
        let has = |field| {
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            crate::formats::ron_text::outer_field(text, field).is_some()
        };
        match (is_constitution, is_rubric, is_prompts) {
            (true, false, false) => return Ok(Kind::Constitution),
            (false, true, false) => return Ok(Kind::Rubric),
            // These are sure by what they hold, prompts by the file's ending alone.
            (true, false, true) if first == Confidence::Sure => return Ok(Kind::Constitution),
            (false, true, true) if first == Confidence::Sure => return Ok(Kind::Rubric),
            (false, false, true) => return Ok(Kind::Prompts),
            // A text with headings is more often a constitution than a list of prompts.
            (true, false, true) if name.to_ascii_lowercase().ends_with(".md") => {
                out::say(&format!("{file} is taken for a constitution; else say --as prompts"));
                return Ok(Kind::Constitution);
            }
            // Its own importer says what is wrong with it.
            (false, false, false) if has("principles") => return Ok(Kind::Constitution),
            (false, false, false) if has("criteria") => return Ok(Kind::Rubric),
            (false, false, false) => return Ok(kind),
            _ => {}
        }
        return Err(Failure::usage(
            format!("{file} could be several things"),
            "say which with --as prompts, --as constitution or --as rubric",
        ));
    }
    Ok(kind)
}

fn surest<T>(formats: &[&dyn Format<T>], source: &Source<'_>, wanted: Option<&str>) -> Confidence {
    match wanted {
        Some(id) if formats.iter().any(|format| format.id() == id) => formats
            .iter()
            .filter(|format| format.id() == id)
            .map(|format| format.sniff(source).max(Confidence::Maybe))
            .max()
            .unwrap_or(Confidence::No),
        Some(_) => Confidence::No,
        None => formats.iter().map(|format| format.sniff(source)).max().unwrap_or(Confidence::No),
    }
}
