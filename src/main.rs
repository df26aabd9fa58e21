//! The program: parses arguments and chooses a face.

use std::path::Path;
use std::process::ExitCode;

use preamble::cli::{self, Face};
use preamble::providers::embedded::threads;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(face) => {
            settle_threads(matches!(face, Face::Window(_)));
            match face {
                Face::Command(command) => cli::run(*command),
                Face::Window(project) => window(project.as_deref()),
            }
        }
        Err(code) => code,
    }
}

/// Tells the embedded model's kernels how many threads to take and how long to wait.
fn settle_threads(has_window: bool) {
    for (name, value) in threads::environment(has_window) {
        #[expect(unsafe_code, reason = "no other thread runs yet, so nobody can be reading it")]
        // SAFETY: only arguments have been parsed; the first thread starts after this.
        unsafe {
            std::env::set_var(name, value);
        }
    }
}

/// Opens the window on a project, or on the one that was open last.
fn window(project: Option<&Path>) -> ExitCode {
    match preamble::app::run(project) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::no_window(&format!("{error:#}")),
    }
}
