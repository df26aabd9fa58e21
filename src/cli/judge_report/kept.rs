//! What is kept with a judge: a map of its probabilities, weights of its models.

use super::super::failure::Failure;
use super::super::out;
use super::{Arguments, Fit, Weigh};
use crate::domain::JudgeSetup;
use crate::engine::judging::{self, Judging};
use crate::stats::ensemble::Weighing;
use crate::store::Project;
use crate::store::project::DocumentKind;

/// Keeps a map with the judge.
pub(super) fn map(
    arguments: &Arguments,
    project: &Project,
    judging: &Judging,
    fit: Fit,
) -> Result<(), Failure> {
    let day = chrono::Utc::now().format("%Y-%m-%d").to_string();
    let map = judging.recalibration(fit.kind(), &day).map_err(|why| {
        let least = fit.kind().least_labels();
        let hint = format!(
            "label more development items: {least} to fit to, and {least} to show it on (the \
             other half, or gold with --split all)"
        );
        Failure::bad(format!("no map was fitted: {why}"), hint)
    })?;
    let (stem, setup) = judging::judge_of(project, &arguments.judge)?;
    let kept = JudgeSetup { recalibration: Some(map.clone()), ..JudgeSetup::clone(&setup) };
    project.save_judge(&stem, &kept)?;
    let path = project.path_of(DocumentKind::Judge, &stem);
    out::say(&format!(
        "{} kept in {}, fitted to {} labels; apply it with `preamble export … --recalibrate {stem}`",
        map.map,
        path.display(),
        map.labels
    ));
    Ok(())
}

/// Weighs a judge's models.
pub(super) fn weights(
    arguments: &Arguments,
    project: &Project,
    judging: &Judging,
    weigh: Weigh,
) -> Result<(), Failure> {
    let weighing = match weigh {
        Weigh::Kappa => Weighing::Kappa,
        Weigh::LogOdds => Weighing::LogOdds,
    };
    let (stem, setup) = judging::judge_of(project, &arguments.judge)?;
    let (kept, found) = judging::weighed(&setup, judging, weighing)
        .map_err(|why| Failure::bad(why.to_string(), why.hint()))?;
    project.save_judge(&stem, &kept)?;
    let said = found.models.iter().zip(&kept.weights).zip(&found.quality);
    let said: Vec<String> = said
        .map(|((model, weight), quality)| match weighing {
            Weighing::Kappa => format!("{model} {weight} (κ {quality:.2})"),
            Weighing::LogOdds => format!("{model} {weight} (right {:.0} %)", quality * 100.0),
        })
        .collect();
    out::say(&format!(
        "weights kept in {}, by {} development labels: {}; its verdicts are made again from the \
         journal with `preamble judge-report … --run`",
        project.path_of(DocumentKind::Judge, &stem).display(),
        found.labels,
        said.join(", ")
    ));
    Ok(())
}
