//! The real program on the display: time to the first frame, and repaints while idle.
//!
//! The program itself notes when each of its frames ended ([`FRAME_LOG_ENV`]), by the same clock
//! as the start is measured here. That includes starting the process and opening the window.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use preamble::app::frame_log::FRAME_LOG_ENV;

use crate::{Line, at, say, verdict};

/// How often the program is started.
const STARTS: usize = 5;
/// The longest that the first frame may take, in milliseconds.
const BAR_MS: u64 = 500;
/// The longest until the project is shown, in milliseconds.
const USABLE_MS: u64 = 1_000;
/// How long a start is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// From the first frame with the project to the time that counts as idle.
const SETTLE: Duration = Duration::from_secs(3);
/// How long repaints are counted.
const IDLE: Duration = Duration::from_secs(5);

/// Measures and prints.
pub(crate) fn measure() -> Vec<Line> {
    say(&format!(
        "\nThe program on a new project ({STARTS} starts; from starting the process to the end of \
         a frame's ui(), before it is painted)"
    ));
    let displays = ["DISPLAY", "WAYLAND_DISPLAY"];
    if displays.iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
        say("  skipped: there is no display (DISPLAY is not set)");
        return lines(None);
    }
    match measured() {
        Ok(figures) => lines(Some(figures)),
        Err(error) => {
            say(&format!("  not measured: {error}"));
            lines(None)
        }
    }
}

/// Milliseconds to the first frame with the project, and repaints while idle.
fn lines(figures: Option<(u64, usize)>) -> Vec<Line> {
    let words = |figure: Option<String>| figure.unwrap_or_else(|| "–".to_owned());
    vec![
        Line {
            what: "Cold start to the project shown, median".to_owned(),
            target: "< 1000 ms".to_owned(),
            measured: words(figures.map(|(shown, _)| format!("{shown} ms"))),
            met: figures.map(|(shown, _)| shown < USABLE_MS),
        },
        Line {
            what: "Repaints in 5 s at rest".to_owned(),
            target: "0".to_owned(),
            measured: words(figures.map(|(_, idle)| idle.to_string())),
            met: figures.map(|(_, idle)| idle == 0),
        },
    ]
}

fn measured() -> io::Result<(u64, usize)> {
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("project");
    let made = program(folder.path()).arg("init").arg(&project).output()?;
    if !made.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&made.stderr).into_owned()));
    }
    let (mut firsts, mut shown) = (Vec::new(), Vec::new());
    let mut idle = 0;
    for start in 0..STARTS {
        let log = folder.path().join(format!("frames-{start}"));
        let mut run = Run::start(folder.path(), &project, &log)?;
        let (first, with_project) = run.first_frames(&log)?;
        firsts.push(first);
        shown.push(with_project);
        if start + 1 == STARTS {
            std::thread::sleep(SETTLE);
            let before = frames(&log)?.len();
            std::thread::sleep(IDLE);
            idle = frames(&log)?.len() - before;
        }
    }
    firsts.sort_unstable();
    shown.sort_unstable();
    let p50 = at(&firsts, 0.5).unwrap_or_default();
    say(&format!(
        "  first frame: p50 {p50} ms, all {firsts:?} ms; bar p50 < {BAR_MS} ms: {}",
        verdict(p50 < BAR_MS)
    ));
    let p50 = at(&shown, 0.5).unwrap_or_default();
    say(&format!(
        "  first frame with the project: p50 {p50} ms, all {shown:?} ms; bar p50 < {USABLE_MS} ms: {}",
        verdict(p50 < USABLE_MS)
    ));
    say(&format!(
        "  repaints in {} s while idle, {} s after the project was shown: {idle}; bar 0: {} \
         (frames that the program itself noted, in the last of these starts)",
        IDLE.as_secs(),
        SETTLE.as_secs(),
        verdict(idle == 0)
    ));
    Ok((p50, idle))
}

/// The program with settings, cache and keys of its own, so that nothing of the user's is
/// touched or counts.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_preamble"));
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "PREAMBLE_CONFIG_DIR"] {
        command.env(name, folder.join(name));
    }
    command
        .env("PREAMBLE_MODELS_DIR", folder.join("models"))
        .env("PREAMBLE_NO_KEYCHAIN", "1")
        .env("PREAMBLE_OFFLINE", "1")
        .env_remove(FRAME_LOG_ENV)
        .stdin(Stdio::null());
    command
}

/// A running program; ended when it is dropped.
struct Run {
    child: Child,
    /// Milliseconds since the Unix epoch.
    started: u64,
}

impl Run {
    fn start(folder: &Path, project: &Path, log: &Path) -> io::Result<Self> {
        let mut command = program(folder);
        command.arg(project).env(FRAME_LOG_ENV, log);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let child = command.spawn()?;
        Ok(Self { child, started: u64::try_from(started).unwrap_or_default() })
    }

    /// Milliseconds to the first frame, and to the first with the project.
    fn first_frames(&mut self, log: &Path) -> io::Result<(u64, u64)> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let frames = frames(log)?;
            let first = frames.first().copied();
            let shown = frames.iter().find(|(_, project)| *project).copied();
            if let (Some((first, _)), Some((shown, _))) = (first, shown) {
                let since = |at: u64| at.saturating_sub(self.started);
                return Ok((since(first), since(shown)));
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("the program ended at once: {status}")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(io::Error::other(format!("no frame in {} s", PATIENCE.as_secs())))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The frames noted so far: when, and whether a project was shown. A line that is being written
/// is left for the next time.
fn frames(log: &Path) -> io::Result<Vec<(u64, bool)>> {
    let text = match std::fs::read_to_string(log) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    Ok(whole
        .lines()
        .filter_map(|line| {
            let (at, word) = line.split_once(' ').unwrap_or((line, ""));
            Some((at.parse().ok()?, word == "project"))
        })
        .collect())
}
