//! Beginning to label: who, which items, in which order.

use super::super::{may_label, refuse};
use super::on_screen;
use crate::app::effects::Effect;
use crate::app::state::judges::{Book, Page, Selected, Session};
use crate::app::state::{AppState, Area, Moment, Sheet};
use crate::domain::Split;
use crate::methods::labelling::{Order, Said, Usefulness, queue, recheck};
use crate::stats::judge_report::{self, ReportItem};

/// Begins to label a set, or goes on with it; who labels is asked once.
pub(in super::super) fn begin(state: &mut AppState, stem: &str, at: Moment) -> Vec<Effect> {
    begin_with(state, stem, &Which::Left, at)
}

/// Which items are asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Which {
    /// All that have no label yet.
    Left,
    /// Those of them that are of a part.
    Part(Split),
    /// Those whose label is stale.
    Stale,
    /// All that have no label yet, first what tells most; one entry for each item.
    Useful(Vec<Usefulness>),
}

/// What a judge said of the items says which of them tell most; the labeller sees none of it.
pub(super) fn useful(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(shown) = &state.judges.report.shown else { return Vec::new() };
    let stem = shown.wanted.set.clone();
    let Some(book) = state.judges.book(&stem) else { return Vec::new() };
    let mut useful = vec![Usefulness::default(); book.items.len()];
    for item in &shown.judging.items {
        if let Some(place) = book.place_of(&item.item) {
            useful[place] = Usefulness::of(&said_of(item));
        }
    }
    begin_with(state, &stem, &Which::Useful(useful), at)
}

/// What the judge said, as labelling has it: of pairs P(the second is better).
fn said_of(item: &ReportItem) -> Said {
    let judged = item.judge.as_ref().filter(|judged| judged.failed.is_none());
    let Some(judged) = judged else { return Said::default() };
    let turned = |p: Option<f64>| p.map(|p| 1.0 - p);
    let judges = |turn: bool| -> Vec<f64> {
        let all = judged.models.iter().filter_map(|(_, said)| said.value());
        all.map(|p| if turn { 1.0 - p } else { p }).collect()
    };
    match judged.said {
        judge_report::Said::Pair { p_ab, p_ba, .. } => Said {
            p: turned(judged.said.value()),
            p_ab: turned(p_ab),
            p_ba: turned(p_ba),
            judges: judges(true),
        },
        judge_report::Said::Apart { p_a } => {
            Said { p: turned(p_a), judges: judges(true), ..Said::default() }
        }
        judge_report::Said::Pass { p } => Said { p, judges: judges(false), ..Said::default() },
        judge_report::Said::Level { .. } => Said::default(),
    }
}

pub(super) fn shown(state: &mut AppState, which: &Which, at: Moment) -> Vec<Effect> {
    let Some((stem, _)) = state.judges.shown() else { return Vec::new() };
    let stem = stem.to_owned();
    begin_with(state, &stem, which, at)
}

fn begin_with(state: &mut AppState, stem: &str, which: &Which, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    if state.settings.labeller.trim().is_empty() {
        state.judges.waiting = Some(stem.to_owned());
        state.sheet = Some(Sheet::Labeller);
        return Vec::new();
    }
    state.area = Area::Judges;
    state.sheet = None;
    let labeller = state.settings.labeller.clone();
    let judges = &mut state.judges;
    judges.selected = Selected::Set(stem.to_owned());
    let going_on = judges.session.as_mut().filter(|session| {
        session.stem == stem && session.labeller == labeller && *which == Which::Left
    });
    if let Some(session) = going_on
        && session.page != Page::Done
    {
        session.is_paused = false;
        let words = judges.labelling().map(|(session, book)| on_screen(session, book));
        state.announce(words.unwrap_or_default());
        return Vec::new();
    }
    let Some(book) = judges.books.as_ref().and_then(|books| books.get(stem)) else {
        return Vec::new();
    };
    let session = session_of(stem, book, &labeller, which);
    let words = on_screen(&session, book);
    judges.session = Some(session);
    state.announce(words);
    Vec::new()
}

fn session_of(stem: &str, book: &Book, labeller: &str, which: &Which) -> Session {
    let turns = match which {
        Which::Stale => recheck(&book.set, &book.items, &book.labels, labeller),
        Which::Useful(items) => {
            let order = Order::MostUseful(items.clone());
            queue(&book.set, &book.items, &book.labels, labeller, &order)
        }
        Which::Left | Which::Part(_) => {
            let mut turns = queue(&book.set, &book.items, &book.labels, labeller, &Order::Random);
            if let Which::Part(split) = which {
                turns.retain(|turn| {
                    book.items.get(turn.item).is_some_and(|item| book.split(item) == *split)
                });
            }
            turns
        }
    };
    let mine = || book.labels.iter().filter(|one| one.labeller == labeller);
    // Who labelled under this guide has read it.
    let has_read = mine().any(|one| one.guide == book.set.guide.version);
    let page = match (turns.is_empty(), has_read) {
        (true, _) => Page::Done,
        (false, true) => Page::Queue,
        (false, false) => Page::Guide,
    };
    Session {
        stem: stem.to_owned(),
        labeller: labeller.to_owned(),
        page,
        is_paused: false,
        before: if *which == Which::Stale { 0 } else { mine().count() },
        turns,
        place: 0,
        given: Vec::new(),
        sure: None,
        comment: String::new(),
        is_commenting: false,
        since: None,
        flash: None,
        unkept: Vec::new(),
    }
}

/// It is known who labels.
pub(in super::super) fn named(state: &mut AppState, name: &str, at: Moment) -> Vec<Effect> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Vec::new();
    }
    state.settings.labeller = name;
    state.sheet = None;
    let mut effects = vec![Effect::SaveSettings(Box::new(state.settings.clone()))];
    if let Some(stem) = state.judges.waiting.take() {
        effects.extend(begin(state, &stem, at));
    }
    effects
}
