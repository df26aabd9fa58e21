//! A record of when frames ended, for the benchmark in `benches/window.rs`.
//!
//! Off unless [`FRAME_LOG_ENV`] is set; then each frame adds a line to the file that it names:
//! milliseconds since the Unix epoch, and `project` once a project is shown. Nothing else is
//! written, and a frame log that can't be written is given up in silence: it is no user's.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use super::state::Moment;

/// Names the file that each frame adds a line to.
pub const FRAME_LOG_ENV: &str = "PREAMBLE_FRAME_LOG";

/// The file.
#[derive(Debug)]
pub struct FrameLog {
    file: File,
}

impl FrameLog {
    /// The log that the environment asks for, if it does and the file can be written.
    pub fn asked_for() -> Option<Self> {
        let path = std::env::var_os(FRAME_LOG_ENV).filter(|path| !path.is_empty())?;
        Self::at(Path::new(&path))
    }

    fn at(path: &Path) -> Option<Self> {
        let file = File::options().create(true).append(true).open(path).ok()?;
        Some(Self { file })
    }

    /// Notes that a frame's `ui()` has ended; it is painted after that.
    pub fn note(&mut self, at: Moment, shows_project: bool) {
        let word = if shows_project { " project" } else { "" };
        writeln!(self.file, "{}{word}", at.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_frame_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames");
        let mut log = FrameLog::at(&path).unwrap();
        log.note(Moment(12), false);
        log.note(Moment(34), true);
        assert_eq!(std::fs::read_to_string(path).unwrap(), "12\n34 project\n");
        assert!(FrameLog::at(&folder.path().join("no/such/folder")).is_none());
    }
}
