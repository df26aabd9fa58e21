//! What editing a list of items has in common, whether they are principles or criteria: add,
//! copy, delete, move; and the document around them: make, copy, delete.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::sync::Arc;

use super::edit::{self, What};
use crate::app::effects::Effect;
use crate::app::state::documents::{Documents, free_stem};
use crate::app::state::{AppState, Document, DocumentId, Moment, NoticeKind, Target};

/// A document that is a list of items.
pub(super) trait Items: Clone + Sized {
    /// One of them.
    type Item: Clone;
    /// Names one.
    type Id: Clone + Ord + Display;

    /// `constitution`, `rubric`.
    const KIND: &'static str;
    /// `principle` and `principles`.
    const NOUN: [&'static str; 2];

    /// What people call the document.
    fn name(&mut self) -> &mut String;
    /// The items.
    fn all(&self) -> &[Self::Item];
    /// The items.
    fn all_mut(&mut self) -> &mut Vec<Self::Item>;
    /// An item's id.
    fn id(item: &Self::Item) -> &Self::Id;
    /// Gives an item an id.
    fn set_id(item: &mut Self::Item, id: Self::Id);
    /// An id that no item has.
    fn free_id(&self) -> Self::Id;
    /// What lists call an item.
    fn label(item: &Self::Item) -> String;
    /// Marks an item as a copy, in its name.
    fn as_copy(item: &mut Self::Item);

    /// The documents of this kind.
    fn among(documents: &Documents) -> &BTreeMap<String, Arc<Self>>;
    /// A document of this kind.
    fn document(stem: String) -> DocumentId;
    /// A document's value.
    fn value(of: Option<Arc<Self>>) -> Document;
    /// The stem of the one shown.
    fn stem(state: &AppState) -> String;
    /// Shows a document's own page.
    fn show(state: &mut AppState, stem: &str);
    /// The item shown.
    fn selected(state: &AppState) -> Option<Self::Id>;
    /// Shows an item; further ones may be picked with it.
    fn select(state: &mut AppState, shown: Option<Self::Id>, also: BTreeSet<Self::Id>);
    /// A document's own page.
    fn page(stem: String) -> Target;
    /// An item's row.
    fn row(stem: String, id: Self::Id) -> Target;
    /// The field in which one begins to write an item.
    fn first_field(stem: String, id: Self::Id) -> Target;
}

/// The document shown.
pub(super) fn shown<T: Items>(state: &AppState) -> Option<Arc<T>> {
    T::among(state.documents()?).get(&T::stem(state)).cloned()
}

fn get<T: Items>(state: &AppState, stem: &str) -> Option<Arc<T>> {
    T::among(state.documents()?).get(stem).cloned()
}

/// Puts a changed document in place of the one shown; whether it was, and the effects.
pub(super) fn put<T: Items>(
    state: &mut AppState,
    after: T,
    what: What,
    at: Moment,
) -> (bool, Vec<Effect>) {
    let stem = T::stem(state);
    let before = get::<T>(state, &stem);
    let value = T::value(Some(Arc::new(after)));
    let effects = edit::put(state, T::document(stem.clone()), value, what, at);
    let now = get::<T>(state, &stem);
    let is_same = match (&before, &now) {
        (Some(before), Some(now)) => Arc::ptr_eq(before, now),
        _ => before.is_none() && now.is_none(),
    };
    (!is_same, effects)
}

/// Adds a whole document under a free stem and shows it.
pub(super) fn add_document<T: Items>(
    state: &mut AppState,
    mut document: T,
    label: &str,
    at: Moment,
) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let stem = free_stem(T::among(documents), document.name());
    let what = What { label: label.to_owned(), target: T::page(stem.clone()), joins: false };
    let value = T::value(Some(Arc::new(document)));
    let effects = edit::put(state, T::document(stem.clone()), value, what, at);
    if get::<T>(state, &stem).is_some() {
        T::show(state, &stem);
        state.request_focus(T::page(stem));
    }
    effects
}

