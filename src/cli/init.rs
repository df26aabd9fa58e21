//! `preamble init`

use std::path::PathBuf;

use super::failure::Failure;
use super::out;
use crate::store::sample::{self, Sample};

/// Make a project: a folder with a starter library that runs at once on the embedded model
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  preamble init my-project\n  preamble init bare --sample empty")]
pub struct Arguments {
    /// The folder; it is created, and nothing in it is overwritten
    dir: PathBuf,
    /// What it begins with: starter (constitutions, rubrics, prompts) or empty
    #[arg(long, value_name = "NAME", default_value_t = Sample::default())]
    sample: Sample,
    /// Print a report as JSON
    #[arg(long)]
    json: bool,
}

/// Makes the project.
///
/// # Errors
///
/// The folder has a file of that name already, or can't be written.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let files = sample::init(&arguments.dir, arguments.sample)?;
    let dir = arguments.dir.display();
    if arguments.json {
        return out::json(&serde_json::json!({ "project": arguments.dir, "files": files }));
    }
    out::report(&format!("made the project {dir} with {} files", files.len()))?;
    if arguments.sample == Sample::Starter {
        out::say(&format!("next: preamble run {dir} --recipe critique --limit 8"));
        out::say(&format!("  or: preamble {dir}    (opens the window)"));
    } else {
        out::say(&format!("next: preamble import {dir} FILE"));
    }
    Ok(())
}
