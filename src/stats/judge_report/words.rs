//! The report in words, the same in the window and on the command line.

use super::super::agreement::{Group, JudgeAgreement};
use super::super::bootstrap::Interval;
use super::super::calibration::Kind;
use super::super::estimate::{Estimate, Flag, Measured, Unknown};
use super::super::words::{percent, too_few, two};
use super::{Counts, Disagreement, JudgeReport};
use crate::domain::{Certainty, LabelAnswer, LabelTask};

/// A line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What is measured.
    pub name: String,
    /// What came out.
    pub value: String,
    /// Whether it is within its bounds; `None` where it has none.
    pub flag: Option<Flag>,
}

impl Line {
    fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), flag: None }
    }

    fn flagged(name: impl Into<String>, value: impl Into<String>, flag: Flag) -> Self {
        Self { name: name.into(), value: value.into(), flag: Some(flag) }
    }
}

/// A part of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its title.
    pub title: &'static str,
    /// Its lines, in order.
    pub lines: Vec<Line>,
}

/// A coefficient, probability or difference with its interval: `.71 (.52–.88)`, `too few (7)`.
pub fn number(measured: &Measured) -> String {
    said(measured, |estimate| {
        let range = range(estimate.interval.as_ref(), two);
        format!("{}{range}", two(estimate.value))
    })
}

/// A share in per cent with its interval: `52 % (46–58)`.
pub fn share(measured: &Measured) -> String {
    said(measured, |estimate| {
        let range = range(estimate.interval.as_ref(), percent);
        format!("{} %{range}", percent(estimate.value))
    })
}

/// A difference of shares in points with its sign: `+6 pts (1–11)`.
pub fn points(measured: &Measured) -> String {
    said(measured, |estimate| {
        let range = range(estimate.interval.as_ref(), signless);
        let sign = if estimate.value > 0.0 { "+" } else { "" };
        format!("{sign}{} pts{range}", signless(estimate.value))
    })
}

