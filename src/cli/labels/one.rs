//! One label set, in words and as JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{labelled, number, of_split, words};
use crate::cli::out;
use crate::domain::{Label, LabelItem, Split};
use crate::methods::labelling::{Order, progress, queue, split, stale};
use crate::stats::agreement::Among;
use crate::stats::labelled::{Consistency, consistency, people_agreement};
use crate::stats::{Estimate, Measured, words as said};
use crate::store::labels::LabelBook;

/// One labeller's part.
struct Labeller<'b> {
    name: &'b str,
    gold: usize,
    dev: usize,
    /// Turns to come, hidden repeats among them; `None` for one whose labels were all imported, since
    /// nobody labels on under that name.
    left: Option<usize>,
    /// The median time of a label, in seconds.
    seconds: Option<f64>,
    unsure: usize,
    stale: usize,
    repeats: Consistency,
}

/// What is shown of a set.
pub(super) struct Shown<'b> {
    book: &'b LabelBook,
    labellers: Vec<Labeller<'b>>,
    agreement: Among,
    prompts: usize,
    labelled: BTreeSet<&'b str>,
}

impl<'b> Shown<'b> {
    pub(super) fn of(book: &'b LabelBook) -> Self {
        let items: BTreeMap<&str, &LabelItem> =
            book.items.iter().map(|item| (item.id.as_str(), item)).collect();
        let labeller = |name: &'b str| {
            let own: Vec<(&Label, &LabelItem)> = book
                .labels
                .iter()
                .filter(|label| label.labeller == name && !label.again)
                .filter_map(|label| Some((label, *items.get(label.item.as_str())?)))
                .collect();
            let count = |holds: &dyn Fn(&Label, &LabelItem) -> bool| {
                own.iter().filter(|(label, item)| holds(label, item)).count()
            };
            let is = |wanted| move |item: &LabelItem| split(&book.set, &item.prompt.id) == wanted;
            let is_imported = book
                .labels
                .iter()
                .filter(|label| label.labeller == name)
                .all(|label| label.at.is_empty());
            let to_come = || queue(&book.set, &book.items, &book.labels, name, &Order::AsIs).len();
            let left = (!is_imported).then(to_come);
            let (task, seed) = (book.set.task, book.set.seed);
            Labeller {
                name,
                gold: count(&|_, item| is(Split::Gold)(item)),
                dev: count(&|_, item| is(Split::Dev)(item)),
                left,
                seconds: progress(&book.items, &book.labels, name, left.unwrap_or(0)).seconds,
                unsure: count(&|label, _| label.answer.is_some_and(|answer| !answer.is_judgment())),
                stale: count(&|label, item| stale(&book.set, item, label)),
                repeats: consistency(task, &book.items, &book.labels, name, seed),
            }
        };
        let prompts: BTreeSet<&str> =
            book.items.iter().map(|item| item.prompt.id.as_str()).collect();
        Self {
            labellers: book.labellers().into_iter().map(labeller).collect(),
            agreement: people_agreement(book.set.task, &book.items, &book.labels, book.set.seed),
            prompts: prompts.len(),
            labelled: labelled(book),
            book,
        }
    }

    fn labelled(&self, wanted: Split) -> usize {
        let is = |item: &&LabelItem| split(&self.book.set, &item.prompt.id) == wanted;
        let has_label = |item: &&LabelItem| self.labelled.contains(item.id.as_str());
        self.book.items.iter().filter(is).filter(has_label).count()
    }

    pub(super) fn json(&self) -> Value {
        let book = self.book;
        let labeller = |one: &Labeller<'_>| {
            let share = one.repeats.measured.map(|repeats| repeats.same);
            json!({
                "labeller": one.name,
                "labels": one.gold + one.dev,
                "gold": one.gold,
                "dev": one.dev,
                "left": one.left,
                "imported": one.left.is_none(),
                "median_seconds": one.seconds,
                "unsure_or_not_applicable": one.unsure,
                "stale": one.stale,
                "repeats": {
                    "n": one.repeats.twice,
                    "same": one.repeats.same,
                    "share": number(&share),
                    "kappa": number(&one.repeats.measured.and_then(|repeats| repeats.kappa)),
                },
            })
        };
        let models: BTreeMap<&str, usize> =
            book.by_models.iter().fold(BTreeMap::new(), |mut all, label| {
                *all.entry(label.labeller.as_str()).or_default() += 1;
                all
            });
        json!({
            "stem": book.stem,
            "name": book.set.name,
            "task": book.set.task,
            "guide": book.set.guide.version,
            "seed": book.set.seed,
            "gold_share": book.set.gold,
            "repeat_share": book.set.repeats,
            "items": book.items.len(),
            "prompts": self.prompts,
            "gold": { "items": of_split(book, Split::Gold), "labelled": self.labelled(Split::Gold) },
            "dev": { "items": of_split(book, Split::Dev), "labelled": self.labelled(Split::Dev) },
            "labellers": self.labellers.iter().map(labeller).collect::<Vec<_>>(),
            "models": models,
            "people": {
                "shared_items": self.agreement.shared,
                "kappa": number(&self.agreement.kappa),
                "krippendorff_alpha": number(&self.agreement.alpha),
            },
            "stale": self.labellers.iter().map(|one| one.stale).sum::<usize>(),
            "stray_labels": book.strays.len(),
            "looks_at_gold": book.looks,
            "problems": book.problems.len(),
        })
    }

    pub(super) fn text(&self) -> String {
        let book = self.book;
        let mut lines = vec![format!(
            "{} ({}): {}, {} items of {} prompts, guide {}",
            book.set.name,
            book.stem,
            words(book.set.task),
            book.items.len(),
            self.prompts,
            book.set.guide.version
        )];
        let part = |name: &str, of| {
            format!("{name:<8}{} items, {} labelled", of_split(book, of), self.labelled(of))
        };
        let looks = match book.looks.len() {
            0 => "never looked at".to_owned(),
            1 => "looked at once".to_owned(),
            more => format!("looked at {more} times"),
        };
        lines.push(format!("{}, {looks}", part("gold", Split::Gold)));
        lines.push(part("dev", Split::Dev));
        lines.push(self.table());
        if self.labellers.len() > 1 {
            let agreement = &self.agreement;
            lines.push(format!(
                "people  {} items with labels of two or more: kappa {}, Krippendorff's alpha {}",
                agreement.shared,
                estimate(&agreement.kappa),
                estimate(&agreement.alpha)
            ));
        }
        let stale: usize = self.labellers.iter().map(|one| one.stale).sum();
        if stale > 0 {
            lines.push(format!(
                "stale   {stale} labels were made under an older guide or another text of what is \
                 judged by"
            ));
        }
        if !book.by_models.is_empty() {
            let names: BTreeSet<&str> =
                book.by_models.iter().map(|label| label.labeller.as_str()).collect();
            let names: Vec<&str> = names.into_iter().collect();
            lines.push(format!(
                "models  {} labels by {} stand apart",
                book.by_models.len(),
                names.join(", ")
            ));
        }
        if !book.strays.is_empty() {
            lines.push(format!("strays  {} labels of items that are not there", book.strays.len()));
        }
        lines.join("\n")
    }

    fn table(&self) -> String {
        if self.labellers.is_empty() {
            return "nobody has labelled yet".to_owned();
        }
        let header =
            ["labeller", "gold", "dev", "left", "s each", "unsure, n/a", "stale", "same again"];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        for one in &self.labellers {
            let again = match (&one.repeats.measured, one.repeats.twice) {
                (_, 0) => "–".to_owned(),
                (Ok(repeats), _) => format!(
                    "{} of {}: {} %, kappa {}",
                    one.repeats.same,
                    one.repeats.twice,
                    said::percent(repeats.same.value),
                    estimate(&repeats.kappa)
                ),
                (Err(_), twice) => format!("{} of {twice} (too few to tell)", one.repeats.same),
            };
            rows.push(vec![
                one.name.to_owned(),
                one.gold.to_string(),
                one.dev.to_string(),
                one.left.map_or_else(|| "–".to_owned(), |left| left.to_string()),
                one.seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.1}")),
                one.unsure.to_string(),
                one.stale.to_string(),
                again,
            ]);
        }
        out::table(&rows)
    }
}

/// `.71 (.52–.88)`, or why there is none.
fn estimate(measured: &Measured<Estimate>) -> String {
    match measured {
        Ok(estimate) => {
            let range = estimate.interval.map_or_else(String::new, |interval| {
                format!(" ({}–{})", said::two(interval.low), said::two(interval.high))
            });
            format!("{}{range}", said::two(estimate.value))
        }
        Err(why) => format!("({why})"),
    }
}
