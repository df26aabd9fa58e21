//! Draws every widget, and the screens over made-up states, for looking at them.
//!
//! `cargo run --example gallery -- [page] [dark]`; pages are listed in [`PAGES`]. Nothing here
//! is asked of a model: the states are written by hand to show what real ones look like.

#[path = "gallery/states.rs"]
mod states;
#[path = "gallery/widgets.rs"]
mod widgets_page;

use std::time::{Duration, Instant};

use egui::ThemePreference;
use preamble::app::theme::{self, Appearance};
use preamble::app::views::{export_sheet::ExportSheet, models::ModelsView, try_view::TryView};
use preamble::app::{AppState, Outbox};

const PAGES: &[&str] = &[
    "widgets",
    "try",
    "try-empty",
    "try-running",
    "try-failed",
    "try-scripts",
    "try-first",
    "try-long",
    "try-streaming",
    "export",
    "export-empty",
    "models",
    "models-form",
];

struct Gallery {
    page: String,
    state: AppState,
    outbox: Outbox,
    try_view: TryView,
    models: ModelsView,
    export: ExportSheet,
    widgets: widgets_page::WidgetsPage,
    times: Vec<Duration>,
    grown: Option<Instant>,
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let begun = Instant::now();
        let page = self.page.as_str();
        if page == "widgets" {
            self.widgets.show(ui);
        } else if page.starts_with("models") {
            self.models.show(ui, &self.state, &self.outbox);
        } else {
            self.try_view.show(ui, &self.state, &self.outbox);
        }
        if page.starts_with("export") {
            let ctx = ui.ctx().clone();
            self.export.show(&ctx, &self.state, &self.outbox);
        }
        self.times.push(begun.elapsed());
        if self.page == "try-streaming" {
            self.stream(ui.ctx());
        }
        // Selections work, so that every part can be looked at; nothing is run.
        for command in self.outbox.take() {
            let message = preamble::app::Message {
                at: preamble::app::state::Moment(0),
                body: preamble::app::message::Body::Command(command),
            };
            drop(preamble::app::update(&mut self.state, message));
            ui.ctx().request_repaint();
        }
    }
}

/// Frames that are timed while text streams in.
const TIMED: usize = 300;

impl Gallery {
    /// Adds words ten times a second, as a chain does, and says what a frame takes.
    fn stream(&mut self, ctx: &egui::Context) {
        const EVERY: Duration = Duration::from_millis(100);
        if self.grown.is_none_or(|grown| grown.elapsed() >= EVERY) {
            self.grown = Some(Instant::now());
            states::grow(&mut self.state);
        }
        // Twice as many frames as news: a frame without news must be cheap, too.
        ctx.request_repaint_after(EVERY / 2);
        if self.times.len() == TIMED {
            // The first frames load fonts.
            let mut times = self.times.split_off(20);
            times.sort();
            let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
            say(&format!("ui() p50 {:?} p95 {:?} max {:?}", at(0.5), at(0.95), at(1.0)));
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what the page is for")]
fn say(words: &str) {
    println!("{words}");
}

fn main() -> eframe::Result {
    let mut arguments = std::env::args().skip(1);
    let page = arguments.next().unwrap_or_else(|| "widgets".to_owned());
    assert!(PAGES.contains(&page.as_str()), "one of {PAGES:?}");
    let dark = arguments.next().as_deref() == Some("dark");
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([1024.0, 640.0]),
        persist_window: false,
        ..Default::default()
    };
    eframe::run_native(
        "preamble-gallery",
        options,
        Box::new(move |creation| {
            let theme = if dark { ThemePreference::Dark } else { ThemePreference::Light };
            theme::install(&creation.egui_ctx, Appearance { theme, ..Appearance::default() });
            Ok(Box::new(Gallery {
                state: states::of(&page),
                page,
                outbox: Outbox::default(),
                try_view: TryView::default(),
                models: ModelsView::default(),
                export: ExportSheet::default(),
                widgets: widgets_page::WidgetsPage::default(),
                times: Vec::new(),
                grown: None,
            }))
        }),
    )
}
