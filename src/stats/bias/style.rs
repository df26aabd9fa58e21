//! Whether length and markdown decide, and more than they do with people.

use super::super::bootstrap::{Clusters, Interval, interval_of, resample};
use super::super::estimate::{Estimate, Flag, Measured, enough, in_range, same_rows};
use super::super::logistic::Regression;

/// Under so many pairs the model is not fitted (judgement: five parameters).
pub const MIN_STYLE_ITEMS: usize = 100;

/// λ of each coefficient: so little that it is not felt beside a hundred pairs, and enough that a
/// feature which settles every pair keeps a finite one.
const RIDGE: f64 = 0.1;

/// The features' names, in the order of [`Style::difference`].
pub const STYLES: [&str; 4] = ["length", "headers", "bold", "lists"];

/// What an answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Style {
    /// Words.
    pub words: u32,
    /// Lines that are markdown headings.
    pub headers: u32,
    /// Stretches of bold text.
    pub bold: u32,
    /// Items of lists.
    pub items: u32,
}

impl Style {
    /// Counts a text's words and markdown.
    pub fn of(text: &str) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let is_header = |line: &&str| {
            let marks = line.bytes().take_while(|byte| *byte == b'#').count();
            (1..=6).contains(&marks) && line[marks..].starts_with(' ')
        };
        // A mark opens or closes; what is left over is no stretch.
        let marks = |mark: &str| text.matches(mark).count() / 2;
        Self {
            words: super::super::compare::words(text),
            headers: count(text.lines().filter(is_header).count()),
            bold: count(marks("**") + marks("__")),
            items: count(text.lines().filter(|line| super::super::compare::is_item(line)).count()),
        }
    }

    /// (other − this) / (other + this) of each feature, −1..=1; 0 where neither has any.
    ///
    /// As LMSYS' style control (Li et al. 2024, *Does style matter?*), without their scaling to
    /// unit variance, so that a coefficient means the same on every set of pairs.
    pub fn difference(&self, other: &Self) -> [f64; 4] {
        let of = |this: u32, other: u32| {
            let (this, other) = (f64::from(this), f64::from(other));
            if this + other > 0.0 { (other - this) / (other + this) } else { 0.0 }
        };
        [
            of(self.words, other.words),
            of(self.headers, other.headers),
            of(self.bold, other.bold),
            of(self.items, other.items),
        ]
    }
}

/// One feature's pull, in log-odds for the answer that has all of it.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Coefficient {
    /// The feature: one of [`STYLES`].
    pub name: String,
    /// The judge's coefficient; above 0 it likes more of it.
    pub judge: Estimate,
    /// The people's on the same pairs.
    pub people: Option<Estimate>,
    /// Judge − people, paired: what is bias and not taste.
    pub excess: Option<Estimate>,
    /// Flagged where the interval of `excess` leaves out 0; without people's labels never, since
    /// a liking for lists may be people's, too.
    pub flag: Flag,
}

/// What style does.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct StyleBias {
    /// Log-odds for B where both look alike, by the judge.
    pub intercept: f64,
    /// Each feature's pull.
    pub coefficients: Vec<Coefficient>,
}

/// Fits logit P(B) = β₀ + Σ βₖ dₖ to the judge's probabilities, and to the people's labels of the
/// same pairs where there are any, with a ridge of 0.1 on the βₖ (β₀ is free).
///
/// `differences` are those of [`Style::difference`] from A to B, `judge` is P(B is better),
/// `people` the labels, all pairs or none. A feature that never differs is left out.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] under [`MIN_STYLE_ITEMS`] prompts,
/// [`super::super::Unknown::Uneven`] and [`super::super::Unknown::OutOfRange`] for columns that do
/// not fit, and those of [`Regression::fit`].
pub fn style_bias(
    differences: &[[f64; 4]],
    judge: &[f64],
    people: Option<&[f64]>,
    clusters: &Clusters,
    seed: u64,
) -> Measured<StyleBias> {
    same_rows(differences.len(), judge.len())?;
    same_rows(judge.len(), clusters.rows())?;
    in_range(judge, 0.0, 1.0)?;
    if let Some(people) = people {
        same_rows(judge.len(), people.len())?;
        in_range(people, 0.0, 1.0)?;
    }
    enough(clusters.len(), MIN_STYLE_ITEMS)?;
    let used: Vec<usize> = (0..STYLES.len())
        .filter(|k| differences.iter().any(|row| (row[*k] - differences[0][*k]).abs() > 1e-12))
        .collect();
    let features: Vec<f64> = differences
        .iter()
        .flat_map(|row| std::iter::once(1.0).chain(used.iter().map(|k| row[*k])))
        .collect();
    let ridge: Vec<f64> = std::iter::once(0.0).chain(used.iter().map(|_| RIDGE)).collect();
    let model = |targets: &[f64]| Regression {
        features: features.clone(),
        targets: targets.to_vec(),
        ridge: ridge.clone(),
    };
    let all: Vec<usize> = (0..judge.len()).collect();
    let zero = vec![0.0; used.len() + 1];
    let by_judge = model(judge);
    let of_judge = by_judge.fit(&all, &zero)?;
    let by_people = people.map(model);
    let of_people = by_people.as_ref().map(|model| model.fit(&all, &zero)).transpose()?;
    let mut draws = Draws::of(used.len(), clusters.len());
    resample(clusters, seed, |rows| {
        let judge = by_judge.fit(rows, &of_judge).ok();
        let people = by_people
            .as_ref()
            .zip(of_people.as_ref())
            .and_then(|(model, start)| model.fit(rows, start).ok());
        draws.take(judge.as_deref(), people.as_deref());
    });
    let n = judge.len() as u64;
    let coefficients = used.iter().enumerate().map(|(place, k)| {
        let [judge, people, excess] = draws.intervals(place);
        let own = of_judge[place + 1];
        let theirs = of_people.as_ref().map(|found| found[place + 1]);
        let excess = theirs.map(|theirs| Estimate { value: own - theirs, interval: excess, n });
        Coefficient {
            name: STYLES[*k].to_owned(),
            judge: Estimate { value: own, interval: judge, n },
            people: theirs.map(|value| Estimate { value, interval: people, n }),
            flag: match excess {
                Some(excess) if excess.excludes(0.0) => Flag::Flagged,
                Some(_) | None => Flag::Fine,
            },
            excess,
        }
    });
    Ok(StyleBias { intercept: of_judge[0], coefficients: coefficients.collect() })
}

/// The coefficients over all draws.
struct Draws {
    judge: Vec<Vec<f64>>,
    people: Vec<Vec<f64>>,
    excess: Vec<Vec<f64>>,
    prompts: usize,
}

impl Draws {
    fn of(features: usize, prompts: usize) -> Self {
        let empty = || vec![Vec::new(); features];
        Self { judge: empty(), people: empty(), excess: empty(), prompts }
    }

    fn take(&mut self, judge: Option<&[f64]>, people: Option<&[f64]>) {
        for place in 0..self.judge.len() {
            let (judge, people) = (judge.map(|b| b[place + 1]), people.map(|b| b[place + 1]));
            self.judge[place].extend(judge);
            self.people[place].extend(people);
            self.excess[place].extend(judge.zip(people).map(|(judge, people)| judge - people));
        }
    }

    fn intervals(&self, place: usize) -> [Option<Interval>; 3] {
        [&self.judge, &self.people, &self.excess]
            .map(|all| interval_of(all[place].clone(), self.prompts))
    }
}
