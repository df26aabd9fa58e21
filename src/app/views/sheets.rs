//! Sheets that lie over the area: about, a path, a conflict. The others have their own files.

use egui::{Id, Modal, ScrollArea, Ui};

use crate::app::command::{GoCommand, ProjectCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, PathPurpose, Sheet};
use crate::app::theme::{self, space, text};
use crate::app::widgets::path_field::resolved;
use crate::app::widgets::{Button, Field, section};

/// The sheets' own state.
#[derive(Debug, Default)]
pub struct SheetsView {
    path: String,
    /// What the path was asked for last; the field takes the focus when that changes.
    asked: Option<PathPurpose>,
}

impl SheetsView {
    /// Draws the sheet on top, if there is one of these.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        if !matches!(state.sheet, Some(Sheet::Path(_))) {
            self.asked = None;
        }
        match state.sheet.as_ref() {
            Some(Sheet::About) => sheet(ui, "About Preamble", outbox, |ui| about(ui, state)),
            Some(Sheet::Path(purpose)) => {
                let purpose = *purpose;
                sheet(ui, path_title(purpose), outbox, |ui| self.path(ui, purpose, outbox));
            }
            Some(Sheet::Conflict) => {
                sheet(ui, "A file changed on disk", outbox, |ui| conflict(ui, state, outbox));
            }
            Some(_) | None => {}
        }
    }

    fn path(&mut self, ui: &mut Ui, purpose: PathPurpose, outbox: &Outbox) {
        let field = Field::new("Path").mono().hint(path_hint(purpose)).help(path_help(purpose));
        let response = field.show(ui, &mut self.path);
        if self.asked != Some(purpose) {
            self.asked = Some(purpose);
            response.request_focus();
            ui.ctx().request_repaint();
        }
        let empty = self.path.trim().is_empty().then_some("Type a path first");
        let entered =
            response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let verb = match purpose {
            PathPurpose::OpenProject => "Open",
            PathPurpose::Locate => "Open it there",
            PathPurpose::NewProject => "Make project",
            PathPurpose::Import => "Import",
            PathPurpose::Export => "Use this folder",
        };
        let chosen = Button::primary(verb).disabled_because(empty).show(ui).clicked();
        if (chosen || entered) && empty.is_none() {
            let here = std::env::current_dir().unwrap_or_default();
            let home = std::env::home_dir();
            let path = resolved(&self.path, &here, home.as_deref());
            match purpose {
                PathPurpose::OpenProject | PathPurpose::Locate => {
                    outbox.send(ProjectCommand::Open(path));
                }
                PathPurpose::NewProject => outbox.send(ProjectCommand::Create(path)),
                PathPurpose::Import => outbox.send(ProjectCommand::Import(path)),
                PathPurpose::Export => {
                    let folder = path.display().to_string();
                    outbox.send(crate::app::command::ExportCommand::Folder(folder));
                    outbox.send(GoCommand::Open(Sheet::Export));
                }
            }
            self.path.clear();
        }
    }
}

fn path_title(purpose: PathPurpose) -> &'static str {
    match purpose {
        PathPurpose::OpenProject => "Open a project folder",
        PathPurpose::Locate => "Where is the project now?",
        PathPurpose::NewProject => "Make a project in a new folder",
        PathPurpose::Import => "Import a file",
        PathPurpose::Export => "Where the export goes",
    }
}

fn path_hint(purpose: PathPurpose) -> &'static str {
    match purpose {
        PathPurpose::OpenProject | PathPurpose::NewProject | PathPurpose::Locate => {
            "~/projects/clinic"
        }
        PathPurpose::Import => "~/downloads/prompts.jsonl",
        PathPurpose::Export => "~/datasets",
    }
}

fn path_help(purpose: PathPurpose) -> &'static str {
    match purpose {
        PathPurpose::OpenProject | PathPurpose::Locate => {
            "The folder that holds the file preamble.ron"
        }
        PathPurpose::NewProject => "An empty folder, or one that is not there yet",
        PathPurpose::Import => "A constitution, a rubric, prompts, or a project folder",
        PathPurpose::Export => "Made if it is not there yet",
    }
}

/// A sheet with a title and a way to close it: the button, Esc, or a click beside it.
pub fn sheet(ui: &mut Ui, title: &str, outbox: &Outbox, contents: impl FnOnce(&mut Ui)) {
    let ctx = ui.ctx().clone();
    let screen = ctx.content_rect();
    let width = 560.0_f32.min(screen.width() - 80.0);
    framed(&ctx, title, width, outbox, |ui| {
        ScrollArea::vertical()
            .auto_shrink([false, true])
            .max_height(screen.height() - 160.0)
            .min_scrolled_height((screen.height() - 160.0).min(600.0))
            .show(ui, contents);
    });
}

/// A sheet of fixed size that scrolls by itself where it must; small windows make it smaller.
pub fn large_sheet(
    ctx: &egui::Context,
    title: &str,
    size: egui::Vec2,
    outbox: &Outbox,
    contents: impl FnOnce(&mut Ui),
) {
    let screen = ctx.content_rect().size();
    let width = size.x.min(screen.x - 64.0);
    let height = size.y.min(screen.y - 140.0);
    framed(ctx, title, width, outbox, |ui| {
        let size = egui::vec2(width, height);
        ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.set_min_size(size);
            contents(ui);
        });
    });
}

fn framed(
    ctx: &egui::Context,
    title: &str,
    width: f32,
    outbox: &Outbox,
    contents: impl FnOnce(&mut Ui),
) {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique(("sheet", title))).frame(frame);
    let response = modal.show(ctx, |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = space::S;
        let mut closed = false;
        ui.horizontal(|ui| {
            ui.label(text::title(title));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let close = Button::quiet("Close").shortcut("Esc").show(ui);
                super::focus_keeper::offer(ui.ctx(), close.id);
                closed = close.clicked();
            });
        });
        contents(ui);
        closed
    });
    if response.inner || response.should_close() {
        outbox.send(GoCommand::CloseSheet);
    }
}

fn about(ui: &mut Ui, state: &AppState) {
    ui.label(format!("Preamble {}", env!("CARGO_PKG_VERSION")));
    ui.label("A studio for constitutions and rubrics of language models");
    ui.label(text::weak_label("Licensed under MIT or Apache-2.0, as you like"));
    if let Some(project) = &state.project {
        section(ui, "This project");
        ui.label(text::mono(project.root.display().to_string()));
    }
}

fn conflict(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    ui.add(
        egui::Label::new(
            "Another program wrote to a file that you changed here, too. Nothing is lost yet: \
             your version is in this window, the other one is on disk.",
        )
        .wrap(),
    );
    for conflict in &state.conflicts {
        ui.label(text::mono(conflict.id.to_string()).color(t.warning));
    }
    ui.horizontal_wrapped(|ui| {
        let mine = Button::primary("Keep mine")
            .tip("Writes your version; the file's own is kept beside it")
            .show(ui);
        if mine.clicked() {
            outbox.send(ProjectCommand::KeepMine);
        }
        let theirs = Button::secondary("Take the file's")
            .tip("Shows what the file says; your changes of it are dropped")
            .show(ui);
        if theirs.clicked() {
            outbox.send(ProjectCommand::TakeTheirs);
        }
    });
}
