//! Home: where was I, and what next? Also what newcomers are shown, and the sheets of import,
//! recovery and first sends.

mod first_send;
mod import;
mod next;
mod recent;
mod recovered;
mod strips;

use egui::{CentralPanel, Frame, Id, Modal, Rect, Role, ScrollArea, Ui, WidgetInfo};
use strum::IntoEnumIterator as _;

use crate::app::command::{GoCommand, HomeCommand, ProjectCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::home::{NextStep, Recent, next_step};
use crate::app::state::{AppState, Area, PathPurpose, SettingsPage, Sheet};
use crate::app::theme::{self, space, text};
use crate::app::update::home::step_problem;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{Button, card, number, section};
use crate::app::window::now;
use crate::store::settings::{Known, Step};

/// Below this width the two columns are one.
const TWO_COLUMNS: f32 = 700.0;
/// The widest that Home is drawn.
const WIDEST: f32 = 1080.0;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct HomeView {
    recents: recent::RecentView,
    recovered: recovered::RecoveredView,
    /// Whether Home was shown in the frame before: its first button has the focus when it comes.
    was_shown: bool,
}

impl HomeView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let frame = theme::area_frame(theme::tokens(ui));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.set_max_width(ui.available_width().min(WIDEST));
                self.contents(ui, state, outbox);
                ui.add_space(space::L);
            });
        });
        self.was_shown = true;
    }

    fn contents(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        ui.label(text::title("Home"));
        ui.add_space(space::XS);
        if ui.available_width() >= TWO_COLUMNS {
            let width = ui.available_width() - space::L;
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = space::L;
                ui.vertical(|ui| {
                    ui.set_width(width * 0.56);
                    self.left(ui, state, outbox);
                });
                ui.vertical(|ui| {
                    ui.set_width(width * 0.44);
                    right(ui, state, outbox);
                });
            });
        } else {
            self.left(ui, state, outbox);
            right(ui, state, outbox);
        }
        ui.add_space(space::M);
        drop_target(ui, state, outbox);
        started(ui, state, outbox);
    }

    fn left(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        section(ui, "Continue");
        let open = state.home.keeping.root.as_ref();
        let last = state.home.recents.iter().find(|recent| match open {
            Some(open) => &recent.root == open,
            None => recent.is_there,
        });
        card(ui, |ui| self.go_on(ui, state, last, outbox));
        let others: Vec<&Recent> = state
            .home
            .recents
            .iter()
            .filter(|recent| last.is_none_or(|last| last.root != recent.root))
            .collect();
        if !others.is_empty() {
            section(ui, "Recent");
            self.recents.show(ui, &others, outbox);
        }
    }

    fn go_on(&mut self, ui: &mut Ui, state: &AppState, last: Option<&Recent>, outbox: &Outbox) {
        let is_open = state.project.is_some();
        if let Some(folder) = &state.opening {
            ui.label(text::heading("Opening"));
            ui.add(egui::Label::new(text::mono(folder.display().to_string())).truncate());
            return;
        }
        let Some(last) = last else {
            ui.label(text::heading("No project yet"));
            let words = "A project is a folder with constitutions, rubrics and prompts. The sample \
                         has some of each and needs no key and no account.";
            ui.add(egui::Label::new(words).wrap());
            ui.add_space(space::XS);
            let open = Button::primary("Open the sample project").show(ui);
            self.focus_first(ui, &open);
            if open.clicked() {
                outbox.send(ProjectCommand::OpenSample);
            }
            return;
        };
        let known = &last.known;
        ui.horizontal(|ui| {
            let edited = if known.edited_ms > 0 {
                format!("edited {}", ago(known.edited_ms))
            } else {
                String::new()
            };
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(text::weak_label(edited));
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(text::heading(last.name())).truncate());
                });
            });
        });
        ui.add(egui::Label::new(counts(known)).wrap());
        let stopped = stopped_at(known);
        ui.add(egui::Label::new(format!("Stopped at {stopped}")).wrap());
        ui.add_space(space::XS);
        ui.horizontal(|ui| {
            let words = if is_open { "Continue" } else { "Open" };
            let response = Button::primary(words).shortcut("Enter").show(ui);
            self.focus_first(ui, &response);
            if response.clicked() {
                outbox.send(HomeCommand::Continue);
            }
        });
    }

    /// Gives the focus to Home's first button when Home comes, so that Enter goes on.
    fn focus_first(&self, ui: &Ui, response: &egui::Response) {
        if !self.was_shown && !ui.ctx().text_edit_focused() {
            response.request_focus();
        }
    }

    /// Draws what lies beside every screen: a crash report, the newcomer's card.
    pub fn strips(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        if state.area != Area::Home {
            self.was_shown = false;
        }
        strips::crash(ui, state, outbox);
        strips::cards(ui, state, outbox);
    }

    /// Draws the sheet on top, if it is one of these.
    pub fn sheet(&mut self, ctx: &egui::Context, state: &AppState, outbox: &Outbox) {
        match &state.sheet {
            Some(Sheet::ImportReview) => import::show(ctx, state, outbox),
            Some(Sheet::Recovered) => self.recovered.show(ctx, state, outbox),
            Some(Sheet::FirstSend) => first_send::show(ctx, state, outbox),
            _ => {}
        }
        strips::dropping(ctx, state);
    }
}

