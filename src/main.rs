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

/// Opens the window on a project, or on the one that was open last.
fn window(project: Option<PathBuf>) -> ExitCode {
    match preamble::app::run(project) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::no_window(&format!("{error:#}")),
    }
}