fn signless(share: f64) -> String {
    let text = format!("{:.0}", share * 100.0);
    match text.strip_prefix('-') {
        Some("0") => "0".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

fn range(interval: Option<&Interval>, end: impl Fn(f64) -> String) -> String {
    interval.map_or_else(String::new, |i| {
        let (low, high) = (end(i.low), end(i.high));
        // A dash between two signs can't be read.
        let between =
            if low.starts_with('−') || high.starts_with('−') { " to " } else { "–" };
        format!(" ({low}{between}{high})")
    })
}

fn said<T>(measured: &Measured<T>, words: impl Fn(&T) -> String) -> String {
    match measured {
        Ok(value) => words(value),
        Err(Unknown::TooFew { n, .. }) => too_few(*n),
        Err(unknown) => unknown.to_string(),
    }
}

/// The report, part by part; the disagreements are a list of their own, see [`disagreement`].
pub fn sections(report: &JudgeReport) -> Vec<Section> {
    let mut all = vec![agreement(report)];
    if !report.by_principle.is_empty() {
        let title =
            if report.task == LabelTask::Pairwise { "By principle" } else { "By criterion" };
        all.push(Section { title, lines: report.by_principle.iter().map(group).collect() });
    }
    if !report.by_tag.is_empty() {
        all.push(Section { title: "By tag", lines: report.by_tag.iter().map(group).collect() });
    }
    all.push(Section { title: "Bias", lines: bias(report) });
    if report.calibration.is_some() || report.corrected.is_some() {
        all.push(Section { title: "Calibration", lines: calibration(report) });
    }
    if let Some(together) = &report.independence {
        let value = said(&together.independence, |one| {
            let effective = &one.effective;
            let range = range(effective.interval.as_ref(), |value| format!("{value:.1}"));
            format!("worth {:.1} of {}{range}", effective.value, together.models.len())
        });
        let lines = vec![Line::plain("judges", value)];
        all.push(Section { title: "Models together", lines });
    }
    all.push(Section { title: "People", lines: people(report) });
    all
}

/// `κ .71 (.52–.88) · raw 85 % · constant guess 56 % · people .78`.
pub fn headline(agreement: &JudgeAgreement) -> String {
    let mut parts = vec![
        format!("κ {}", number(&agreement.kappa)),
        format!("raw {}", share(&agreement.raw)),
        format!(
            "constant guess {}",
            said(&agreement.constant_guess, |p| format!("{} %", percent(*p)))
        ),
    ];
    if let Some(ceiling) = &agreement.ceiling {
        parts.push(format!("people {}", number(ceiling)));
    }
    parts.join(" · ")
}

fn agreement(report: &JudgeReport) -> Section {
    let agreement = &report.agreement;
    let mut lines = vec![
        Line::plain("κ", number(&agreement.kappa)),
        Line::plain("same answer", share(&agreement.raw)),
        Line::plain(
            "constant guess",
            said(&agreement.constant_guess, |p| format!("{} %", percent(*p))),
        ),
    ];
    if let Some(ceiling) = &agreement.ceiling {
        lines.push(Line::plain("people among themselves", number(ceiling)));
    }
    if report.task == LabelTask::Pairwise {
        lines.push(Line::plain("κ at even chance", number(&agreement.even_kappa)));
    }
    if let Some(gwet) = &agreement.gwet {
        lines.push(Line::plain("Gwet’s AC, labels being one-sided", number(gwet)));
    }
    lines.push(Line::plain("right, no side counting half", share(&report.right)));
    if let Some(scores) = &report.scores {
        lines.push(Line::plain("Spearman’s ρ", number(&scores.spearman)));
        lines.push(Line::plain("levels apart", number(&scores.apart)));
    }
    lines.extend(report.by_split.iter().map(group));
    if let Some(stale) = &report.stale {
        lines.push(Line::plain(
            "under an older guide",
            format!("κ {} · n {}", number(&stale.kappa), stale.n),
        ));
    }
    lines.extend(report.more_labels.iter().map(|more| Line::plain("", more.to_string())));
    lines.push(Line::plain("items", counts(&report.counts)));
    Section { title: "Agreement", lines }
}

fn group(group: &Group) -> Line {
    let agreement = &group.agreement;
    let value = match &agreement.kappa {
        Ok(_) => format!("κ {} · n {}", number(&agreement.kappa), agreement.n),
        Err(_) => number(&agreement.kappa),
    };
    Line::plain(group.name.clone(), value)
}

/// `60 labelled, 58 judged; left out: 2 unread, 1 tie by people`.
pub fn counts(counts: &Counts) -> String {
    let mut parts = Vec::new();
    for (n, what) in [
        (counts.not_asked, "not asked about"),
        (counts.unread, "unread"),
        (counts.failed, "failed"),
        (counts.people_even, "on which people take no side"),
        (counts.judge_even, "on which the judge takes none"),
        (counts.stale, "labelled under an older guide"),
        (counts.unsure, "that people can’t tell"),
        (counts.examples, "shown to the judge as examples"),
    ] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    let all = format!("{} ({} labelled, {} judged)", counts.items, counts.labelled, counts.judged);
    if parts.is_empty() { all } else { format!("{all}; not in κ: {}", parts.join(", ")) }
}

fn bias(report: &JudgeReport) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(panel) = &report.panel {
        if let Ok(position) = &panel.position {
            lines.push(Line::flagged("picks first", share(&position.first), position.flag));
            lines.push(Line::flagged(
                "same when swapped",
                number(&position.consistency),
                position.flag,
            ));
            lines.push(Line::plain(
                "flips",
                format!("{} to the first, {} to the second", position.primacy, position.recency),
            ));
        } else {
            lines.push(Line::plain("order", "each answer is asked about by itself"));
        }
        if let Ok(length) = &panel.length {
            let value = format!("{} · people {}", share(&length.judge), share(&length.people));
            lines.push(Line::flagged("longer wins", value, length.flag));
            lines.push(Line::flagged("for its length", points(&length.bias), length.flag));
        }
        if let Ok(own) = &panel.self_preference {
            lines.push(Line::flagged("own family", points(&own.difference), own.flag));
        }
        match &panel.style {
            Ok(style) => lines.extend(style.coefficients.iter().map(|one| {
                let excess = one.excess.map_or_else(
                    || format!("{} (no labels to compare)", number(&Ok(one.judge))),
                    |excess| number(&Ok(excess)),
                );
                Line::flagged(format!("{}, log-odds over people’s", one.name), excess, one.flag)
            })),
            Err(unknown) => lines
                .push(Line::plain("style", said::<Estimate>(&Err(*unknown), |_| String::new()))),
        }
    }
    if let Some(own) = &report.false_passes {
        let (value, flag) = match own {
            Ok(own) => (points(&own.difference), own.flag),
            Err(unknown) => (unknown.to_string(), Flag::TooFew),
        };
        lines.push(Line::flagged("passes its own family’s failures", value, flag));
    }
    let format = &report.format;
    lines.push(Line::flagged("can’t be read", share(&format.unread), format.flag));
    if let Some(mass) = format.mass {
        lines.push(Line::flagged("answer mass", two(mass), format.flag));
    }
    let robust = &report.robustness;
    if robust.consistency.is_ok() || !robust.perturbations.is_empty() {
        lines.push(Line::plain("same when asked again", number(&robust.consistency)));
    }
    lines.extend(
        robust.perturbations.iter().map(|one| {
            Line::flagged(format!("robust to {}", one.name), number(&one.rate), one.flag)
        }),
    );
    if let Some(canaries) = &report.canaries {
        lines.push(Line::plain("passes canaries", share(canaries)));
    }
    lines
}

fn calibration(report: &JudgeReport) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(calibration) = &report.calibration {
        if let Ok(curve) = &calibration.curve {
            let row = |of: fn(&super::super::calibration::Bin) -> f64| {
                curve.iter().map(|bin| two(of(bin))).collect::<Vec<_>>().join("  ")
            };
            lines.push(Line::plain("said", row(|bin| bin.said)));
            lines.push(Line::plain("was", row(|bin| bin.was)));
        }
        let quality = &calibration.quality;
        lines.push(Line::plain("Brier", said(quality, |one| number(&Ok(one.brier)))));
        lines.push(Line::plain("ECE", said(quality, |one| number(&Ok(one.ece)))));
        lines.push(Line::flagged(
            "temperature",
            number(&calibration.temperature),
            calibration.flag,
        ));
        for repair in &calibration.repairs {
            let name = match repair.kind {
                Kind::Temperature => "with a temperature",
                Kind::Platt => "with Platt’s line",
                Kind::Isotonic => "with an isotonic map",
            };
            let on = if repair.shown_on_gold { "gold" } else { "the other half" };
            let value = said_fit(&repair.fitted, |fitted| {
                format!(
                    "{}: Brier {} → {} on {on}, fitted to {} development labels",
                    fitted.recalibration.map,
                    two(fitted.before.brier.value),
                    two(fitted.after.brier.value),
                    fitted.recalibration.labels,
                )
            });
            lines.push(Line::plain(name, value));
        }
    }
    if let Some(corrected) = &report.corrected {
        let name = match corrected.of {
            super::CorrectedOf::Pass => "corrected pass rate",
            super::CorrectedOf::SecondBetter => "corrected rate of the second",
        };
        let value = said(&corrected.rate, |rate| {
            let range = range(Some(&rate.interval), percent);
            format!("{} %{range}, raw {} %", percent(rate.rate), percent(rate.raw))
        });
        lines.push(Line::plain(name, value));
    }
    lines
}

