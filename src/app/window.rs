//! The window's frame loop: events in, views drawn, commands carried out.
//!
//! [`eframe::App::logic`] drains what effects brought, within a time budget;
//! [`eframe::App::ui`] takes shortcuts, draws, then carries out what the views asked for. Nothing
//! here waits.

use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use egui::{Context, Event as InputEvent, Id, Ui, ViewportCommand};

use super::command::{Command, HomeCommand, ProjectCommand};
use super::effects::Effect;
use super::frame_log::FrameLog;
use super::message::{Body, Event, Message};
use super::outbox::Outbox;
use super::place::Placed;
use super::shortcuts;
use super::state::{AppState, Closing, Moment, Settings, ThemeChoice};
use super::theme::{self, Appearance};
use super::update::update;
use super::views::{self, Views};

/// The longest that events may be taken in before a frame is drawn.
const DRAIN_BUDGET: Duration = Duration::from_millis(10);

/// Carries out effects that touch the world outside; tests have one that only remembers.
pub trait Carry {
    /// Begins an effect; never waits. What comes of it is sent as an [`Event`].
    fn carry(&mut self, effect: Effect);
}

/// The window.
pub struct Window {
    /// What it shows.
    pub state: AppState,
    views: Views,
    outbox: Outbox,
    runner: Box<dyn Carry>,
    events: Receiver<Event>,
    clock: fn() -> Moment,
    applied: Option<Settings>,
    title: String,
    focused_field: Option<Id>,
    placed: Placed,
    frames: Option<FrameLog>,
}

impl Window {
    /// A window whose effects are carried out by `runner` and come back through `events`.
    pub fn new(runner: Box<dyn Carry>, events: Receiver<Event>, clock: fn() -> Moment) -> Self {
        Self {
            state: AppState::default(),
            views: Views::default(),
            outbox: Outbox::default(),
            runner,
            events,
            clock,
            applied: None,
            title: String::new(),
            focused_field: None,
            placed: Placed::default(),
            frames: None,
        }
    }

    /// Carries out an effect that no message asked for: the first one.
    pub fn begin(&mut self, effect: Effect) {
        self.runner.carry(effect);
    }

    /// Notes the end of every frame from now on, where there is a log to note it in.
    pub fn log_frames(&mut self, frames: Option<FrameLog>) {
        self.frames = frames;
    }

    /// Changes the state and begins the effects that follow.
    pub fn dispatch(&mut self, ctx: &Context, body: Body) {
        let at = (self.clock)();
        for effect in update(&mut self.state, Message { at, body }) {
            match effect {
                Effect::Copy(text) => ctx.copy_text(text),
                Effect::ForgetFieldUndo => shortcuts::forget_field_history(ctx),
                Effect::AskAttention | Effect::TellAway { by_desktop: false, .. } => {
                    ask_attention(ctx);
                }
                // Who looks at this window sees it here.
                Effect::TellAway { .. } if ctx.input(|input| input.focused) => {}
                Effect::Close => ctx.send_viewport_cmd(ViewportCommand::Close),
                Effect::ResetWindow => {
                    super::place::reset(ctx);
                    self.placed = Placed::default();
                }
                effect => self.runner.carry(effect),
            }
        }
    }

