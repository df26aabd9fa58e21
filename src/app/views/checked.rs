//! What is wrong with a document, found when it changes and not every frame.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::Problem;

/// The problems of the document last checked.
#[derive(Debug)]
pub struct Checked<T> {
    of: Option<Arc<T>>,
    problems: Arc<Found>,
}

/// Problems, and where the first of each item is.
#[derive(Debug, Default)]
pub struct Found {
    /// Worst first.
    pub all: Vec<Problem>,
    of_item: BTreeMap<String, Vec<usize>>,
}

impl<T> Default for Checked<T> {
    fn default() -> Self {
        Self { of: None, problems: Arc::default() }
    }
}

impl<T> Checked<T> {
    /// The problems of a document.
    pub fn problems(&mut self, of: &Arc<T>, check: fn(&T) -> Vec<Problem>) -> Arc<Found> {
        let is_known = self.of.as_ref().is_some_and(|known| Arc::ptr_eq(known, of));
        if !is_known {
            let all = check(of);
            let mut of_item: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (index, problem) in all.iter().enumerate() {
                let item = problem.place.split('.').next().unwrap_or_default();
                of_item.entry(item.to_owned()).or_default().push(index);
            }
            self.problems = Arc::new(Found { all, of_item });
            self.of = Some(Arc::clone(of));
        }
        Arc::clone(&self.problems)
    }
}

impl Found {
    /// All problems of an item, worst first.
    pub fn of<'a>(&'a self, item: &str) -> impl Iterator<Item = &'a Problem> {
        self.of_item.get(item).into_iter().flatten().map(|index| &self.all[*index])
    }

    /// What is wrong with one field of an item, with how to mend it, as one text.
    pub fn of_field(&self, item: &str, field: &str) -> Option<String> {
        let is_there = |problem: &&Problem| {
            problem.place.split_once('.').is_some_and(|(_, place)| place == field)
        };
        let problem = self.of(item).find(is_there)?;
        let what = crate::app::widgets::notice::capitalised(&problem.what);
        Some(format!("{what}: {}", problem.hint))
    }

    /// The problems of an item that belong to none of these fields.
    pub fn beside(&self, item: &str, fields: &[&str]) -> Vec<Problem> {
        let belongs = |problem: &Problem| {
            problem.place.split_once('.').is_some_and(|(_, place)| fields.contains(&place))
        };
        self.of(item).filter(|problem| !belongs(problem)).cloned().collect()
    }
}
