//! `preamble check`

use std::path::PathBuf;

use serde_json::json;

use super::failure::{Exit, Failure};
use super::out;
use crate::domain::Severity;
use crate::store::FileProblem;
use crate::store::check::check;

/// Check project folders or single files: where a problem is, what it is, how to mend it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  preamble check my-project\n  \
                        preamble check constitutions/*.ron prompts/mine.jsonl --json")]
pub struct Arguments {
    /// Project folders, or constitutions, rubrics, recipes, prompt sets and templates
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the problems as JSON
    #[arg(long)]
    json: bool,
}

/// Checks and reports.
///
/// # Errors
///
/// There is an error among the problems; warnings alone are none.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let found: Vec<FileProblem> = arguments.paths.iter().flat_map(|path| check(path)).collect();
    let count = |severity| found.iter().filter(|one| one.problem.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if arguments.json {
        let problems: Vec<_> = found.iter().map(value).collect();
        out::json(&json!({ "errors": errors, "warnings": warnings, "problems": problems }))?;
    } else {
        for one in &found {
            out::report(&line(one))?;
            if !one.problem.hint.is_empty() {
                out::report(&format!("    hint: {}", out::one_line(&one.problem.hint)))?;
            }
        }
        if found.is_empty() {
            out::report("no problem found")?;
        } else {
            out::say(&format!("errors: {errors}, warnings: {warnings}"));
        }
    }
    if errors > 0 { Err(Failure::told(Exit::Bad)) } else { Ok(()) }
}

/// `file:line:column: error: place: what`, as editors and CI read it.
fn line(one: &FileProblem) -> String {
    let problem = &one.problem;
    let at =
        problem.position.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
    let severity = severity(problem.severity);
    let place = match problem.place.as_str() {
        "" | "file" => String::new(),
        place => format!("{place}: "),
    };
    out::one_line(&format!("{}{at}: {severity}: {place}{}", one.path.display(), problem.what))
}

fn severity(of: Severity) -> &'static str {
    match of {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn value(one: &FileProblem) -> serde_json::Value {
    let problem = &one.problem;
    json!({
        "path": one.path,
        "line": problem.position.map(|(line, _)| line),
        "column": problem.position.map(|(_, column)| column),
        "severity": severity(problem.severity),
        "place": problem.place,
        "what": problem.what,
        "hint": problem.hint,
    })
}