/// Copies a whole document and shows the copy.
pub(super) fn copy_document<T: Items>(state: &mut AppState, stem: &str, at: Moment) -> Vec<Effect> {
    let Some(original) = get::<T>(state, stem) else { return Vec::new() };
    let mut copy = (*original).clone();
    *copy.name() = format!("{} (copy)", copy.name());
    add_document(state, copy, &format!("Duplicate {}", T::KIND), at)
}

/// Takes a whole document out of the project.
pub(super) fn delete_document<T: Items>(
    state: &mut AppState,
    stem: &str,
    at: Moment,
) -> Vec<Effect> {
    let Some(document) = get::<T>(state, stem) else { return Vec::new() };
    let name = (*document).clone().name().clone();
    let label = format!("Delete {} {}", T::KIND, edit::shortened(&name));
    let what = What { label: label.clone(), target: T::page(stem.to_owned()), joins: false };
    let effects = edit::put(state, T::document(stem.to_owned()), T::value(None), what, at);
    if get::<T>(state, stem).is_none() {
        super::go::mend_selection(state);
        state.notify(NoticeKind::Done, format!("{label}: Undo brings it back"), at);
    }
    effects
}

/// Where new items go: after the one shown, else at the end.
pub(super) fn place_for_new<T: Items>(state: &AppState, document: &T) -> usize {
    let selected = T::selected(state);
    let place = selected.and_then(|id| document.all().iter().position(|one| T::id(one) == &id));
    place.map_or(document.all().len(), |place| place + 1)
}

/// Adds an item after the one shown; `verb` is `Add` or `Duplicate P3 as`.
pub(super) fn add<T: Items>(
    state: &mut AppState,
    mut new: T::Item,
    verb: &str,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    let stem = T::stem(state);
    let mut after = (*before).clone();
    let id = after.free_id();
    T::set_id(&mut new, id.clone());
    let place = place_for_new(state, &after);
    after.all_mut().insert(place, new);
    let what = What {
        label: format!("{verb} {id}"),
        target: T::row(stem.clone(), id.clone()),
        joins: false,
    };
    let (done, effects) = put(state, after, what, at);
    if done {
        T::select(state, Some(id.clone()), BTreeSet::new());
        state.announce(format!("Added {id} at position {}", place + 1));
        state.request_focus(T::first_field(stem, id));
    }
    effects
}

/// Adds several items after the one shown, and picks them.
pub(super) fn add_many<T: Items>(
    state: &mut AppState,
    new: Vec<T::Item>,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    if new.is_empty() {
        return Vec::new();
    }
    let mut after = (*before).clone();
    let first = place_for_new(state, &after);
    let mut ids = Vec::with_capacity(new.len());
    for (offset, mut item) in new.into_iter().enumerate() {
        let id = after.free_id();
        T::set_id(&mut item, id.clone());
        after.all_mut().insert(first + offset, item);
        ids.push(id);
    }
    let label = format!("Add {}", counted::<T>(ids.len()));
    let what = What { label, target: T::page(T::stem(state)), joins: false };
    let (done, effects) = put(state, after, what, at);
    if done {
        let said = format!("Added {}", counted::<T>(ids.len()));
        pick::<T>(state, ids);
        state.announce(said.clone());
        state.notify(NoticeKind::Done, said, at);
    }
    effects
}

