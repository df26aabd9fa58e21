//! A judge's map applied to what is exported: only to what the same judge said.

use super::{ExportError, Format, Options};
use crate::domain::{JudgedBy, PairVerdict, Recalibration, Row, ScoredResponse};

/// Nothing, where the options' map may be applied to a row.
///
/// # Errors
///
/// [`ExportError::NoProbabilities`] where the format writes none or the map is for others;
/// [`ExportError::OtherJudge`] with both judges where another judged the row;
/// [`ExportError::NoMap`] for one that is none; [`ExportError::SeveralCriteria`] for rewards that are no
/// probability of being met.
pub(super) fn check(format: &dyn Format, row: &Row, options: &Options) -> Result<(), ExportError> {
    let Some(map) = &options.recalibration else { return Ok(()) };
    if !map.map.is_sound() {
        return Err(ExportError::NoMap);
    }
    let what = match (format.id(), map.mirrored) {
        ("trl-preference", true) | ("rewards", false) => None,
        ("trl-preference", false) => {
            Some("the map is for answers that pass or fail, and these are preferences")
        }
        ("rewards", true) => Some("the map is for preferences, and these are rewards"),
        _ => Some("the format writes no probability"),
    };
    if let Some(why) = what {
        return Err(ExportError::NoProbabilities { format: format.id(), why });
    }
    let is_asked = |verdict: &PairVerdict| !verdict.principles.is_empty();
    let protocol = match &row.pair {
        Some(pair) if format.id() == "trl-preference" && is_asked(&pair.verdict) => {
            pair.verdict.protocol
        }
        // A chain's derived pair, or equal answers: nobody was asked.
        _ if format.id() == "trl-preference" => return Ok(()),
        _ if row.scores.is_empty() => return Ok(()),
        // A criterion that is met or not is asked about by itself, however the map's pairs were.
        _ => map.judged_by.protocol,
    };
    let models = row.provenance.models.iter();
    let judges = models.filter(|(role, _)| role.starts_with("judge"));
    let by = JudgedBy {
        models: judges.map(|(_, identity)| identity.clone()).collect(),
        protocol,
        asked: row.provenance.judge.clone().unwrap_or_default(),
    };
    if !map.judged_by.holds_of(&by) {
        return Err(ExportError::OtherJudge {
            rows: by.to_string(),
            map: map.judged_by.to_string(),
        });
    }
    if let Some(several) = row.scores.iter().find(|scored| met(scored).is_none())
        && format.id() == "rewards"
        && several.score.reward.is_some()
    {
        return Err(ExportError::SeveralCriteria);
    }
    Ok(())
}

/// Whether a format writes probabilities that a map can be applied to.
pub fn has_probabilities(format: &dyn Format) -> bool {
    matches!(format.id(), "trl-preference" | "rewards")
}

/// Whether a row has a probability that the options' map would be applied to.
///
/// # Errors
///
/// Why the map must not be applied to it: what writing it would be refused for.
pub fn recalibrates(
    format: &dyn Format,
    row: &Row,
    options: &Options,
) -> Result<bool, ExportError> {
    check(format, row, options)?;
    let is_judged = |verdict: &PairVerdict| !verdict.principles.is_empty() && verdict.p_a.is_some();
    Ok(match format.id() {
        "trl-preference" => row.pair.as_ref().is_some_and(|pair| is_judged(&pair.verdict)),
        "rewards" => row.scores.iter().any(|scored| met(scored).is_some()),
        _ => false,
    })
}

/// P(the first is better), 0..=1, as it is to be exported. A tie stays one.
pub(super) fn preference(p: f64, map: Option<&Recalibration>) -> f64 {
    match map {
        Some(map) if (p - 0.5).abs() > 1e-12 => map.map.apply(p),
        Some(_) | None => p,
    }
}

/// The probability of being met that a reward is; `None` where it is none, since it comes from
/// several criteria or from a scale.
fn met(scored: &ScoredResponse) -> Option<f64> {
    let reward = scored.score.reward?;
    let [only] = scored.score.criteria.as_slice() else { return None };
    let value = only.reading.value()?;
    ((0.0..=1.0).contains(&value) && (value - reward).abs() < 1e-9).then_some(reward)
}

/// A reward as it is to be exported.
pub(super) fn reward(scored: &ScoredResponse, map: Option<&Recalibration>) -> Option<f64> {
    let reward = scored.score.reward.filter(|reward| reward.is_finite())?;
    Some(match (map, met(scored)) {
        (Some(map), Some(p)) => map.map.apply(p),
        _ => reward,
    })
}

/// The map in the card's words.
pub(super) fn words(map: &Recalibration) -> String {
    let half = match map.seed {
        Some(seed) => format!("one half of the development labels, drawn by seed {seed}"),
        None => "the development labels".to_owned(),
    };
    let of = if map.set.is_empty() { String::new() } else { format!(" of `{}`", map.set) };
    let sides = if map.mirrored { ", both sides of each alike" } else { "" };
    format!(
        "The judge's probabilities are recalibrated by people's labels: {}, fitted to {} labels \
         ({half}{of}{sides}) of {}. Map `{}`.",
        map.map,
        map.labels,
        map.judged_by,
        map.hash()
    )
}
