//! Home, settings, session and the newcomer's steps.

mod hosts;
mod place;
mod steps;

pub(super) use hosts::hold;
pub use steps::step_problem;

use super::{import, project, recover};
use crate::app::command::HomeCommand;
use crate::app::effects::Effect;
use crate::app::effects::home::{HomeEffect, HomeEvent};
use crate::app::menu_command::MenuCommand;
use crate::app::message::Failure;
use crate::app::state::home::{CARDS, DraftState, Keeping, LogState, SettingsPage};
use crate::app::state::{AppState, Area, Moment, NoticeKind, PathPurpose, Sheet};
use crate::store::settings::Known;

pub(super) fn carry_out(state: &mut AppState, command: HomeCommand, at: Moment) -> Vec<Effect> {
    match command {
        HomeCommand::Page(page) => {
            state.area = Area::Settings;
            state.home.page = page;
            Vec::new()
        }
        HomeCommand::Continue => steps::go_on(state, at),
        HomeCommand::Do(step) => steps::do_step(state, step, at),
        HomeCommand::Skip(step) => {
            state.home.skipped.insert(step);
            Vec::new()
        }
        HomeCommand::Locate(root) => {
            state.home.locating = Some(root);
            vec![Effect::AskPath(PathPurpose::Locate)]
        }
        HomeCommand::Forget(root) => {
            state.home.recents.retain(|recent| recent.root != root);
            vec![Effect::Home(HomeEffect::Forget(root))]
        }
        HomeCommand::NextCard => {
            state.settings.cards = (state.settings.cards + 1).min(CARDS);
            save_settings(state)
        }
        HomeCommand::HideCards => {
            state.settings.cards = CARDS;
            save_settings(state)
        }
        HomeCommand::ShowCards => {
            state.settings.cards = 0;
            state.area = Area::Try;
            save_settings(state)
        }
        HomeCommand::Review(paths) => {
            vec![Effect::Home(HomeEffect::Read { paths, area: state.area })]
        }
        HomeCommand::ReviewText(text) => {
            if text.trim().is_empty() {
                return Vec::new();
            }
            vec![Effect::Home(HomeEffect::ReadText { text, area: state.area })]
        }
        HomeCommand::ImportKind(place, kind) => {
            import::kind(state, place, kind);
            Vec::new()
        }
        HomeCommand::ImportTarget(place, target) => {
            import::target(state, place, target);
            Vec::new()
        }
        HomeCommand::ImportTake(place, take) => {
            import::take(state, place, take);
            Vec::new()
        }
        HomeCommand::ImportRows(place, rows) => {
            import::rows(state, place, rows);
            Vec::new()
        }
        HomeCommand::ImportPart(place, part) => import::part(state, place, part),
        HomeCommand::Import => import::import(state, at),
        HomeCommand::KeepRecovered => recover::keep(state, at),
        HomeCommand::DiscardRecovered => recover::discard(state, at),
        HomeCommand::AllowHosts => hosts::allow(state, at),
        HomeCommand::RefuseHosts => {
            state.home.held = None;
            state.sheet = None;
            state.announce("Nothing was sent");
            Vec::new()
        }
        HomeCommand::AskBeforeHosts(ask) => {
            state.settings.ask_before_hosts = ask;
            save_settings(state)
        }
        HomeCommand::TellWhenAway(tell) => {
            state.settings.tell_when_away = tell;
            save_settings(state)
        }
        HomeCommand::ForgetHost(host) => {
            state.settings.hosts.remove(&host);
            save_settings(state)
        }
        HomeCommand::WindowAt(place) => {
            state.settings.window = Some(place);
            save_settings(state)
        }
        HomeCommand::ResetWindow => {
            state.settings.window = None;
            state.settings.zoom = 1.0;
            state.announce("The window is as at first");
            let mut effects = save_settings(state);
            effects.push(Effect::ResetWindow);
            effects
        }
        HomeCommand::CopyDiagnostics => vec![Effect::Home(HomeEffect::Diagnose)],
        HomeCommand::SalvageJournal => match state.home.damaged.take() {
            // Nothing can be saved while the project is closed for it.
            Some(root) => {
                project::after_saving(state, Effect::Home(HomeEffect::SalvageJournal(root)))
            }
            None => Vec::new(),
        },
        HomeCommand::OpenFolder(path) => vec![Effect::Home(HomeEffect::OpenFolder(path))],
        HomeCommand::DismissCrash => match state.home.crash.take() {
            Some(report) => vec![Effect::Home(HomeEffect::SawCrash(report.path))],
            None => Vec::new(),
        },
    }
}

