//! Several models that score a response as one.
//!
//! Each is asked about every criterion, in its own manner; the judge's rule makes one verdict of
//! those that did not fail: of probabilities as the rule says, of levels their mean, each by its
//! weight where the rule is [`PanelRule::Weighted`]. Where a cheap model goes first, the others are
//! asked unless it is sure of every criterion, which of a level it never is.

use futures::future::join_all;

use super::{Jury, is_mended_later, unfit};
use crate::domain::panel::{Question, combine};
use crate::domain::{
    Criterion, CriterionVerdict, JudgeScore, JudgeSetup, PanelRule, Reading, Recipe, RowFailure,
    Scale, Score,
};
use crate::methods::aggregate::{reward, unit_score};
use crate::methods::ask::Ask;
use crate::methods::rubric_score::{ScoreTask, score_response};

/// What a judge of one model or several made of a response.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PanelScore {
    /// By the judge's rule; `None` where no criterion was judged.
    pub score: Option<Score>,
    /// What each said, in the judge's order; empty where one model judges.
    pub judges: Vec<JudgeScore>,
    /// Why it is not the whole judge's score.
    pub failure: Option<RowFailure>,
}

/// A response scored by a judge of one model or several.
///
/// A model that failed is named in [`PanelScore::judges`] and not counted; where none answered, or
/// one could not for a reason that going on later mends, that is the failure of the whole, and what
/// was said by then is kept without a reward.
///
/// Whether a reason comes first and what stands around the texts is the judge's and each model's;
/// whether all criteria go into one call is the recipe's. Votes, examples, a second reading and the
/// Prometheus form are of pairs and not used.
pub async fn score_response_by<A: Ask>(jury: &Jury<'_, A>, task: &ScoreTask<'_>) -> PanelScore {
    if let Some(failure) = unfit(jury.setup, jury.seats.len()) {
        let at = format!("score of {}", task.name);
        let failure = Some(RowFailure { at, failure });
        return PanelScore { failure, ..PanelScore::default() };
    }
    let one = |place: usize| async move {
        let (ask, name, manner) = &jury.seats[place];
        let recipe = Recipe {
            reason_first: manner.reasons && jury.setup.reason_first,
            delimiters: manner.delimiters,
            ..task.recipe.clone()
        };
        let task = ScoreTask { recipe: &recipe, ..*task };
        let (score, failure) = match score_response(*ask, &task).await {
            Ok(score) => (Some(score), None),
            Err(failure) => {
                let (failure, partial) = failure.split();
                (partial, Some(failure))
            }
        };
        JudgeScore { model: (*name).to_owned(), score, failure }
    };
    if jury.seats.len() == 1 {
        let JudgeScore { score, failure, .. } = one(0).await;
        return PanelScore { score, judges: Vec::new(), failure };
    }
    let criteria = &task.rubric.criteria;
    let mut said = Vec::new();
    if let Some(band) = jury.setup.first_alone {
        said.push(one(0).await);
        if is_sure(&said[0], criteria, band) {
            return together(criteria, task, jury.setup, said);
        }
    }
    said.extend(join_all((said.len()..jury.seats.len()).map(one)).await);
    together(criteria, task, jury.setup, said)
}

/// Whether a first score makes the others' superfluous: exactly at the band's edge it does not.
fn is_sure(said: &JudgeScore, criteria: &[Criterion], band: f64) -> bool {
    let Some(score) = said.score.as_ref().filter(|_| said.failure.is_none()) else { return false };
    criteria.iter().all(|criterion| {
        let verdict = score.criteria.iter().find(|one| one.criterion == criterion.id);
        let p = verdict.and_then(|verdict| verdict.reading.value());
        matches!(criterion.scale, Scale::Points(_))
            && p.is_some_and(|p| (p - 0.5).abs() > band + 1e-9)
    })
}

fn together(
    criteria: &[Criterion],
    task: &ScoreTask<'_>,
    setup: &JudgeSetup,
    judges: Vec<JudgeScore>,
) -> PanelScore {
    let verdicts: Vec<CriterionVerdict> =
        criteria.iter().map(|criterion| combined(criterion, &judges, setup)).collect();
    let is_whole = |said: &JudgeScore| said.failure.is_none();
    let decides = |said: &&JudgeScore| {
        said.failure.as_ref().is_some_and(|failure| is_mended_later(failure.failure.kind))
    };
    let none = !judges.iter().any(is_whole);
    // Of the failures the one that decides: the first that is mended by going on, else the first.
    let failed = judges.iter().find(decides).or_else(|| judges.first().filter(|_| none));
    let failure = failed.and_then(|said| {
        let RowFailure { at, failure } = said.failure.clone()?;
        Some(RowFailure { at: format!("{}: {at}", said.model), failure })
    });
    let score = reward(task.rubric, &verdicts);
    let score = match failure {
        Some(_) => Score { reward: None, ..score },
        None => score,
    };
    PanelScore { score: Some(score), judges, failure }
}

