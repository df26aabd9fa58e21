//! The program: parses arguments and chooses a face.

use std::path::Path;
use std::process::ExitCode;

use preamble::cli::{self, Face};

fn main() -> ExitCode {
    leave_a_core();
    match cli::parse() {
        Ok(Face::Command(command)) => cli::run(*command),
        Ok(Face::Window(project)) => window(project.as_deref()),
        Err(code) => code,
    }
}

/// Leaves one core to the window and the engine: the embedded model's kernels wait by spinning,
/// and where they find no core free, every step takes many times as long.
fn leave_a_core() {
    const THREADS: &str = "CANDLE_NUM_THREADS";
    if std::env::var_os(THREADS).is_none() {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        #[expect(unsafe_code, reason = "no other thread runs yet, so nobody can be reading it")]
        // SAFETY: this is the first statement of the program, before any thread is started.
        unsafe {
            std::env::set_var(THREADS, cores.saturating_sub(1).max(1).to_string());
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
