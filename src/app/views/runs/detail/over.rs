//! A run that is not on: why it ended so, its sums, what can be done with it.

use egui::{Label, Ui};

use super::super::rules::{money_field, percent_field};
use super::live::{failed, per_row_of, spent, unknown};
use crate::app::command::{HomeCommand, RunsCommand};
use crate::app::effects::runs::ResumeWishes;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::runs::{Remedy, RunDetail, WhyStopped, is_own_work};
use crate::app::state::{AppState, RunLimit, SettingsPage, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::attention::Attention;
use crate::app::widgets::number::{cached, count, counted};
use crate::app::widgets::{Button, NoticeKind, notice};
use crate::domain::RunId;
use crate::engine::Limits;
use crate::store::journal::{RunOverview, RunState};

/// Limits to resume with, while they are chosen.
#[derive(Debug, Default)]
pub(super) struct OverPane {
    attention: Attention,
    /// Of which run, with the limits that it had when they were shown.
    chosen: Option<(RunId, Limits, ResumeWishes)>,
}

impl OverPane {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        run: &RunOverview,
        detail: Option<&RunDetail>,
        outbox: &Outbox,
    ) {
        let record = &run.record;
        why_it_ended(ui, state, run, outbox);
        if let Some(detail) = detail {
            sums(ui, state, run, detail);
        }
        ui.add_space(space::XS);
        if state.runs.resumable(run).is_some() {
            prices(ui, detail);
            self.limits(ui, state, run, detail, outbox);
        }
        ui.horizontal_wrapped(|ui| {
            if let Some(words) = state.runs.resumable(run) {
                let wishes = self.wishes(run, detail);
                let tip = "Only what is missing or failed is asked; what was paid for is not paid \
                           again";
                let button = Button::secondary(&words).shortcut("R").tip(tip);
                if button.disabled_because(editable(state).err()).show(ui).clicked() {
                    outbox.send(RunsCommand::Resume { run: record.id.clone(), wishes });
                }
            }
            let none = (run.rows == 0).then_some("It has no rows");
            let rows = Button::secondary("Show rows").shortcut("O").disabled_because(none);
            if rows.show(ui).clicked() {
                outbox.send(RunsCommand::ShowRows(record.id.clone()));
            }
        });
    }

    /// The limits to resume with, where others were chosen than it has.
    fn wishes(&self, run: &RunOverview, detail: Option<&RunDetail>) -> ResumeWishes {
        let known = detail.and_then(|detail| detail.limits);
        let chosen = self.chosen.as_ref().filter(|(of, ..)| of == &run.record.id);
        let (Some(known), Some((.., chosen))) = (known, chosen) else {
            return ResumeWishes::default();
        };
        let other = |chosen: Option<f64>, known: Option<f64>| chosen.filter(|_| chosen != known);
        ResumeWishes {
            cap: other(chosen.cap, known.max_cost),
            cap_per_day: other(chosen.cap_per_day, known.max_cost_per_day),
            failures: other(chosen.failures, known.max_failures),
            refusals: other(chosen.refusals, known.max_refusals),
        }
    }

    /// Fields for the limits that it has, to resume with others.
    fn limits(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        run: &RunOverview,
        detail: Option<&RunDetail>,
        outbox: &Outbox,
    ) {
        let Some(known) = detail.and_then(|detail| detail.limits) else { return };
        // It may have been on meanwhile with others.
        let is_same =
            |(of, was, _): &(RunId, Limits, ResumeWishes)| of == &run.record.id && *was == known;
        if !self.chosen.as_ref().is_some_and(is_same) {
            let wishes = ResumeWishes {
                cap: known.max_cost,
                cap_per_day: known.max_cost_per_day,
                failures: known.max_failures,
                refusals: known.max_refusals,
            };
            self.chosen = Some((run.record.id.clone(), known, wishes));
        }
        let Some((.., wishes)) = &mut self.chosen else { return };
        let before = *wishes;
        let attention = &mut self.attention;
        let mut seek = |limit: RunLimit, field: &egui::Response| {
            attention.focus(state, &Target::RunLimit(limit), field);
        };
        ui.horizontal_wrapped(|ui| {
            let all = [
                (RunLimit::Cap, "Spend at most", &mut wishes.cap),
                (RunLimit::CapPerDay, "All runs a day at most", &mut wishes.cap_per_day),
            ];
            for (limit, words, value) in all {
                let Some(cap) = value else { continue };
                let label = ui.label(text::weak_label(words));
                let field = money_field(ui, cap).labelled_by(label.id);
                seek(limit, &field.on_hover_text("In all, earlier sittings included"));
                ui.add_space(space::S);
            }
            let all = [
                (RunLimit::Failures, "Failures at most", &mut wishes.failures),
                (RunLimit::Refusals, "Refusals at most", &mut wishes.refusals),
            ];
            for (limit, words, value) in all {
                let Some(share) = value else { continue };
                let mut percent = (*share * 100.0).round() as u32;
                let label = ui.label(text::weak_label(words));
                let field = percent_field(ui, &mut percent).labelled_by(label.id);
                if field.changed() {
                    *share = f64::from(percent) / 100.0;
                }
                seek(limit, &field);
                ui.add_space(space::S);
            }
        });
        if *wishes != before {
            let wishes = self.wishes(run, detail);
            outbox.send(RunsCommand::Wish(run.record.id.clone(), wishes));
        }
    }
}