/// The height of what newcomers are shown at the bottom of the screen, in points.
pub fn strip_height(state: &AppState) -> f32 {
    strips::height(state)
}

/// A sheet with a title, contents that scroll, and a row of buttons below that does not.
fn modal(
    ctx: &egui::Context,
    title: &str,
    width: f32,
    outbox: &Outbox,
    contents: impl FnOnce(&mut Ui),
    buttons: impl FnOnce(&mut Ui),
) {
    let screen = ctx.content_rect();
    let frame = Frame::popup(&ctx.global_style()).inner_margin(16);
    let response = Modal::new(Id::unique(("home sheet", title))).frame(frame).show(ctx, |ui| {
        ui.set_width(width.min(screen.width() - 80.0));
        ui.spacing_mut().item_spacing.y = space::S;
        let mut closed = false;
        ui.horizontal(|ui| {
            ui.label(text::title(title));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                closed = Button::quiet("Close").shortcut("Esc").show(ui).clicked();
            });
        });
        let most = screen.height() - 200.0;
        ScrollArea::vertical()
            .auto_shrink([false, true])
            .max_height(most)
            .min_scrolled_height(most.min(560.0))
            .show(ui, contents);
        ui.add_space(space::XS);
        ui.horizontal_wrapped(buttons);
        closed
    });
    if response.inner || response.should_close() {
        outbox.send(GoCommand::CloseSheet);
    }
}

/// What a sheet shows when there is nothing in it (any more).
fn nothing(ctx: &egui::Context, title: &str, words: &str, outbox: &Outbox) {
    modal(
        ctx,
        title,
        520.0,
        outbox,
        |ui| {
            ui.add(egui::Label::new(words).wrap());
        },
        |_| {},
    );
}

fn right(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    section(ui, "Next step");
    card(ui, |ui| {
        if let Some(step) = next_step(state) {
            offer(ui, state, step, outbox);
        } else {
            ui.label(text::strong("Nothing is waiting"));
            let words = "Go on where you stopped, or open another project.";
            ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
        }
    });
    section(ui, "Start");
    card(ui, |ui| {
        for (command, words) in [
            (MenuCommand::NewProject, "New project…"),
            (MenuCommand::OpenProject, "Open folder…"),
            (MenuCommand::OpenSample, "Open the sample project"),
        ] {
            let keys = keys_of(ui, command).unwrap_or_default();
            let mut button = Button::secondary(words).tip(command.title_and_tip().1);
            if !keys.is_empty() {
                button = button.shortcut(&keys);
            }
            if button.show(ui).clicked()
                && let Ok(command) = command.resolve(state)
            {
                outbox.send(command);
            }
        }
    });
}

fn offer(ui: &mut Ui, state: &AppState, step: NextStep, outbox: &Outbox) {
    let (title, why, button) = next::words_of(state, step);
    ui.label(text::heading(title));
    ui.add(egui::Label::new(why).wrap());
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        let problem = step_problem(state);
        if Button::secondary(button).disabled_because(problem).show(ui).clicked() {
            outbox.send(HomeCommand::Do(step));
        }
        if Button::quiet("Not now").tip("Offers the next one instead").show(ui).clicked() {
            outbox.send(HomeCommand::Skip(step));
        }
    });
}

fn drop_target(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let inner = Frame::new().inner_margin(12).show(ui, |ui| {
        ui.take_available_width();
        ui.horizontal_wrapped(|ui| {
            let why_not = editable(state).err();
            let keys = keys_of(ui, MenuCommand::Import).unwrap_or_default();
            let mut choose = Button::secondary("Choose a file…").disabled_because(why_not);
            if !keys.is_empty() {
                choose = choose.shortcut(&keys);
            }
            if choose.show(ui).clicked() {
                outbox.send(ProjectCommand::AskPath(PathPurpose::Import));
            }
            let words = "or drop prompts, principles, a rubric or a project folder anywhere; a \
                         list can be pasted, too";
            ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
        });
    });
    dashed(ui, inner.response.rect, theme::tokens(ui).edge());
    inner.response.widget_info(|| WidgetInfo::labeled(Role::Note, true, "Drop files here"));
}

fn dashed(ui: &Ui, rect: Rect, stroke: egui::Stroke) {
    let rect = rect.shrink(1.0);
    let corners = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    ui.painter().extend(egui::Shape::dashed_line(&corners, stroke, 5.0, 5.0));
}