    /// Takes in what effects brought, and a wish to close the window.
    pub fn take_events(&mut self, ctx: &Context) {
        let begun = Instant::now();
        while let Ok(event) = self.events.try_recv() {
            self.dispatch(ctx, Body::Event(Box::new(event)));
            if begun.elapsed() > DRAIN_BUDGET {
                ctx.request_repaint();
                break;
            }
        }
        if ctx.input(|input| input.viewport().close_requested())
            && self.state.closing != Closing::Now
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            if self.state.closing == Closing::No {
                self.dispatch(ctx, Body::Command(ProjectCommand::Quit.into()));
            }
        }
    }

    /// Draws one frame and carries out what was asked for.
    pub fn draw(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        for command in shortcuts::take_pressed(&ctx, &self.state) {
            match command.resolve(&self.state) {
                Ok(command) => self.outbox.send(command),
                Err(reason) => {
                    let event = Event::Note(reason.to_owned());
                    self.dispatch(&ctx, Body::Event(Box::new(event)));
                }
            }
        }
        let dropped = dropped(&ctx);
        if !dropped.is_empty() {
            self.outbox.send(HomeCommand::Review(dropped));
        }
        if let Some(text) = pasted(&ctx).filter(|_| self.state.sheet.is_none()) {
            self.outbox.send(HomeCommand::ReviewText(text));
        }
        views::show(ui, &self.state, &mut self.views, &self.outbox);
        self.note_blur(&ctx);
        self.note_place(&ctx);
        let commands = self.outbox.take();
        if !commands.is_empty() {
            // What the commands change is drawn at once, not at the next movement of the mouse.
            ctx.request_repaint();
        }
        for command in commands {
            self.dispatch(&ctx, Body::Command(command));
        }
        self.apply_settings(&ctx);
        self.set_title(&ctx);
    }

    /// When a text field loses focus, the edit is complete: it is sealed and saved.
    fn note_blur(&mut self, ctx: &Context) {
        let field = ctx.memory(egui::Memory::focused).filter(|_| ctx.text_edit_focused());
        if self.focused_field.is_some() && self.focused_field != field {
            self.outbox.send(Command::EndEdit);
        }
        self.focused_field = field;
        let window_left = ctx.input(|input| {
            input.events.iter().any(|event| matches!(event, InputEvent::WindowFocused(false)))
        });
        if window_left {
            self.outbox.send(Command::EndEdit);
        }
    }

    /// Notes where the window is, once it has stayed there for a moment.
    fn note_place(&mut self, ctx: &Context) {
        if let Some(place) = self.placed.note(ctx, self.state.settings.window.as_ref()) {
            self.outbox.send(HomeCommand::WindowAt(place));
        }
    }

    /// Applies theme, zoom and reading size; call it before the first frame, which draws with
    /// the fonts that are there then.
    pub fn apply_settings(&mut self, ctx: &Context) {
        let settings = &self.state.settings;
        if self.applied.as_ref() == Some(settings) {
            return;
        }
        let appearance = appearance(settings);
        if self.applied.is_none() {
            theme::install(ctx, appearance);
            // Zoom is one of our own commands, kept in the settings.
            ctx.options_mut(|options| options.zoom_with_keyboard = false);
        } else {
            theme::apply(ctx, appearance);
        }
        ctx.set_zoom_factor(settings.zoom);
        ctx.request_repaint();
        self.applied = Some(settings.clone());
    }

    fn set_title(&mut self, ctx: &Context) {
        let title = match &self.state.project {
            Some(project) => format!("{} – Preamble", project.documents.setup.name),
            None => "Preamble".to_owned(),
        };
        let title = match self.state.runs.percent() {
            Some(percent) => format!("({percent} %) {title}"),
            None => title,
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.take_events(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.draw(ui);
        if let Some(frames) = &mut self.frames {
            frames.note((self.clock)(), self.state.project.is_some());
        }
    }

    // Widths of panels and scroll positions are kept; documents are kept by the store.
    fn persist_egui_memory(&self) -> bool {
        true
    }
}

/// Has the system point to the window, where it has no focus.
fn ask_attention(ctx: &Context) {
    if !ctx.input(|input| input.focused) {
        let kind = egui::UserAttentionType::Informational;
        ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(kind));
    }
}

fn appearance(settings: &Settings) -> Appearance {
    let theme = match settings.theme {
        ThemeChoice::System => egui::ThemePreference::System,
        ThemeChoice::Light | ThemeChoice::HighContrastLight => egui::ThemePreference::Light,
        ThemeChoice::Dark | ThemeChoice::HighContrast => egui::ThemePreference::Dark,
    };
    let high_contrast =
        matches!(settings.theme, ThemeChoice::HighContrast | ThemeChoice::HighContrastLight);
    Appearance {
        theme,
        high_contrast,
        reduced_motion: settings.reduced_motion,
        reading_size: settings.reading_size,
    }
}

fn dropped(ctx: &Context) -> Vec<std::path::PathBuf> {
    ctx.input(|input| {
        input.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect()
    })
}

/// A text that was pasted while no text field has the focus.
fn pasted(ctx: &Context) -> Option<String> {
    if ctx.text_edit_focused() {
        return None;
    }
    ctx.input(|input| {
        input.events.iter().find_map(|event| match event {
            InputEvent::Paste(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// The time now.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
