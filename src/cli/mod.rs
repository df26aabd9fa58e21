//! The command line: the same loop as the window's, for scripts and clusters.
//!
//! One file a subcommand, each with its arguments, its help and its example. Names, exit codes and
//! what goes to stdout are a contract: add to them freely, rename none. Only [`out`] writes to the
//! terminal. Start with [`Command`].

pub mod canaries;
pub mod check;
pub mod compare;
pub mod convert;
pub mod embedded;
pub mod export;
pub mod failure;
mod forecast;
pub mod guess;
pub mod import;
pub mod init;
pub mod interrupt;
pub mod journal;
pub mod judge;
mod judge_choice;
pub mod judge_report;
pub mod labels;
pub mod lines;
pub mod log;
pub mod manifest;
pub mod models;
pub mod out;
pub mod place;
mod prices;
pub mod progress;
pub mod ranking;
pub mod repay;
pub mod run;
pub mod runs;
pub mod score;
pub mod spec;
pub mod stats;
pub mod stream;
pub mod summary;
pub mod votes;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;

use failure::Failure;

/// A studio for constitutions and rubrics of language models
///
/// Without a command it opens the window: the project in DIR, else the one open last or the sample.
#[derive(Debug, clap::Parser)]
#[command(
    name = "preamble",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Example:\n  preamble init p && preamble run p --recipe critique --limit 8\n  \
                  preamble export p --run latest --format trl-sft --out out\n\n\
                  Exit codes: 0 done, 1 bad input or result, 2 wrong usage, 3 stopped by a limit \
                  with all work kept."
)]
struct Arguments {
    /// The project to open in the window
    dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What can be done without the window.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    #[expect(missing_docs, reason = "clap takes the help from the arguments' own docs")]
    Init(init::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Check(check::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Run(run::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Runs(runs::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Score(score::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Judge(judge::Arguments),
    #[expect(missing_docs, reason = "as above")]
    JudgeReport(judge_report::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Compare(compare::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Votes(votes::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Ranking(ranking::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Export(export::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Import(import::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Labels(labels::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Convert(convert::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Stats(stats::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Models(models::Arguments),
    #[expect(missing_docs, reason = "as above")]
    Journal(journal::Arguments),
}

/// Which face of the program is wanted.
#[derive(Debug)]
pub enum Face {
    /// The window, with a project or the one open last.
    Window(Option<PathBuf>),
    /// A command.
    Command(Box<Command>),
}

/// Reads the process's arguments.
///
/// # Errors
///
/// The exit code, after help was shown (0) or wrong usage told of (2).
pub fn parse() -> Result<Face, ExitCode> {
    let arguments = Arguments::try_parse().map_err(|error| {
        // Where it can't be printed, nobody reads it.
        error.print().ok();
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })?;
    match (arguments.command, arguments.dir) {
        (Some(command), _) => Ok(Face::Command(Box::new(command))),
        (None, Some(dir)) if !dir.is_dir() => {
            let wrong = unknown(&dir.to_string_lossy());
            out::failure(&wrong);
            Err(wrong.code())
        }
        (None, dir) => Ok(Face::Window(dir)),
    }
}

/// Tells why the window can't be had, and how to work without it.
pub fn no_window(why: &str) -> ExitCode {
    let failure = Failure::bad(why, "use the command line; see `preamble --help`");
    out::failure(&failure);
    failure.code()
}

/// A word that is neither a command nor a folder.
fn unknown(word: &str) -> Failure {
    use clap::CommandFactory as _;
    let command = Arguments::command();
    let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let hint = match crate::formats::document::nearest(word, &names) {
        Some(near) => format!("did you mean `preamble {near}`?"),
        None => "make a project with `preamble init`, or see `preamble --help`".to_owned(),
    };
    Failure::usage(format!("“{word}” is neither a command nor a folder"), hint)
}

/// Runs a command to its end.
pub fn run(command: Command) -> ExitCode {
    log::start();
    log::watch_panics();
    // One thread beside this one bears more calls than any provider answers; between two, each
    // wake-up of the other costs as much as a twentieth of a call.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let done = match &runtime {
        Ok(runtime) => runtime.block_on(dispatch(command)),
        Err(error) => Err(Failure::bad(format!("no threads can be started: {error}"), "")),
    };
    if let Ok(runtime) = runtime {
        // What still blocks (an embedded model at work) must not keep a stopped program alive.
        runtime.shutdown_background();
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::failure(&failure);
            failure.code()
        }
    }
}

async fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Run(arguments) => run::run(arguments).await,
        Command::Runs(arguments) => runs::run(arguments).await,
        Command::Score(arguments) => score::run(arguments).await,
        Command::Judge(arguments) => judge::run(arguments).await,
        Command::JudgeReport(arguments) => judge_report::run(arguments).await,
        Command::Compare(arguments) => compare::run(arguments).await,
        Command::Votes(arguments) => votes::run(arguments).await,
        Command::Ranking(arguments) => ranking::run(arguments).await,
        Command::Export(arguments) => export::run(arguments).await,
        Command::Import(arguments) => import::run(&arguments),
        Command::Labels(arguments) => labels::run(arguments).await,
        Command::Convert(arguments) => convert::run(&arguments),
        Command::Stats(arguments) => stats::run(arguments).await,
        Command::Models(arguments) => models::run(arguments).await,
        Command::Journal(arguments) => journal::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
