//! `preamble runs`

use std::path::PathBuf;

use super::failure::Failure;
use super::summary::{self, Summary};
use super::{out, place};

/// List a project's runs, or show one: states, failures by name, calls, tokens, cost
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  preamble runs p\n  preamble runs p latest --json")]
pub struct Arguments {
    /// The project's folder
    dir: PathBuf,
    /// One run, such as R-0007, 7 or latest
    run: Option<String>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Lists or shows.
///
/// # Errors
///
/// There is no such project or run.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let project = place::project(&arguments.dir)?;
    let journal = place::journal(&project)?;
    if let Some(name) = &arguments.run {
        let record = place::run_named(&journal, name).await?;
        let summary = Summary::read(&journal, record).await?;
        return match arguments.json {
            true => out::json(&summary.json()),
            false => out::report(&summary.text()),
        };
    }
    let mut values = Vec::new();
    let header = [
        "run",
        "kind",
        "recipe",
        "rows",
        "failed",
        "refused",
        "calls",
        "tokens",
        "USD reported",
        "USD assumed",
        "calls unpriced",
        "state",
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    for record in journal.runs().await? {
        let counts = journal.counts(&record.id).await?;
        let tokens = counts.usage.prompt_tokens + counts.usage.completion_tokens;
        rows.push(vec![
            record.id.to_string(),
            record.kind.to_string(),
            record.recipe.clone(),
            format!("{}/{}", counts.rows, record.rows_total),
            counts.rows_failed.to_string(),
            counts.rows_refused.to_string(),
            counts.calls.to_string(),
            tokens.to_string(),
            format!("{:.4}", counts.cost_reported),
            format!("{:.4}", counts.cost_assumed),
            counts.calls_unpriced.to_string(),
            summary::state(&record),
        ]);
        values.push(
            Summary { record, counts, failed: Vec::new(), canaries: None, judge: None }.json(),
        );
    }
    if arguments.json {
        return out::json(&values);
    }
    if values.is_empty() {
        out::say(&format!(
            "no run yet; make one: preamble run {} --recipe critique",
            arguments.dir.display()
        ));
        return Ok(());
    }
    out::report(&out::table(&rows))
}