/// Prices that are other now: what is asked from now on counts with them.
fn prices(ui: &mut Ui, detail: Option<&RunDetail>) {
    let news = detail.map(|detail| detail.price_news.as_slice()).unwrap_or_default();
    if news.is_empty() {
        return;
    }
    let words = format!(
        "{}. Going on counts with the prices of now; what was paid stays as it was.",
        crate::app::widgets::notice::capitalised(&news.join("; "))
    );
    notice(ui, NoticeKind::Warning, "Prices have changed since it was on", &words, |_| {});
}

/// Why a run that is not done ended, and what to do.
fn why_it_ended(ui: &mut Ui, state: &AppState, run: &RunOverview, outbox: &Outbox) {
    let record = &run.record;
    let kept = format!("{} kept", counted(run.rows - run.rows_failed, "row is", "rows are"));
    if record.state == RunState::Running {
        let words = "Another program runs it, such as the command line. Read the runs again (F5) \
                     to see how far it is.";
        notice(ui, NoticeKind::Info, "It is on elsewhere", words, |_| {});
        return;
    }
    let Some(why) = WhyStopped::of(run) else { return };
    let hint = match why {
        WhyStopped::User => "Resume it and it goes on where it stopped",
        WhyStopped::Interrupted => {
            "The program ended while it ran. Resume it: replies that came are not asked again"
        }
        WhyStopped::Key => "Set another key under Settings > Models, then resume it",
        WhyStopped::Price => "Give the model's prices under Settings > Models, then resume it",
        WhyStopped::Refusal | WhyStopped::Other => {
            "Mend what it names, under Settings where it is a model, then resume it"
        }
        WhyStopped::Cap => "Let it spend more below and resume it",
        WhyStopped::DayCap => "Let a day cost more below, or resume it tomorrow",
        WhyStopped::Failures => "See below what failed; mend that or allow more, then resume it",
        WhyStopped::Refusals => "Look at the answers; change prompts or model, or allow more",
    };
    let (kind, title) = match why {
        WhyStopped::User => (NoticeKind::Warning, "Stopped by you".to_owned()),
        WhyStopped::Interrupted => (NoticeKind::Warning, "Interrupted".to_owned()),
        _ => (NoticeKind::Failure, format!("Stopped: {}", record.message)),
    };
    notice(ui, kind, &title, &format!("{hint}. {kept}."), |ui| {
        remedy(ui, why.remedy(), outbox);
        let is_asked = state.runs.interrupted().iter().any(|one| one.record.id == record.id);
        if is_asked {
            let button = Button::quiet("Don’t ask again").compact();
            let tip = "It stays in the list and can still be resumed";
            if button.tip(tip).show(ui).clicked() {
                outbox.send(RunsCommand::LetBe(record.id.clone()));
            }
        }
    });
}

/// The button that leads to where it is mended; what is chosen here needs none.
fn remedy(ui: &mut Ui, remedy: Option<Remedy>, outbox: &Outbox) {
    if let Some(remedy @ (Remedy::FixKey | Remedy::OpenModels)) = remedy
        && Button::secondary(remedy.in_words()).compact().show(ui).clicked()
    {
        outbox.send(HomeCommand::Page(SettingsPage::Models));
    }
}

fn sums(ui: &mut Ui, state: &AppState, run: &RunOverview, detail: &RunDetail) {
    let counts = &detail.counts;
    let record = &run.record;
    let mut parts =
        vec![format!("{} of {}", count(counts.rows), counted(record.rows_total, "row", "rows"))];
    let cap = detail.limits.and_then(|limits| limits.max_cost);
    parts.push(spent(counts.cost, cap, detail.is_price_unknown && counts.calls > 0));
    parts.extend(per_row_of(run).filter(|_| is_own_work(counts.calls, counts.replayed)));
    parts.push(format!("{} sent", counted(counts.calls, "call", "calls")));
    if counts.replayed > 0 {
        parts.push(format!("{} from the journal", count(counts.replayed)));
    }
    if counts.calls_failed > 0 {
        parts.push(format!("{} failed", counted(counts.calls_failed, "call", "calls")));
    }
    let trend = state.runs.trends.as_ref().filter(|(of, _)| of == &record.id);
    let trend = trend.and_then(|(_, trends)| trends.failed.as_ref());
    parts.push(failed(counts.rows_failed, counts.rows, trend));
    if counts.unparsed > 0 {
        parts.push(format!("{} unparsed", counted(counts.unparsed, "verdict", "verdicts")));
    }
    let usage = counts.usage;
    parts.push(format!(
        "{} tokens read, {} written",
        count(usage.prompt_tokens),
        count(usage.completion_tokens)
    ));
    parts.extend(cached(usage));
    if usage.cache_write_tokens > 0 {
        parts.push(format!("{} put into the cache", count(usage.cache_write_tokens)));
    }
    ui.add(Label::new(parts.join(" · ")).wrap());
    // Money that nobody can vouch for has a line of its own.
    for words in unknown(&detail.unknown) {
        let colour = theme::tokens(ui).warning;
        ui.add(Label::new(egui::RichText::new(words).color(colour)).wrap());
    }
}