/// One criterion's verdict of all that did not fail.
fn combined(criterion: &Criterion, judges: &[JudgeScore], setup: &JudgeSetup) -> CriterionVerdict {
    let of = |said: &JudgeScore| {
        let score = said.score.as_ref().filter(|_| said.failure.is_none())?;
        let verdict = score.criteria.iter().find(|one| one.criterion == criterion.id)?;
        verdict.reading.value()
    };
    let values: Vec<Option<f64>> = judges.iter().map(of).collect();
    let rule = match (&criterion.scale, setup.rule) {
        (Scale::Levels { .. }, PanelRule::Weighted) | (Scale::Points(_), _) => setup.rule,
        (Scale::Levels { .. }, _) => PanelRule::Mean,
    };
    let counted = judges.iter().filter(|said| said.failure.is_none()).count();
    let read = u32::try_from(values.iter().flatten().count()).unwrap_or(u32::MAX);
    let reading = match combine(&values, rule, Question::Met, &setup.weights) {
        Some(value) => Reading::Sampled {
            value,
            votes: read,
            unread: u32::try_from(counted).unwrap_or(u32::MAX).saturating_sub(read),
        },
        None => Reading::Unparsed { text: String::new() },
    };
    let unit = reading.value().and_then(|value| unit_score(&criterion.scale, value));
    CriterionVerdict { criterion: criterion.id.clone(), reading, unit, reason: String::new() }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::executor::block_on;

    use super::*;
    use crate::domain::{
        Call, CallFailure, ChoiceReading, Delimiters, FailureKind, Finish, JudgeProtocol, Manner,
        Method, Prompt, Reply, Rubric, Usage, Want,
    };
    use crate::methods::ask::FromFn;
    use crate::methods::template::Templates;

    /// Two criteria, one met or not and one of levels, by models that say P(the first answer).
    fn scored(models: &[Result<f64, FailureKind>], setup: &JudgeSetup) -> PanelScore {
        scored_by(models, setup, true)
    }

    fn scored_by(
        models: &[Result<f64, FailureKind>],
        setup: &JudgeSetup,
        has_levels: bool,
    ) -> PanelScore {
        let asks: Vec<_> = models
            .iter()
            .map(|says| {
                FromFn(move |call: Call| {
                    let p = says.map_err(|kind| CallFailure::new(kind, "it failed", ""))?;
                    let Want::Choice(answers) = &call.want else {
                        panic!("a reason was asked for")
                    };
                    let rest = (1.0 - p) / (answers.len() - 1) as f64;
                    let mut probabilities = vec![rest; answers.len()];
                    probabilities[0] = p;
                    Ok(Reply {
                        text: String::new(),
                        reasoning: None,
                        finish: Finish::Stop,
                        usage: Usage::default(),
                        choice: Some(ChoiceReading { probabilities }),
                        model: String::new(),
                        marks: Vec::new(),
                    })
                })
            })
            .collect();
        let names: Vec<String> = (1..=models.len()).map(|n| format!("m{n}")).collect();
        let manner = Manner {
            protocol: JudgeProtocol::Pairwise,
            delimiters: Delimiters::Fenced,
            reasons: true,
        };
        let seats = asks.iter().zip(&names).map(|(ask, name)| (ask, name.as_str(), manner));
        let jury = Jury { seats: seats.collect(), setup };
        let criterion = |id: &str, scale| Criterion {
            id: id.into(),
            name: id.to_owned(),
            scale,
            ..Criterion::default()
        };
        let levels = Scale::Levels { lowest: 1, anchors: vec!["low".into(), "high".into()] };
        let mut criteria = vec![criterion("met", Scale::Points(1.0)), criterion("level", levels)];
        criteria.truncate(if has_levels { 2 } else { 1 });
        let rubric = Rubric { criteria, ..Rubric::named("two") };
        let (prompt, templates) = (Prompt::of_text("x", "Why?"), Templates::default());
        let recipe = Recipe::built_in(Method::Score);
        let task = ScoreTask {
            prompt: &prompt,
            response: "So.",
            name: "draft",
            rubric: &rubric,
            templates: &templates,
            recipe: &recipe,
        };
        block_on(score_response_by(&jury, &task))
    }

    fn judge(rule: PanelRule) -> JudgeSetup {
        JudgeSetup { reason_first: false, rule, ..JudgeSetup::named("panel") }
    }

    fn values(score: &PanelScore) -> Vec<Option<f64>> {
        let criteria = &score.score.as_ref().unwrap().criteria;
        let short = |value: f64| (value * 1e6).round() / 1e6;
        criteria.iter().map(|one| one.reading.value().map(short)).collect()
    }

    #[test]
    fn the_rule_makes_one_score_of_several() {
        let said = [Ok(0.9), Ok(0.8), Ok(0.2)];
        // The first level is 1, the second 2.
        let by = |rule| values(&scored(&said, &judge(rule)));
        assert_eq!(by(PanelRule::Mean), [Some(0.633_333), Some(1.366_667)]);
        assert_eq!(by(PanelRule::Majority), [Some(1.0), Some(1.366_667)]);
        assert_eq!(by(PanelRule::Unanimous), [Some(0.0), Some(1.366_667)]);
        let weighted = JudgeSetup { weights: vec![0.0, 0.0, 1.0], ..judge(PanelRule::Weighted) };
        assert_eq!(values(&scored(&said, &weighted)), [Some(0.2), Some(1.8)]);
        let whole = scored(&said, &judge(PanelRule::Mean));
        let names: Vec<&str> = whole.judges.iter().map(|one| one.model.as_str()).collect();
        assert_eq!(names, ["m1", "m2", "m3"]);
        assert!(whole.failure.is_none() && whole.score.unwrap().reward.is_some());
        let one = scored(&said[..1], &judge(PanelRule::Mean));
        assert!(one.judges.is_empty(), "one model is its own panel");
        assert_eq!(values(&one), [Some(0.9), Some(1.1)]);
    }

    #[test]
    fn a_second_is_asked_unless_the_first_is_sure() {
        let judge = JudgeSetup { first_alone: Some(0.2), ..judge(PanelRule::Mean) };
        let asked = |said: &[_], has_levels| scored_by(said, &judge, has_levels).judges.len();
        assert_eq!(asked(&[Ok(0.8), Ok(0.1)], false), 1);
        assert_eq!(asked(&[Ok(0.6), Ok(0.1)], false), 2);
        assert_eq!(asked(&[Ok(0.7), Ok(0.1)], false), 2, "at the band's edge");
        assert_eq!(asked(&[Err(FailureKind::Timeout), Ok(0.1)], false), 2);
        assert_eq!(asked(&[Ok(0.8), Ok(0.1)], true), 2, "no level is sure");
    }

    #[test]
    fn a_model_that_fails_is_named_and_not_counted() {
        let some = scored(&[Ok(0.9), Err(FailureKind::Timeout)], &judge(PanelRule::Mean));
        assert_eq!((values(&some), &some.failure), (vec![Some(0.9), Some(1.1)], &None));
        assert!(some.judges[1].failure.is_some() && some.judges[1].score.is_none());
        let none =
            scored(&[Err(FailureKind::Timeout), Err(FailureKind::Model)], &judge(PanelRule::Mean));
        assert!(none.failure.unwrap().at.starts_with("m1: criterion met of draft"));
        assert_eq!(none.score.unwrap().reward, None);
        let stopped = scored(&[Ok(0.9), Err(FailureKind::Cancelled)], &judge(PanelRule::Mean));
        assert!(stopped.failure.unwrap().at.starts_with("m2: "), "its row is made again");
        assert_eq!(stopped.score.unwrap().reward, None);
        assert_eq!(stopped.judges.len(), 2);
    }

    #[test]
    fn a_judge_without_models_or_with_other_weights_is_none() {
        let asked = Mutex::new(0);
        let ask = FromFn(|_: Call| {
            *asked.lock().unwrap() += 1;
            Err(CallFailure::new(FailureKind::Model, "", ""))
        });
        let manner = Manner::from(JudgeProtocol::Pairwise);
        let setup = JudgeSetup { weights: vec![1.0], ..judge(PanelRule::Weighted) };
        let (prompt, templates) = (Prompt::of_text("x", "Why?"), Templates::default());
        let (rubric, recipe) = (Rubric::named("none"), Recipe::built_in(Method::Score));
        let task = ScoreTask {
            prompt: &prompt,
            response: "So.",
            name: "draft",
            rubric: &rubric,
            templates: &templates,
            recipe: &recipe,
        };
        for seats in [Vec::new(), vec![(&ask, "a", manner), (&ask, "b", manner)]] {
            let failed = block_on(score_response_by(&Jury { seats, setup: &setup }, &task));
            assert!(failed.failure.is_some());
        }
        assert_eq!(asked.into_inner().unwrap(), 0);
    }
}
