//! `preamble convert`

use std::path::PathBuf;

use super::failure::Failure;
use super::guess::{self, Document, Kind};
use super::{manifest, out};
use crate::domain::{Constitution, Problem, Rubric};
use crate::formats::{document, markdown};

/// Convert a constitution or rubric from any known form, without a project
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  preamble convert constitution.json --to ron --out mine.ron\n  \
                        preamble convert mine.ron --to markdown"
)]
pub struct Arguments {
    /// The file
    file: PathBuf,
    /// The form to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Form,
    /// Where to write; stdout unless given
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// What the file is, where that is in doubt
    #[arg(long = "as", value_name = "KIND", value_enum)]
    kind: Option<Kind>,
    /// The form it is in, where that is in doubt
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Write over what is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    /// Preamble's own, with every field
    Ron,
    /// The same as JSON
    Json,
    /// To read and print
    Markdown,
}

/// Converts.
///
/// # Errors
///
/// The file is refused, or the result can't be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let file = &arguments.file;
    let text = match guess::read(file, arguments.kind, arguments.format.as_deref())? {
        Document::Constitution(imported) => {
            guess::tell(file, &imported);
            of_constitution(&imported.value, arguments.to)
        }
        Document::Rubrics(imported) => {
            guess::tell(file, &imported);
            of_rubric(&guess::only(file, imported.value)?, arguments.to)
        }
        Document::Labels(_) => {
            return Err(Failure::bad(
                format!("{} holds labels, not a constitution or rubric", file.display()),
                "import them into a project",
            ));
        }
        Document::Prompts(_) => {
            return Err(Failure::bad(
                format!("{} holds prompts, not a constitution or rubric", file.display()),
                "import them into a project; if it is a constitution, add --as constitution",
            ));
        }
    }
    .map_err(|problem| Failure::bad(problem.what, problem.hint))?;
    match &arguments.out {
        Some(path) => manifest::write_file(path, text.as_bytes(), arguments.force),
        None => out::data(text.as_bytes()),
    }
}

fn of_constitution(value: &Constitution, to: Form) -> Result<String, Problem> {
    match to {
        Form::Ron => document::to_ron(value),
        Form::Json => document::to_json(value),
        Form::Markdown => Ok(markdown::constitution(value)),
    }
}

fn of_rubric(value: &Rubric, to: Form) -> Result<String, Problem> {
    match to {
        Form::Ron => document::to_ron(value),
        Form::Json => document::to_json(value),
        Form::Markdown => Ok(markdown::rubric(value)),
    }
}