/// Copies items, each behind its original.
pub(super) fn duplicate<T: Items>(state: &mut AppState, ids: &[T::Id], at: Moment) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    if let [id] = ids {
        let Some(original) = before.all().iter().find(|one| T::id(one) == id) else {
            return Vec::new();
        };
        let mut copy = original.clone();
        T::as_copy(&mut copy);
        T::select(state, Some(id.clone()), BTreeSet::new());
        return add::<T>(state, copy, &format!("Duplicate {id} as"), at);
    }
    let mut after = (*before).clone();
    let mut copies = Vec::new();
    for id in ids {
        let Some(place) = after.all().iter().position(|one| T::id(one) == id) else { continue };
        let mut copy = after.all()[place].clone();
        T::as_copy(&mut copy);
        let new = after.free_id();
        T::set_id(&mut copy, new.clone());
        after.all_mut().insert(place + 1, copy);
        copies.push(new);
    }
    if copies.is_empty() {
        return Vec::new();
    }
    let label = format!("Duplicate {}", counted::<T>(copies.len()));
    let what = What { label: label.clone(), target: T::page(T::stem(state)), joins: false };
    let (done, effects) = put(state, after, what, at);
    if done {
        pick::<T>(state, copies);
        state.announce(label);
    }
    effects
}

/// Deletes items; the next one is shown then.
pub(super) fn delete<T: Items>(state: &mut AppState, ids: &[T::Id], at: Moment) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    let is_gone = |item: &T::Item| ids.contains(T::id(item));
    let Some(first) = before.all().iter().position(is_gone) else { return Vec::new() };
    let stem = T::stem(state);
    let mut after = (*before).clone();
    after.all_mut().retain(|item| !is_gone(item));
    let gone: Vec<&T::Item> = before.all().iter().filter(|item| is_gone(item)).collect();
    let next = after.all().get(first).or(after.all().last()).map(|item| T::id(item).clone());
    let (label, words, target) = if let [one] = gone.as_slice() {
        let id = T::id(one).clone();
        let words = format!("Deleted {id} “{}”", edit::shortened(&T::label(one)));
        (format!("Delete {id}"), words, T::row(stem.clone(), id))
    } else {
        let many = counted::<T>(gone.len());
        (format!("Delete {many}"), format!("Deleted {many}"), T::page(stem.clone()))
    };
    let (done, effects) = put(state, after, What { label, target, joins: false }, at);
    if done {
        T::select(state, next.clone(), BTreeSet::new());
        if let Some(next) = next {
            state.request_focus(T::row(stem, next));
        }
        state.announce(words.clone());
        state.notify(NoticeKind::Done, format!("{words}: Undo brings it back"), at);
    }
    effects
}

