//! The program: parses arguments and chooses a face.

use std::path::PathBuf;
use std::process::ExitCode;

use preamble::cli::{self, Face};

fn main() -> ExitCode {
    match cli::parse() {
        Ok(Face::Command(command)) => cli::run(*command),
        Ok(Face::Window(project)) => window(project),
        Err(code) => code,
    }
}

/// Opens the window, with a project or at Home.
fn window(_project: Option<PathBuf>) -> ExitCode {
    cli::no_window("this build has no window")
}
