//! Draws every widget, and the screens over made-up states, for looking at them.
//!
//! `cargo run --example gallery -- [page] [dark]`; pages are listed in [`PAGES`]. Nothing here
//! is asked of a model: the states are written by hand to show what real ones look like.
#![allow(missing_docs, reason = "an example")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines, reason = "an example")]

#[path = "gallery/states.rs"]
mod states;
#[path = "gallery/widgets.rs"]
mod widgets_page;

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
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
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
            }))
        }),
    )
}
