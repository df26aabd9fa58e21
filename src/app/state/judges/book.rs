//! A label set as the window knows it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Label, LabelAnswer, LabelItem, LabelSet, Split};
use crate::methods::labelling;
use crate::store::labels::{LabelBook, Look};

/// A label set as the window knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// What is asked, and how.
    pub set: Arc<LabelSet>,
    /// The items, in the order of their file.
    pub items: Arc<Vec<LabelItem>>,
    /// The labels by people that hold, each labeller's in the order they were made.
    pub labels: Vec<Label>,
    /// Labels by models.
    pub by_models: u64,
    /// Looks at the gold part, oldest first.
    pub looks: Vec<Look>,
    /// What is wrong with its files, in words.
    pub problems: Vec<String>,
    /// Over all labellers: items with a label, and stale labels.
    pub sums: Sums,
    /// What each labeller has done, by name.
    pub labellers: BTreeMap<String, Sums>,
    /// How many items are gold.
    pub gold: u64,
    /// Place of an item, by id.
    places: Arc<BTreeMap<String, usize>>,
}

impl Book {
    /// What the store read.
    pub fn of(book: LabelBook) -> Self {
        let places = book.items.iter().enumerate().map(|(at, item)| (item.id.clone(), at));
        let mut problems: Vec<String> = book.problems.iter().map(ToString::to_string).collect();
        if !book.strays.is_empty() {
            problems.push(format!(
                "{} labels are of items that are not in the set; they stay in their files",
                book.strays.len()
            ));
        }
        let is_gold =
            |item: &&LabelItem| labelling::split(&book.set, &item.prompt.id) == Split::Gold;
        let mut made = Self {
            places: Arc::new(places.collect()),
            gold: book.items.iter().filter(is_gold).count() as u64,
            set: Arc::new(book.set),
            items: Arc::new(book.items),
            labels: book.labels,
            by_models: book.by_models.len() as u64,
            looks: book.looks,
            problems,
            sums: Sums::default(),
            labellers: BTreeMap::new(),
        };
        made.count();
        made
    }

    /// The place of an item.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Lays a label over those that hold: the last one of an item, labeller and turn counts, and
    /// one without an answer takes it back.
    pub fn put(&mut self, label: Label) {
        let same = |one: &Label| {
            one.item == label.item && one.labeller == label.labeller && one.again == label.again
        };
        self.labels.retain(|one| !same(one));
        if label.answer.is_some() {
            self.labels.push(label);
        }
        self.count();
    }

    /// Another value of the set, under which other labels may be stale.
    pub fn put_set(&mut self, set: LabelSet) {
        self.set = Arc::new(set);
        self.count();
    }

    /// A label that holds.
    pub fn label(&self, item: &str, labeller: &str, again: bool) -> Option<&Label> {
        let same =
            |one: &&Label| one.item == item && one.labeller == labeller && one.again == again;
        self.labels.iter().find(same)
    }

    /// Which part an item belongs to.
    pub fn split(&self, item: &LabelItem) -> Split {
        labelling::split(&self.set, &item.prompt.id)
    }

    /// Whether a label was made under an older guide or another text of what is asked about.
    pub fn is_stale(&self, label: &Label) -> bool {
        let item = self.place_of(&label.item).and_then(|at| self.items.get(at));
        item.is_some_and(|item| labelling::stale(&self.set, item, label))
    }

    /// On how many of the hidden repeats somebody said the same again, and how many there are;
    /// only those count on which both times something was decided.
    pub fn with_oneself(&self, labeller: &str) -> (u64, u64) {
        self.labellers.get(labeller).map_or((0, 0), |sums| (sums.same, sums.repeated))
    }

    /// Adds everything up anew.
    fn count(&mut self) {
        let first: BTreeMap<(&str, &str), LabelAnswer> = self
            .labels
            .iter()
            .filter(|one| !one.again)
            .filter_map(|one| Some(((one.item.as_str(), one.labeller.as_str()), one.answer?)))
            .collect();
        let mut items: Vec<&str> = Vec::new();
        let mut all = Sums::default();
        let mut labellers: BTreeMap<String, Sums> = BTreeMap::new();
        for label in &self.labels {
            let sums = labellers.entry(label.labeller.clone()).or_default();
            sums.seconds.extend(label.seconds);
            let decided = label.answer.filter(|answer| answer.is_judgment());
            if label.again {
                let before = first.get(&(label.item.as_str(), label.labeller.as_str()));
                let before = before.filter(|answer| answer.is_judgment());
                if let (Some(before), Some(now)) = (before, decided) {
                    sums.repeated += 1;
                    sums.same += u64::from(*before == now);
                }
                continue;
            }
            items.push(&label.item);
            let stale = u64::from(self.is_stale(label));
            sums.labels += 1;
            sums.stale += stale;
            sums.undecided += u64::from(decided.is_none());
            all.stale += stale;
        }
        items.sort_unstable();
        items.dedup();
        all.labels = items.len() as u64;
        for sums in labellers.values_mut() {
            sums.seconds.sort_by(f64::total_cmp);
        }
        self.sums = all;
        self.labellers = labellers;
    }
}

/// What was done of a set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// Items with a label.
    pub labels: u64,
    /// Labels made under an older guide or text.
    pub stale: u64,
    /// Labels that decide nothing: unsure, does not apply.
    pub undecided: u64,
    /// Hidden repeats with the same answer.
    pub same: u64,
    /// Hidden repeats decided both times.
    pub repeated: u64,
    /// How long each label took, in seconds, shortest first.
    pub seconds: Vec<f64>,
}

impl Sums {
    /// The middle one of the times, in seconds.
    pub fn median(&self) -> Option<f64> {
        let n = self.seconds.len();
        let upper = *self.seconds.get(n / 2)?;
        let lower = if n.is_multiple_of(2) { self.seconds[n / 2 - 1] } else { upper };
        Some(f64::midpoint(lower, upper))
    }
}
