//! Opens the window, and where that fails, says so in words.

use std::path::Path;
use std::sync::Arc;

use super::effects::Effect;
use super::effects::home::HomeEffect;
use super::effects::runner::Runner;
use super::frame_log::FrameLog;
use super::place;
use super::state::{Settings, WindowPlace};
use super::window::{Window, now};
use crate::store::project::PROJECT_FILE;
use crate::store::settings;

/// Set for a second try that draws without the graphics card.
const SOFTWARE: &str = "LIBGL_ALWAYS_SOFTWARE";

/// The window's icon; drawn in `packaging/preamble.svg`.
const ICON: &[u8] = include_bytes!("../../packaging/preamble-256.png");

/// Opens the window with the project in a folder; without one, with the last project, or the
/// first time with the sample, which is made in the user's data folder.
///
/// Where the graphics card can't be used, the window is tried once more without it.
///
/// # Errors
///
/// No window can be opened: no display, or no OpenGL 2. The message says what can be done.
pub fn run(project: Option<&Path>) -> anyhow::Result<()> {
    crate::providers::embedded::spare_a_core();
    super::log::start();
    super::crash::watch();
    let (kept, problem) = settings::load();
    let first = match project {
        Some(folder) => Effect::Open(folder.to_owned()),
        None => match kept.recents.iter().find(|folder| folder.join(PROJECT_FILE).is_file()) {
            Some(folder) => Effect::Open(folder.clone()),
            None => Effect::OpenSample,
        },
    };
    let settings = Settings::of(&kept);
    let place = settings.window;
    let icon = eframe::icon_data::from_png_bytes(ICON).unwrap_or_default();
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default()
            .with_title("Preamble")
            .with_app_id("preamble")
            .with_icon(icon)
            .with_inner_size(place::size_of(place.as_ref()))
            .with_maximized(place.is_some_and(|place| place.is_maximized))
            .with_min_inner_size(place::LEAST),
        // Kept by ourselves, within a second of a change.
        persist_window: false,
        ..eframe::NativeOptions::default()
    };
    let opened = eframe::run_native(
        "preamble",
        options,
        Box::new(move |creation| {
            let ctx = creation.egui_ctx.clone();
            put_back(creation, place.as_ref(), settings.zoom);
            let wake: super::effects::runner::Wake = Arc::new(move |patience| {
                if patience.is_zero() {
                    ctx.request_repaint();
                } else {
                    ctx.request_repaint_after(patience);
                }
            });
            let (runner, events) = Runner::new(kept, wake, now)?;
            let mut window = Window::new(Box::new(runner), events, now);
            window.state.settings = settings;
            if let Some(problem) = problem {
                let text = format!("settings were not read: {problem}");
                window.state.fail(text, problem.problem.hint, now());
            }
            window.log_frames(FrameLog::asked_for());
            window.apply_settings(&creation.egui_ctx);
            window.begin(first);
            window.begin(Effect::Home(HomeEffect::LookForCrash));
            Ok(Box::new(window))
        }),
    );
    match opened {
        Ok(()) => Ok(()),
        Err(error) => {
            tracing::error!("the window can't be opened: {error}");
            if is_graphics(&error) {
                without_graphics_card(project);
            }
            let words = words_of(&error);
            show(&words);
            Err(anyhow::anyhow!(words))
        }
    }
}

/// Puts the window where it was, where that can still be seen.
fn put_back(creation: &eframe::CreationContext<'_>, kept: Option<&WindowPlace>, zoom: f32) {
    let Some(window) = creation.winit_window() else { return };
    let screens: Vec<egui::Rect> = window
        .available_monitors()
        .map(|screen| {
            let factor = screen.scale_factor();
            let (at, size) = (screen.position(), screen.size());
            let point = |n: f64| (n / factor) as f32;
            egui::Rect::from_min_size(
                egui::pos2(point(f64::from(at.x)), point(f64::from(at.y))),
                egui::vec2(point(f64::from(size.width)), point(f64::from(size.height))),
            )
        })
        .collect();
    if let Some(corner) = place::corner_of(kept, &screens) {
        // The command counts in points of the zoom that is set by then.
        let corner = (corner.to_vec2() / zoom).to_pos2();
        creation.egui_ctx.send_viewport_cmd(egui::ViewportCommand::OuterPosition(corner));
    }
}

/// Whether the screen is there and drawing on it is what failed.
fn is_graphics(error: &eframe::Error) -> bool {
    matches!(
        error,
        eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) | eframe::Error::OpenGL(_)
    )
}

/// What happened and what can be done, for a person at a terminal or a desktop.
fn words_of(error: &eframe::Error) -> String {
    let cause = match error {
        // The rest of it is a page of what was asked for.
        eframe::Error::NoGlutinConfigs(_, cause) => cause.to_string(),
        error => error.to_string(),
    };
    let cause = plain(cause.lines().next().unwrap_or_default());
    if is_graphics(error) {
        format!(
            "no window can be drawn: OpenGL 2 is not to be had here, neither from the graphics \
             card nor without it ({cause}). Over a remote desktop or in a virtual machine, \
             install Mesa's OpenGL (libgl1 and libgl1-mesa-dri, or what your system calls them)"
        )
    } else {
        format!(
            "no window can be opened: there is no screen to show it on ({cause}). Set DISPLAY or \
             WAYLAND_DISPLAY, or over SSH connect with -X"
        )
    }
}

/// A cause without the place in somebody's source that reports it.
fn plain(cause: &str) -> &str {
    let after = cause.rfind(".rs:").and_then(|at| cause[at..].find(": ").map(|gap| at + gap + 2));
    cause[after.unwrap_or(0)..].trim_end_matches('.')
}

/// Starts the program once more, drawing without the graphics card; comes back where that is not
/// possible or was tried already.
#[cfg(unix)]
fn without_graphics_card(project: Option<&Path>) {
    use std::os::unix::process::CommandExt as _;
    if std::env::var_os(SOFTWARE).is_some() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    tracing::warn!("trying once more without the graphics card");
    let mut again = std::process::Command::new(program);
    again.args(project).env(SOFTWARE, "1");
    // Only comes back when it failed.
    let error = again.exec();
    tracing::error!("the program can't be started again: {error}");
}

#[cfg(not(unix))]
fn without_graphics_card(_project: Option<&Path>) {}

/// Shows a message to somebody who started the program from a desktop and sees no terminal.
fn show(words: &str) {
    use std::io::IsTerminal as _;
    let has_screen = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if std::io::stderr().is_terminal() || (cfg!(target_os = "linux") && !has_screen) {
        return;
    }
    rfd::MessageDialog::new()
        .set_level(rfd::MessageLevel::Error)
        .set_title("Preamble")
        .set_description(format!(
            "{words}.\n\nThe command line works without a window: see `preamble --help`."
        ))
        .show();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_done_is_said_in_words() {
        let words = words_of(&eframe::Error::AppCreation("x\ny".into()));
        assert!(words.contains("DISPLAY") && !words.contains('\n'), "{words}");
        let cause = "os error at /r/winit-0.30/src/mod.rs:765: neither is set.";
        assert_eq!(plain(cause), "neither is set");
        assert_eq!(plain("no config"), "no config");
    }
}
