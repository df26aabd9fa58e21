//! What the report says of a judge's agreement, with the least number of items before each number.

use std::collections::BTreeMap;

use super::super::MIN_ITEMS;
use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown, enough};
use super::cohen::{TwoRaters, Weights, cohen_kappa, constant_guess, pabak, raw_agreement};
use super::gwet::gwet;
use super::krippendorff::Level;
use super::people::Among;
use super::ratings::Ratings;

/// Beyond this share of one category κ is low however well both agree, and Gwet's AC₁ is read
/// beside it (judgement; Feinstein and Cicchetti 1990 describe the paradox).
const ONE_SIDED: f64 = 0.8;

/// What kind of labels they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Names: pass or fail, left or right. Unweighted κ.
    Nominal,
    /// Levels in an order. Quadratically weighted κ.
    Ordinal,
}

impl Scale {
    /// The weights of κ.
    pub fn weights(self) -> Weights {
        match self {
            Self::Nominal => Weights::Equal,
            Self::Ordinal => Weights::Quadratic,
        }
    }

    /// The level of measurement of Krippendorff's α.
    pub fn level(self) -> Level {
        match self {
            Self::Nominal => Level::Nominal,
            Self::Ordinal => Level::Ordinal,
        }
    }
}

/// The numbers that are always read together: κ alone says nothing without what guessing gives,
/// and what people reach among themselves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct JudgeAgreement {
    /// Rows with a label of both.
    pub n: u64,
    /// κ of judge and people.
    pub kappa: Measured,
    /// κ with chance held even, for sides shown in random order.
    pub even_kappa: Measured,
    /// The share of rows on which they say the same.
    pub raw: Measured,
    /// What always saying the people's most frequent label would reach.
    pub constant_guess: Measured<f64>,
    /// κ of people among themselves; `None` where only one person labelled.
    pub ceiling: Option<Measured>,
    /// Gwet's AC₁ (AC₂ for an order), only where one label makes up more than four fifths.
    pub gwet: Option<Measured>,
}

/// A judge's agreement with people: `raters` are `(judge, people)`, `people` how these agree among
/// themselves where there are several. Under [`MIN_ITEMS`] prompts each number is “too few”.
pub fn judge_agreement(
    raters: &TwoRaters,
    people: Option<&Among>,
    scale: Scale,
    seed: u64,
) -> JudgeAgreement {
    let prompts = raters.clusters().len();
    let shown = |measured: Measured| enough(prompts, MIN_ITEMS).and(measured);
    let guess = enough(prompts, MIN_ITEMS).and_then(|()| constant_guess(raters));
    let is_one_sided = guess.is_ok_and(|share| share > ONE_SIDED);
    JudgeAgreement {
        n: raters.len() as u64,
        kappa: shown(cohen_kappa(raters, scale.weights(), seed)),
        even_kappa: shown(pabak(raters, seed)),
        raw: shown(raw_agreement(raters, seed)),
        constant_guess: guess,
        ceiling: people.map(|people| people.kappa),
        gwet: is_one_sided.then(|| gwet_of(raters, scale, seed)),
    }
}

fn gwet_of(raters: &TwoRaters, scale: Scale, seed: u64) -> Measured {
    let labels = raters.labels().iter().map(|(a, b)| vec![Some(*a), Some(*b)]).collect();
    let ratings = Ratings::of_categories(raters.categories(), labels, raters.clusters().clone())?;
    Ok(gwet(&ratings, scale.weights(), seed)?.estimate)
}

/// The agreement on a part of the rows.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Group {
    /// The principle or tag.
    pub name: String,
    /// The agreement there, without a ceiling.
    pub agreement: JudgeAgreement,
}

/// The agreement by principle or by tag, most rows first; `names` has those of each row.
///
/// # Errors
///
/// [`Unknown::Uneven`] where there are not as many rows of names as of labels.
pub fn by_group(
    raters: &TwoRaters,
    names: &[Vec<String>],
    scale: Scale,
    seed: u64,
) -> Measured<Vec<Group>> {
    super::super::estimate::same_rows(raters.len(), names.len())?;
    let mut rows: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, names) in names.iter().enumerate() {
        for name in names {
            let members = rows.entry(name).or_default();
            if members.last() != Some(&row) {
                members.push(row);
            }
        }
    }
    let mut groups: Vec<Group> = rows
        .into_iter()
        .map(|(name, rows)| Group {
            name: name.to_owned(),
            agreement: judge_agreement(&raters.only(&rows), None, scale, seed),
        })
        .collect();
    groups.sort_by(|a, b| b.agreement.n.cmp(&a.agreement.n).then_with(|| a.name.cmp(&b.name)));
    Ok(groups)
}

/// How much better one judge's κ is than another's on the same rows: κ(first) − κ(second), its
/// interval by drawing the prompts with both judges' labels together. Clear where the interval
/// leaves out 0.
///
/// # Errors
///
/// [`Unknown::Uneven`] where the judges were not asked of the same rows; [`Unknown::TooFew`] under
/// [`MIN_ITEMS`] prompts; [`Unknown::Constant`] where a κ can't be computed.
pub fn kappa_difference(
    first: &TwoRaters,
    second: &TwoRaters,
    scale: Scale,
    seed: u64,
) -> Measured {
    super::super::estimate::same_rows(first.len(), second.len())?;
    if first.clusters() != second.clusters() {
        return Err(Unknown::Uneven {
            left: first.clusters().len() as u64,
            right: second.clusters().len() as u64,
        });
    }
    enough(first.clusters().len(), MIN_ITEMS)?;
    let kappa = |raters: &TwoRaters, rows: &[usize]| {
        raters.table_of(rows).kappa(scale.weights()).map(|kappa| kappa.value)
    };
    let all: Vec<usize> = (0..first.len()).collect();
    let value = kappa(first, &all)? - kappa(second, &all)?;
    let interval = bootstrap_clusters(first.clusters(), seed, |rows| {
        Some(kappa(first, rows).ok()? - kappa(second, rows).ok()?)
    });
    Ok(Estimate { value, interval, n: first.len() as u64 })
}