/// As [`said`], with how many labels a fit needs.
fn said_fit<T>(measured: &Measured<T>, words: impl Fn(&T) -> String) -> String {
    match measured {
        Err(Unknown::TooFew { n, least }) => {
            format!("{} of {least} development labels", too_few(*n))
        }
        other => said(other, words),
    }
}

fn people(report: &JudgeReport) -> Vec<Line> {
    let people = &report.people;
    let names: Vec<String> =
        people.labellers.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let mut lines = vec![Line::plain("labels", names.join(", "))];
    if let Some(alpha) = &people.alpha {
        lines.push(Line::plain("Krippendorff’s α", number(alpha)));
    }
    if let Some(test) = &people.alt_test {
        lines.push(Line::plain("", said(test, ToString::to_string)));
    }
    if let Some(repeats) = &people.repeats {
        lines.push(Line::plain("agree with themselves", said(repeats, |one| share(&Ok(one.same)))));
    }
    lines
}

/// An answer in a word.
pub fn answer(answer: LabelAnswer) -> String {
    match answer {
        LabelAnswer::A => "A".to_owned(),
        LabelAnswer::B => "B".to_owned(),
        LabelAnswer::Tie => "tie".to_owned(),
        LabelAnswer::BothBad => "both bad".to_owned(),
        LabelAnswer::Pass => "pass".to_owned(),
        LabelAnswer::Fail => "fail".to_owned(),
        LabelAnswer::Level(level) => format!("level {level}"),
        LabelAnswer::Unsure => "unsure".to_owned(),
        LabelAnswer::NotApplicable => "does not apply".to_owned(),
    }
}

/// `people A (certain) · judge B .93 · P3 · “Dose for child…”`.
pub fn disagreement(one: &Disagreement) -> String {
    let sure: Option<Certainty> = one.labels.iter().filter_map(|(_, _, sure)| *sure).min();
    let sure = sure.map_or_else(String::new, |sure| format!(" ({sure})"));
    let judge = match one.judge {
        LabelAnswer::Level(_) => answer(one.judge),
        side => format!("{} {}", answer(side), two(one.confidence)),
    };
    let flip = if one.flipped { " (flips with the order)" } else { "" };
    let aspect = one.aspect.as_ref().map_or_else(String::new, |id| format!(" · {id}"));
    let first_line = one.excerpt.lines().next().unwrap_or_default();
    let stale = if one.stale { " · older guide" } else { "" };
    format!(
        "people {}{sure} · judge {judge}{flip}{aspect}{stale} · {}: “{first_line}”",
        answer(one.people),
        one.item
    )
}
