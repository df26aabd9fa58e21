//! The guide of a label set: its text and examples. Each change is a new version, under which
//! older labels are stale.

use super::{may_label, refuse};
use crate::app::command::GuideChange;
use crate::app::effects::Effect;
use crate::app::effects::judges::JudgesEffect;
use crate::app::message::Failure;
use crate::app::state::{AppState, Moment, NoticeKind};
use crate::domain::{Guide, LabelSet, WorkedExample};

pub(super) fn change(state: &mut AppState, change: GuideChange, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let Some((stem, book)) = state.judges.shown() else { return Vec::new() };
    let stem = stem.to_owned();
    let mut guide = book.set.guide.clone();
    match change {
        GuideChange::Text(text) => text.trim_end().clone_into(&mut guide.text),
        GuideChange::Example { item, answer, why, is_practice } => {
            let Some(item) = book.place_of(&item).and_then(|place| book.items.get(place)) else {
                return Vec::new();
            };
            let example = WorkedExample { item: item.clone(), answer, why };
            let list = list_of(&mut guide, is_practice);
            match list.iter_mut().find(|known| known.item.id == example.item.id) {
                Some(known) => *known = example,
                None => list.push(example),
            }
        }
        GuideChange::Remove { place, is_practice } => {
            let list = list_of(&mut guide, is_practice);
            if place < list.len() {
                list.remove(place);
            }
        }
    }
    if guide == book.set.guide {
        return Vec::new();
    }
    // Practice tells nobody anything new.
    let is_new = (&guide.text, &guide.examples) != (&book.set.guide.text, &book.set.guide.examples);
    guide.version += u32::from(is_new);
    let mut set = (*book.set).clone();
    set.guide = guide;
    let Some(book) = state.judges.books.as_mut().and_then(|books| books.get_mut(&stem)) else {
        return Vec::new();
    };
    book.put_set(set.clone());
    vec![Effect::Judges(JudgesEffect::SaveSet { stem, set: Box::new(set) })]
}

fn list_of(guide: &mut Guide, is_practice: bool) -> &mut Vec<WorkedExample> {
    if is_practice { &mut guide.practice } else { &mut guide.examples }
}

pub(super) fn saved(
    state: &mut AppState,
    stem: &str,
    result: Result<Box<LabelSet>, Failure>,
    at: Moment,
) {
    match result {
        Ok(set) => {
            let Some(book) = state.judges.books.as_mut().and_then(|books| books.get_mut(stem))
            else {
                return;
            };
            book.put_set(*set);
            let stale = book.sums.stale;
            let text = format!(
                "Kept as guide version {}; {} made under an older one",
                book.set.guide.version,
                crate::app::widgets::number::counted(stale, "label was", "labels were")
            );
            state.notify(NoticeKind::Done, text, at);
        }
        Err(failure) => state.fail(failure.message, failure.hint, at),
    }
}