pub(super) fn take_in(state: &mut AppState, event: HomeEvent, at: Moment) -> Vec<Effect> {
    match event {
        HomeEvent::Recents(recents) => state.home.recents = recents,
        HomeEvent::Facts { root, facts } => {
            if state.project.as_ref().is_some_and(|project| project.root == root) {
                state.home.facts = Some(facts);
            }
        }
        HomeEvent::Remembered { root, known, recovered } => {
            return remembered(state, root, known, recovered, at);
        }
        HomeEvent::DraftsKept(Err(failure)) => {
            // Said once: a full disk would say it with every keystroke.
            state.notify(NoticeKind::Warning, failure.message, at);
        }
        HomeEvent::DraftsKept(Ok(())) => {}
        HomeEvent::Read(review) => import::read(state, *review, at),
        HomeEvent::Measured(storage) => state.home.storage = Some(storage),
        HomeEvent::Log { seen, lines } => {
            state.home.log = LogState { seen, lines, is_watched: false };
        }
        HomeEvent::Diagnosed(text) => {
            state.notify(NoticeKind::Done, "Diagnostics are on the clipboard, without keys", at);
            return vec![Effect::Copy(text)];
        }
        HomeEvent::Crash(report) => state.home.crash = Some(report),
        HomeEvent::Doubt(Failure { message, hint }) => {
            state.notify(NoticeKind::Warning, format!("{message}; {hint}"), at);
        }
        HomeEvent::JournalDamaged { root, what } => {
            state.home.damaged = Some(root);
            let text = format!(
                "The journal is damaged ({what}), so nothing is added to it; what is whole can be \
                 salvaged into a new one, and the damaged one is kept"
            );
            state.notify_with(NoticeKind::Error, text, MenuCommand::SalvageJournal, at);
        }
        HomeEvent::Salvaged { root, result } => match result {
            Ok(text) => {
                state.notify(NoticeKind::Done, text, at);
                state.opening = Some(root.clone());
                return vec![Effect::Open(root)];
            }
            Err(failure) => {
                state.home.damaged = Some(root);
                state.fail(failure.message, failure.hint, at);
            }
        },
    }
    Vec::new()
}

fn save_settings(state: &AppState) -> Vec<Effect> {
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}

/// What follows from every message: where the user is and what is unsaved are kept soon, steps
/// that were done are noted, and what a screen shows is looked up when it is entered.
pub(super) fn after(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.sheet != Some(Sheet::ImportReview) {
        state.home.import = None;
    }
    if state.sheet != Some(Sheet::FirstSend) {
        state.home.held = None;
    }
    if !matches!(state.area, Area::Home | Area::Settings) {
        state.home.work = Some(state.area);
    }
    let mut effects = place::keep_place(state, at);
    effects.extend(recover::keep_drafts(state, at));
    effects.extend(steps::note_steps(state));
    effects.extend(look(state));
    effects
}

/// Looks up what the screen shows, when it is entered.
fn look(state: &mut AppState) -> Vec<Effect> {
    let now = (state.area, state.home.page);
    let entered = state.home.looked_at != Some(now);
    state.home.looked_at = Some(now);
    let mut effects = Vec::new();
    match now {
        (Area::Home, _) if entered => effects.push(Effect::Home(HomeEffect::Look)),
        (Area::Settings, SettingsPage::Models) if entered => {
            effects.extend(super::models::look(state));
        }
        (Area::Settings, SettingsPage::Storage) if entered => {
            effects.push(Effect::Home(HomeEffect::Measure));
        }
        (Area::Settings, SettingsPage::Logs) if !state.home.log.is_watched => {
            state.home.log.is_watched = true;
            let seen = (!entered).then_some(state.home.log.seen);
            effects.push(Effect::Home(HomeEffect::WatchLog(seen)));
        }
        _ => {}
    }
    effects
}

/// Another project is about to take the place of the one that was open.
pub(super) fn another_project(state: &mut AppState, first_time: bool) {
    let home = &mut state.home;
    home.facts = None;
    home.skipped.clear();
    home.done.clear();
    home.keeping = Keeping::default();
    home.drafts = DraftState::default();
    home.recovered = None;
    home.work = None;
    home.storage = None;
    home.quit_refused = false;
    home.looked_at = None;
    if first_time {
        state.area = Area::Try;
    }
}

fn remembered(
    state: &mut AppState,
    root: std::path::PathBuf,
    known: Option<Box<Known>>,
    recovered: Option<crate::app::state::home::Recovered>,
    at: Moment,
) -> Vec<Effect> {
    let mut effects = vec![Effect::Home(HomeEffect::Look)];
    if let Some(from) = state.home.locating.take()
        && from != root
    {
        effects.push(Effect::Home(HomeEffect::Moved { from, to: root.clone() }));
    }
    let keeping = &mut state.home.keeping;
    keeping.root = Some(root);
    keeping.opened = at;
    if let Some(known) = known {
        keeping.edited = Moment(known.edited_ms);
        let place = known.place.clone();
        keeping.kept = *known;
        place::restore(state, &place);
    } else if state.area == Area::Home {
        state.area = Area::Try;
    }
    if let Some(recovered) = recovered {
        let count = recovered.documents.len();
        state.home.recovered = Some(recovered);
        state.home.drafts.is_there = true;
        state.sheet = Some(Sheet::Recovered);
        state.announce(format!("{count} unsaved changes were found"));
    }
    effects
}
