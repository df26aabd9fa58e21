//! The bar at the bottom: jobs, what was spent, saving, notices, zoom.

use egui::{Align, Frame, Layout, Margin, Panel, RichText, Role, Sense, Stroke, Ui, WidgetInfo};
use egui::{pos2, vec2};

use super::{action_of, action_words, is_small, local_time, mark_of, purpose, sentence};
use crate::app::command::{GoCommand, LibraryCommand, LookCommand, ProjectCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{
    AppState, CallState, EmbeddedState, NoticeKind, SaveState, Sheet, TrialStatus,
};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::number::money;
use crate::app::widgets::{self, Button};

/// Draws it.
pub fn status(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(12, 2));
    Panel::bottom("status").frame(frame).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = size::COMPACT;
        ui.horizontal(|ui| {
            let jobs = jobs(state);
            ui.label(text::label(&jobs));
            widgets::announce(ui, &state.announcement.1);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                bell(ui, state, outbox);
                let zoom = format!("{:.0} %", state.settings.zoom * 100.0);
                let name = format!("Zoom {zoom}, reset");
                let button = Button::quiet(&zoom).name(&name).tip("Back to 100 %").compact();
                if button.show(ui).clicked() {
                    outbox.send(LookCommand::ZoomReset);
                }
                save_state(ui, state, outbox);
                spent(ui, state);
                if is_small(ui.ctx()) {
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        newest_notice(ui, state, outbox);
                    });
                }
            });
        });
    });
}

fn jobs(state: &AppState) -> String {
    if let EmbeddedState::Fetching { done, total, .. } = &state.models.embedded {
        return format!(
            "Fetching the starter model: {} of {} MB",
            done / 1_000_000,
            total / 1_000_000
        );
    }
    if let Some(running) = &state.compare.running {
        let progress = &running.progress;
        return format!("Comparing: {} of {} prompts", progress.rows_done, progress.rows_total);
    }
    if let (Some(cases), None) = (&state.cases.running, &state.trial.running) {
        let done = cases.total - cases.left.len();
        return format!("Cases: {}, {done} of {} done", cases.doing.to_lowercase(), cases.total);
    }
    if let Some(words) = state.runs.in_words() {
        return words;
    }
    let Some((_, key)) = &state.trial.running else { return "No jobs".to_owned() };
    let Some(trial) = state.trial.trials.get(key) else { return "No jobs".to_owned() };
    let under_way = trial
        .calls
        .iter()
        .rev()
        .find(|call| matches!(call.state, CallState::Running | CallState::Retrying(_)));
    match (under_way, &trial.status) {
        (Some(call), _) => format!("Prompt {}: {}", key.1, purpose(&call.purpose)),
        (None, TrialStatus::Running(what)) => format!("Prompt {}: {what}", key.1),
        (None, _) => "No jobs".to_owned(),
    }
}

/// What the project's calls have cost, where anything is known to have cost something.
fn spent(ui: &mut Ui, state: &AppState) {
    let Some(cost) = state.spent().filter(|cost| *cost > 0.0) else { return };
    let words = match cost {
        cost if cost < 0.01 => "< $0.01 spent".to_owned(),
        cost => format!("{} spent", money(cost)),
    };
    ui.label(text::weak_label(words)).on_hover_text(
        "What this project's calls have cost so far, for models whose price is known. Calls whose \
         outcome is unknown count at their worst.",
    );
}

fn save_state(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let (words, colour) = match &state.save {
        SaveState::Clean => ("No changes".to_owned(), t.weak),
        SaveState::Dirty { .. } | SaveState::Saving => ("Saving…".to_owned(), t.weak),
        SaveState::Saved { at } => (format!("Saved {}", local_time(*at)), t.text),
        SaveState::Failed { .. } => ("Not saved".to_owned(), t.worse),
    };
    if !state.conflicts.is_empty() {
        let button = Button::secondary("A file changed on disk: choose").compact();
        if button.show(ui).clicked() {
            outbox.send(GoCommand::Open(Sheet::Conflict));
        }
    } else if let SaveState::Failed { message, .. } = &state.save {
        let tip = message.clone();
        let button = Button::secondary("Save again").tip(&tip).compact();
        if button.show(ui).clicked() {
            outbox.send(ProjectCommand::Save);
        }
    }
    ui.label(RichText::new(words).small().color(colour));
}

/// Opens the list of notices; says how many somebody should look at.
fn bell(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let n = state.notices_to_look_at();
    let words = if n == 0 { String::new() } else { format!("{n} to look at") };
    let failed = state.notices.iter().any(|notice| notice.kind == NoticeKind::Error);
    let colour = match n {
        0 => t.weak,
        _ if failed => t.worse,
        _ => t.warning,
    };
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(words.clone(), font, colour);
    let wide = if n == 0 { 24.0 } else { 30.0 + galley.size().x };
    let (rect, response) = ui.allocate_exact_size(vec2(wide, 24.0), Sense::click());
    let name = if n == 0 { "Notices".to_owned() } else { format!("Notices, {words}") };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    if ui.is_rect_visible(rect) {
        if response.hovered() {
            ui.painter().rect_filled(rect, 4, t.hovered);
        }
        draw_bell(ui, pos2(rect.left() + 12.0, rect.center().y), colour);
        let at = pos2(rect.left() + 24.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, colour);
        if response.has_focus() {
            widgets::list::focus_ring(ui, rect, 4);
        }
    }
    if response.on_hover_text("What happened, and what failed").clicked() {
        outbox.send(GoCommand::Open(Sheet::Notices));
    }
}

fn draw_bell(ui: &Ui, centre: egui::Pos2, colour: egui::Color32) {
    let stroke = Stroke::new(1.4, colour);
    let at = |x: f32, y: f32| centre + vec2(x, y);
    let body = vec![
        at(-5.5, 3.5),
        at(-4.0, 1.5),
        at(-4.0, -1.5),
        at(-2.6, -4.2),
        at(0.0, -5.2),
        at(2.6, -4.2),
        at(4.0, -1.5),
        at(4.0, 1.5),
        at(5.5, 3.5),
    ];
    ui.painter().add(egui::Shape::closed_line(body, stroke));
    ui.painter().line_segment([at(-1.4, 5.4), at(1.4, 5.4)], stroke);
}

/// In a small window the newest message is told here, where it covers nothing.
fn newest_notice(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(notice) = state.notices.iter().rev().find(|notice| notice.shown) else { return };
    let t = theme::tokens(ui);
    let action = action_of(state, notice);
    let buttons =
        34.0 + action.map_or(0.0, |command| 34.0 + 7.0 * action_words(command).len() as f32);
    let room = ui.available_width() - buttons - space::L;
    if room < 80.0 {
        return;
    }
    ui.add_space(space::S);
    let kind = mark_of(notice.kind);
    ui.label(text::label(kind.glyph()).color(kind.colour(t)));
    let words = sentence(&notice.text);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let wide = ui.painter().layout_no_wrap(words.clone(), font, t.text).size().x;
    ui.scope(|ui| {
        ui.set_max_width(room.min(wide + 2.0));
        ui.add(egui::Label::new(text::label(&words)).truncate()).on_hover_text(&notice.hint);
    });
    if let Some(command) = action
        && Button::secondary(action_words(command)).compact().show(ui).clicked()
        && let Ok(resolved) = command.resolve(state)
    {
        outbox.send(resolved);
        outbox.send(LibraryCommand::HideToast(notice.number));
    }
    if Button::quiet("×").name("Close message").compact().show(ui).clicked() {
        outbox.send(LibraryCommand::HideToast(notice.number));
    }
}