/// Moves items by so many places, each past those that stay.
pub(super) fn shift<T: Items>(
    state: &mut AppState,
    ids: &[T::Id],
    by: i32,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    let mut order: Vec<usize> = (0..before.all().len()).collect();
    let moves: Vec<bool> = before.all().iter().map(|item| ids.contains(T::id(item))).collect();
    for _ in 0..by.unsigned_abs() {
        let mut changed = false;
        if by < 0 {
            for place in 1..order.len() {
                if moves[order[place]] && !moves[order[place - 1]] {
                    order.swap(place, place - 1);
                    changed = true;
                }
            }
        } else {
            for place in (1..order.len()).rev() {
                if moves[order[place - 1]] && !moves[order[place]] {
                    order.swap(place, place - 1);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    if order.is_sorted() {
        if moves.contains(&true) {
            state.announce(if by < 0 { "It is the first" } else { "It is the last" });
        }
        return Vec::new();
    }
    reorder::<T>(state, &before, &order, ids, at)
}

/// Puts items, in their order, before another one; `None`: at the end.
pub(super) fn place<T: Items>(
    state: &mut AppState,
    ids: &[T::Id],
    before_id: Option<&T::Id>,
    at: Moment,
) -> Vec<Effect> {
    let Some(document) = shown::<T>(state) else { return Vec::new() };
    let all = document.all();
    let end = all.len();
    let slot = before_id
        .map_or(Some(end), |id| all.iter().position(|item| T::id(item) == id))
        .unwrap_or(end);
    let moves = |place: &usize| ids.contains(T::id(&all[*place]));
    let mut order: Vec<usize> = (0..slot).filter(|place| !moves(place)).collect();
    order.extend((0..end).filter(moves));
    order.extend((slot..end).filter(|place| !moves(place)));
    if order.is_sorted() {
        return Vec::new();
    }
    reorder::<T>(state, &document, &order, ids, at)
}

/// Moves an item to a position, counted from 1.
pub(super) fn position<T: Items>(
    state: &mut AppState,
    id: &T::Id,
    position: usize,
    at: Moment,
) -> Vec<Effect> {
    let Some(document) = shown::<T>(state) else { return Vec::new() };
    let Some(from) = document.all().iter().position(|item| T::id(item) == id) else {
        return Vec::new();
    };
    let to = position.clamp(1, document.all().len()) - 1;
    let by = i32::try_from(to).unwrap_or(i32::MAX) - i32::try_from(from).unwrap_or(i32::MAX);
    shift::<T>(state, std::slice::from_ref(id), by, at)
}

fn reorder<T: Items>(
    state: &mut AppState,
    before: &T,
    order: &[usize],
    ids: &[T::Id],
    at: Moment,
) -> Vec<Effect> {
    let stem = T::stem(state);
    let mut after = before.clone();
    *after.all_mut() = order.iter().map(|place| before.all()[*place].clone()).collect();
    let count = order.len();
    let moved: Vec<T::Id> =
        after.all().iter().map(|item| T::id(item).clone()).filter(|id| ids.contains(id)).collect();
    let shown_one = T::selected(state).filter(|id| moved.contains(id));
    let Some(lead) = shown_one.or_else(|| moved.first().cloned()) else { return Vec::new() };
    let to = after.all().iter().position(|item| T::id(item) == &lead).unwrap_or_default();
    let target = T::row(stem, lead.clone());
    let what = if moved.len() == 1 { lead.to_string() } else { counted::<T>(moved.len()) };
    let said = if moved.len() == 1 {
        format!("{lead} moved to position {} of {count}", to + 1)
    } else {
        format!("{what} moved; {lead} is at position {} of {count}", to + 1)
    };
    let what = What { label: format!("Move {what}"), target: target.clone(), joins: true };
    let (done, effects) = put(state, after, what, at);
    if done {
        let also = if moved.len() > 1 { moved.into_iter().collect() } else { BTreeSet::new() };
        T::select(state, Some(lead), also);
        state.request_focus(target);
        state.announce(said);
    }
    effects
}

/// Changes some items alike; what it did where it did.
pub(super) fn change_many<T: Items>(
    state: &mut AppState,
    ids: &[T::Id],
    label: String,
    at: Moment,
    mut change: impl FnMut(&mut T::Item),
) -> Vec<Effect> {
    let Some(before) = shown::<T>(state) else { return Vec::new() };
    let mut after = (*before).clone();
    for item in after.all_mut().iter_mut().filter(|item| ids.contains(T::id(item))) {
        change(item);
    }
    let stem = T::stem(state);
    let lead = T::selected(state).filter(|id| ids.contains(id)).or_else(|| ids.first().cloned());
    let target = lead.map_or_else(|| T::page(stem.clone()), |id| T::row(stem.clone(), id));
    let what = What { label: label.clone(), target, joins: false };
    let (done, effects) = put(state, after, what, at);
    if done {
        state.announce(label);
    }
    effects
}

/// Picks several items; the last one is shown.
pub(super) fn pick<T: Items>(state: &mut AppState, ids: Vec<T::Id>) {
    state.history.seal();
    let shown = ids.last().cloned();
    let also: BTreeSet<T::Id> =
        if ids.len() > 1 { ids.into_iter().collect() } else { BTreeSet::new() };
    if also.len() > 1 {
        state.announce(format!("{} picked", counted::<T>(also.len())));
    }
    T::select(state, shown, also);
}

fn counted<T: Items>(n: usize) -> String {
    format!("{n} {}", T::NOUN[usize::from(n != 1)])
}