/// The newcomer's checklist; gone when everything was done.
fn started(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let all = Step::iter().count();
    let done = Step::iter().filter(|step| state.settings.started.contains(step)).count();
    if done == all {
        return;
    }
    ui.add_space(space::S);
    section(ui, &format!("Getting started  {done} of {all}"));
    ui.horizontal_wrapped(|ui| {
        for step in Step::iter() {
            let is_done = state.settings.started.contains(&step);
            let words = format!("{} {step}", if is_done { "✓" } else { "○" });
            let name = format!("{step}, {}", if is_done { "done" } else { "not done" });
            let button = Button::quiet(&words).name(&name).tip(step_tip(step)).compact();
            if button.show(ui).clicked() {
                go_to_step(step, outbox);
            }
        }
    });
}

fn step_tip(step: Step) -> &'static str {
    match step {
        Step::Chain => "Run a prompt in Try: draft, critique, revision",
        Step::React => "Say what is wrong with an answer, and make a principle of it",
        Step::Principle => "Add a principle of your own to a constitution",
        Step::Compare => "Run two constitutions on the same prompts",
        Step::Model => "Add a model beside the starter model",
        Step::Label => "Say which answers are better, to check the judge",
        Step::Export => "Write rows for training",
    }
}

fn go_to_step(step: Step, outbox: &Outbox) {
    match step {
        Step::Chain | Step::React => outbox.send(GoCommand::Area(Area::Try)),
        Step::Principle => outbox.send(GoCommand::Area(Area::Constitution)),
        Step::Compare => outbox.send(GoCommand::Area(Area::Compare)),
        Step::Model => outbox.send(HomeCommand::Page(SettingsPage::Models)),
        Step::Label => outbox.send(GoCommand::Area(Area::Judges)),
        Step::Export => outbox.send(GoCommand::Open(Sheet::Export)),
    }
}

/// `14 principles · 8 criteria · 40 prompts · 3 runs`.
fn counts(known: &Known) -> String {
    let parts = [
        (known.principles, "principle", "principles"),
        (known.criteria, "criterion", "criteria"),
        (known.prompts, "prompt", "prompts"),
        (known.runs, "run", "runs"),
    ];
    parts.map(|(n, one, many)| number::counted(n, one, many)).join(" · ")
}

/// `Constitution › P3`.
fn stopped_at(known: &Known) -> String {
    let place = &known.place;
    let item = match place.work.as_str() {
        "Constitution" => [&place.principle, &place.constitution],
        "Rubric" => [&place.criterion, &place.rubric],
        "Try" => [&place.prompt, &place.prompts],
        _ => [&place.prompts, &place.work],
    };
    let item = item.into_iter().find(|item| !item.is_empty() && **item != place.work);
    match item {
        _ if place.work.is_empty() => "the beginning".to_owned(),
        Some(item) if ["Constitution", "Rubric", "Try"].contains(&place.work.as_str()) => {
            format!("{} › {item}", place.work)
        }
        _ => place.work.clone(),
    }
}

/// How long ago that was, in a few words; empty for never.
fn ago(millis: u64) -> String {
    if millis == 0 {
        return String::new();
    }
    words_for(now().0.saturating_sub(millis) / 1_000)
}

fn words_for(secs: u64) -> String {
    let (n, one, many) = match secs {
        0..60 => return "just now".to_owned(),
        60..3_600 => return format!("{} min ago", secs / 60),
        3_600..86_400 => (secs / 3_600, "hour", "hours"),
        86_400..1_209_600 => (secs / 86_400, "day", "days"),
        1_209_600..5_184_000 => (secs / 604_800, "week", "weeks"),
        _ => (secs / 2_592_000, "month", "months"),
    };
    format!("{} ago", number::counted(n, one, many))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::Place;

    #[test]
    fn a_place_is_said_in_words() {
        let at = |work: &str, principle: &str| Known {
            place: Place {
                work: work.to_owned(),
                constitution: "general".to_owned(),
                principle: principle.to_owned(),
                ..Place::default()
            },
            ..Known::default()
        };
        assert_eq!(stopped_at(&at("Constitution", "P3")), "Constitution › P3");
        assert_eq!(stopped_at(&at("Constitution", "")), "Constitution › general");
        assert_eq!(stopped_at(&at("Try", "P3")), "Try");
        assert_eq!(stopped_at(&at("Runs", "P3")), "Runs");
        assert_eq!(stopped_at(&at("", "")), "the beginning");
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (secs, words) in [
            (3, "just now"),
            (720, "12 min ago"),
            (3_700, "1 hour ago"),
            (200_000, "2 days ago"),
            (2_000_000, "3 weeks ago"),
            (9_000_000, "3 months ago"),
        ] {
            assert_eq!(words_for(secs), words);
        }
    }
}
