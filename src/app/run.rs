//! Opens the window.

use std::path::PathBuf;
use std::sync::Arc;

use super::effects::Effect;
use super::effects::runner::Runner;
use super::frame_log::FrameLog;
use super::state::{Settings, ThemeChoice};
use super::window::{Window, now};
use crate::store::project::PROJECT_FILE;
use crate::store::settings;

/// The window's least size, in points: what every screen works at.
const LEAST: [f32; 2] = [900.0, 560.0];
/// The window's first size, in points.
const FIRST: [f32; 2] = [1280.0, 800.0];

/// Opens the window with the project in a folder; without one, with the last project, or the
/// first time with the sample, which is made in the user's data folder.
///
/// # Errors
///
/// No window can be opened: no display, or no OpenGL 2.
pub fn run(project: Option<PathBuf>) -> anyhow::Result<()> {
    let (kept, problem) = settings::load();
    let first = match project {
        Some(folder) => Effect::Open(folder),
        None => match kept.recents.iter().find(|folder| folder.join(PROJECT_FILE).is_file()) {
            Some(folder) => Effect::Open(folder.clone()),
            None => Effect::OpenSample,
        },
    };
    let options = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default()
            .with_title("Preamble")
            .with_app_id("preamble")
            .with_inner_size(FIRST)
            .with_min_inner_size(LEAST),
        ..eframe::NativeOptions::default()
    };
    let settings = settings_of(&kept);
    eframe::run_native(
        "preamble",
        options,
        Box::new(move |creation| {
            let ctx = creation.egui_ctx.clone();
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
            Ok(Box::new(window))
        }),
    )
    .map_err(|error| anyhow::anyhow!("the window can't be opened: {error}"))
}

fn settings_of(kept: &settings::Settings) -> Settings {
    Settings {
        theme: match kept.theme {
            settings::ThemeChoice::System => ThemeChoice::System,
            settings::ThemeChoice::Light => ThemeChoice::Light,
            settings::ThemeChoice::Dark => ThemeChoice::Dark,
        },
        zoom: kept.zoom,
        reading_size: kept.reading_size.clamp(13.0, 20.0),
    }
}
