//! How the lists of principles and criteria are looked at: filter, order, folded groups.
//!
//! The lines are made here, so that keys (next, previous), menus and the screen agree on what
//! comes next to what. They are made when something changes, never every frame.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Constitution, Principle, Rubric};

/// Both lists.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListsState {
    /// Principles.
    pub principles: ListLook,
    /// Criteria; these are always in the author's order.
    pub criteria: ListLook,
}

/// How one list is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListLook {
    /// Only what has this text is shown; empty: all.
    pub filter: String,
    /// In which order.
    pub sort: Sort,
    /// Groups whose items are hidden.
    pub folded: BTreeSet<String>,
}

/// An order of principles.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, strum::EnumIter, strum::Display,
)]
pub enum Sort {
    /// The author's.
    #[default]
    #[strum(to_string = "My order")]
    Mine,
    /// Groups by name, each in the author's order.
    #[strum(to_string = "By group")]
    Group,
    /// The heaviest first.
    #[strum(to_string = "By weight")]
    Weight,
    /// What wins first.
    #[strum(to_string = "By priority")]
    Priority,
    /// By title.
    #[strum(to_string = "By title")]
    Title,
}

/// A line of the list of principles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Where a group begins.
    Group {
        /// The group: the first tag; empty for principles without one.
        name: String,
        /// How many principles stand under it.
        count: usize,
        /// Whether they are hidden.
        is_folded: bool,
        /// The place of the first of them in the document.
        first: usize,
    },
    /// A principle, by its place in the document.
    Item(usize),
}

impl ListLook {
    /// Why items can't be moved in this look, if so.
    pub fn why_fixed(&self) -> Option<&'static str> {
        if self.sort != Sort::Mine {
            Some("The list is sorted; choose My order to move principles")
        } else if !self.filter.trim().is_empty() {
            Some("The list is filtered; clear the filter to move items")
        } else {
            None
        }
    }

    fn wanted(&self) -> String {
        self.filter.trim().to_lowercase()
    }
}

/// The group of a principle: its first tag.
pub fn group_of(principle: &Principle) -> &str {
    principle.tags.first().map_or("", String::as_str)
}

/// The lines of a constitution's list.
pub fn principle_lines(constitution: &Constitution, look: &ListLook) -> Vec<Line> {
    let all = &constitution.principles;
    let wanted = look.wanted();
    let mut shown: Vec<usize> =
        (0..all.len()).filter(|n| wanted.is_empty() || is_match(&all[*n], &wanted)).collect();
    match look.sort {
        Sort::Mine => {}
        Sort::Group => shown.sort_by(|a, b| {
            let (a, b) = (group_of(&all[*a]), group_of(&all[*b]));
            a.is_empty().cmp(&b.is_empty()).then_with(|| a.cmp(b))
        }),
        Sort::Weight => shown.sort_by(|a, b| all[*b].weight.total_cmp(&all[*a].weight)),
        Sort::Priority => shown.sort_by_key(|n| all[*n].priority),
        Sort::Title => shown.sort_by_cached_key(|n| all[*n].label().to_lowercase()),
    }
    let grouped = matches!(look.sort, Sort::Mine | Sort::Group)
        && shown.iter().any(|n| !all[*n].tags.is_empty());
    if !grouped {
        return shown.into_iter().map(Line::Item).collect();
    }
    let mut lines = Vec::with_capacity(shown.len() + 8);
    for run in shown.chunk_by(|a, b| group_of(&all[*a]) == group_of(&all[*b])) {
        let name = group_of(&all[run[0]]).to_owned();
        // What matches is shown, wherever it is.
        let is_folded = wanted.is_empty() && look.folded.contains(&name);
        lines.push(Line::Group { name, count: run.len(), is_folded, first: run[0] });
        if !is_folded {
            lines.extend(run.iter().copied().map(Line::Item));
        }
    }
    lines
}

/// The places of the criteria shown, in the author's order.
pub fn criterion_lines(rubric: &Rubric, look: &ListLook) -> Vec<usize> {
    let wanted = look.wanted();
    let holds = |text: &str| text.to_lowercase().contains(&wanted);
    (0..rubric.criteria.len())
        .filter(|n| {
            let criterion = &rubric.criteria[*n];
            wanted.is_empty()
                || holds(criterion.id.as_str())
                || holds(&criterion.name)
                || holds(&criterion.description)
        })
        .collect()
}

/// The groups of a constitution, sorted, with how many principles each has.
pub fn groups(constitution: &Constitution) -> BTreeMap<&str, usize> {
    let mut groups = BTreeMap::new();
    for principle in &constitution.principles {
        *groups.entry(group_of(principle)).or_default() += 1;
    }
    groups
}

fn is_match(principle: &Principle, wanted: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(wanted);
    holds(principle.id.as_str())
        || holds(&principle.title)
        || holds(&principle.text)
        || principle.tags.iter().any(|tag| holds(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constitution() -> Constitution {
        let mut made = Constitution::named("c");
        for (n, (title, tag, weight, priority)) in [
            ("Delta", "honesty", 1.0, 3),
            ("alpha", "honesty", 2.0, 1),
            ("Charlie", "care", 0.5, 3),
            ("Bravo", "", 1.0, 5),
            ("Echo", "honesty", 1.0, 2),
        ]
        .into_iter()
        .enumerate()
        {
            made.principles.push(Principle {
                id: format!("P{}", n + 1).as_str().into(),
                title: title.to_owned(),
                tags: (!tag.is_empty()).then(|| tag.to_owned()).into_iter().collect(),
                weight,
                priority,
                ..Principle::default()
            });
        }
        made
    }

    fn said(lines: &[Line]) -> String {
        let words: Vec<String> = lines
            .iter()
            .map(|line| match line {
                Line::Group { name, count, is_folded, .. } => {
                    format!("{name}({count}{})", if *is_folded { "-" } else { "" })
                }
                Line::Item(place) => (place + 1).to_string(),
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn every_order_is_what_it_says() {
        let constitution = constitution();
        for (sort, expected) in [
            (Sort::Mine, "honesty(2) 1 2 care(1) 3 (1) 4 honesty(1) 5"),
            (Sort::Group, "care(1) 3 honesty(3) 1 2 5 (1) 4"),
            (Sort::Weight, "2 1 4 5 3"),
            (Sort::Priority, "2 5 1 3 4"),
            (Sort::Title, "2 4 3 1 5"),
        ] {
            let look = ListLook { sort, ..ListLook::default() };
            assert_eq!(said(&principle_lines(&constitution, &look)), expected, "{sort}");
        }
    }

    #[test]
    fn a_folded_group_hides_its_items_unless_they_match_the_filter() {
        let constitution = constitution();
        let mut look = ListLook::default();
        look.folded.insert("honesty".to_owned());
        let lines = principle_lines(&constitution, &look);
        assert_eq!(said(&lines), "honesty(2-) care(1) 3 (1) 4 honesty(1-)");
        look.filter = " ALPHA ".to_owned();
        assert_eq!(said(&principle_lines(&constitution, &look)), "honesty(1) 2");
        assert!(look.why_fixed().is_some());
        look.filter = "care".to_owned();
        assert_eq!(said(&principle_lines(&constitution, &look)), "care(1) 3", "tags count");
    }
}
