//! What is wrong with a judge.

use std::collections::BTreeSet;

use super::{JudgeForm, JudgeSetup, PanelRule};
use crate::domain::label::LabelAnswer;
use crate::domain::problem::Problem;
use crate::domain::recipe::{JudgeProtocol, Method};

/// Checks a judge; worst first, then in the document's order.
pub(super) fn problems(judge: &JudgeSetup) -> Vec<Problem> {
    let mut found = Vec::new();
    if judge.name.trim().is_empty() {
        found.push(Problem::error("name", "it has no name", "give it one"));
    }
    panel(judge, &mut found);
    numbers(judge, &mut found);
    form(judge, &mut found);
    for (index, example) in judge.examples.iter().enumerate() {
        let place = format!("examples {}", index + 1);
        if !matches!(example.answer, LabelAnswer::A | LabelAnswer::B | LabelAnswer::Tie) {
            found.push(Problem::error(
                format!("{place}.answer"),
                "an example needs an answer that the judge can give",
                "use A or B; Tie where the judge may answer tie",
            ));
        } else if example.answer == LabelAnswer::Tie && !judge.ties {
            found.push(Problem::warning(
                format!("{place}.answer"),
                "it is a tie and the judge may not answer tie, so it is not shown",
                "allow ties, or take the example out",
            ));
        }
        if example.a.trim().is_empty() && example.b.trim().is_empty() {
            found.push(Problem::error(place, "both its answers are empty", "write them out"));
        }
    }
    if judge.recalibration.as_ref().is_some_and(|map| !map.map.is_sound()) {
        found.push(Problem::error(
            "recalibration",
            "it is no map: a temperature or slope is not above 0, or its corners fall",
            "fit it anew in the judge's report, or take it out",
        ));
    }
    found.sort_by_key(|problem| problem.severity);
    found
}

/// What a method's judge can't do of what these settings say.
pub(super) fn problems_in(judge: &JudgeSetup, method: Method) -> Vec<Problem> {
    let mut found = Vec::new();
    if !matches!(method, Method::Score | Method::ChainScore) {
        return found;
    }
    if judge.form == JudgeForm::Prometheus {
        found.push(Problem::error(
            "form",
            format!("the Prometheus form is for principles, and {method} scores by a rubric"),
            "set `form: usual`, or use a method that compares pairs",
        ));
    }
    if judge.refine {
        found.push(Problem::error(
            "refine",
            format!("a second reading is of pairs, and {method} scores by a rubric"),
            "set `refine: false`, or use a method that compares pairs",
        ));
    }
    found
}

/// Models, rule and weights.
fn panel(judge: &JudgeSetup, found: &mut Vec<Problem>) {
    let n = judge.models.len();
    let mut seen = BTreeSet::new();
    for (index, model) in judge.models.iter().enumerate() {
        let place = format!("models {}", index + 1);
        if model.trim().is_empty() {
            found.push(Problem::error(place, "a model has no name", "name it, or take it out"));
        } else if !seen.insert(model) {
            found.push(Problem::error(
                place,
                format!("{model} is there twice, and the same questions have the same answers"),
                "name each model once; for more answers of one model raise its votes",
            ));
        }
    }
    if judge.rule == PanelRule::Weighted {
        if judge.weights.len() != n {
            found.push(Problem::error(
                "weights",
                format!("there are {} weights for {n} models", judge.weights.len()),
                "give one weight for each model, in their order",
            ));
        } else if n > 0 && judge.weights.iter().all(|weight| *weight <= 0.0) {
            found.push(Problem::error(
                "weights",
                "every weight is 0, so nobody counts",
                "give at least one model a weight above 0",
            ));
        }
    } else if !judge.weights.is_empty() {
        found.push(Problem::warning(
            "weights",
            "only the rule weighted uses weights",
            "use the rule weighted, or take the weights out",
        ));
    }
    for (index, weight) in judge.weights.iter().enumerate() {
        if !weight.is_finite() || *weight < 0.0 {
            found.push(Problem::error(
                format!("weights {}", index + 1),
                format!("the weight is {weight}"),
                "use a number of 0 or more",
            ));
        }
    }
    if judge.rule == PanelRule::Majority && n > 0 && n.is_multiple_of(2) {
        found.push(Problem::warning(
            "rule",
            format!("{n} judges may be split evenly, which leaves one half"),
            "use an odd number of models, or the rule mean",
        ));
    }
}

fn numbers(judge: &JudgeSetup, found: &mut Vec<Problem>) {
    if let Some(band) = judge.first_alone {
        if !(0.0..=0.5).contains(&band) {
            found.push(Problem::error(
                "first_alone",
                format!("it is {band}"),
                "use 0 to 0.5: how near one half the first model's P(A) has to be for the others \
                 to be asked; 0.2 asks them between 0.3 and 0.7",
            ));
        }
        if judge.models.len() < 2 {
            found.push(Problem::warning(
                "first_alone",
                "there is no second model that could be asked",
                "name two models or more, the cheapest first",
            ));
        }
    }
    for (place, number) in
        [("votes", judge.votes), ("principles_per_pair", judge.principles_per_pair)]
    {
        if number == 0 {
            found.push(Problem::error(
                place,
                "it is 0, so nothing would be asked",
                "use 1 or more",
            ));
        }
    }
    if !(0.0..=1.0).contains(&judge.canaries) {
        found.push(Problem::error(
            "canaries",
            format!("it is {}", judge.canaries),
            "use a share of the pairs from 0 (none) to 1; 0.02 is usual",
        ));
    }
}

/// What goes with what.
fn form(judge: &JudgeSetup, found: &mut Vec<Problem>) {
    let is_pointwise =
        matches!(judge.protocol, JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale);
    if judge.form == JudgeForm::Prometheus {
        if judge.protocol == JudgeProtocol::PointwiseYesNo {
            found.push(Problem::error(
                "protocol",
                "models of the Prometheus form compare two or grade from 1 to 5, and never answer \
                 yes or no",
                "use Pairwise or PointwiseScale",
            ));
        }
        if !judge.examples.is_empty() {
            found.push(Problem::warning(
                "examples",
                "the Prometheus form has no place for examples, so none is shown",
                "take them out, or use the usual form",
            ));
        }
        if judge.refine {
            found.push(Problem::error(
                "refine",
                "the Prometheus form has one answer and no second reading",
                "switch the second reading off, or use the usual form",
            ));
        }
    } else if is_pointwise && !judge.examples.is_empty() {
        found.push(Problem::warning(
            "examples",
            "examples are pairs, and this judge reads one answer at a time, so none is shown",
            "use the protocol Pairwise, or take them out",
        ));
    }
    if judge.ties && (is_pointwise || judge.form == JudgeForm::Prometheus) {
        found.push(Problem::warning(
            "ties",
            "only a judge that sees both answers and has the usual form can answer tie",
            "use the protocol Pairwise, or allow no ties",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JudgeExample, Severity};

    fn judge(change: impl FnOnce(&mut JudgeSetup)) -> JudgeSetup {
        let mut judge = JudgeSetup::named("two");
        judge.models = vec!["small".to_owned(), "large".to_owned()];
        change(&mut judge);
        judge
    }

    fn example(answer: LabelAnswer) -> JudgeExample {
        JudgeExample {
            prompt: "Hi".to_owned(),
            a: "Hello.".to_owned(),
            b: String::new(),
            principle: String::new(),
            answer,
            reason: String::new(),
            from: String::new(),
        }
    }

    #[test]
    fn a_sound_judge_has_no_problem() {
        for sound in [
            JudgeSetup::named("one"),
            judge(|_| ()),
            judge(|j| (j.rule, j.weights) = (PanelRule::Weighted, vec![0.2, 0.8])),
            judge(|j| (j.ties, j.examples) = (true, vec![example(LabelAnswer::Tie)])),
        ] {
            assert_eq!(problems(&sound), Vec::new(), "{sound:?}");
        }
    }

    #[test]
    fn a_rubric_has_no_second_reading_and_no_prometheus() {
        let places = |judge: &JudgeSetup, method| -> Vec<String> {
            judge.problems_in(method).into_iter().map(|problem| problem.place).collect()
        };
        let refined = judge(|j| (j.refine, j.form) = (true, JudgeForm::Prometheus));
        for method in [Method::Score, Method::ChainScore] {
            assert_eq!(places(&refined, method), ["form", "refine"]);
            assert!(places(&judge(|_| ()), method).is_empty());
        }
        assert!(places(&refined, Method::Preference).is_empty());
    }

    #[test]
    fn each_fault_is_named_at_its_place() {
        type Change = fn(&mut JudgeSetup);
        let cases: [(&str, Severity, Change); 16] = [
            ("name", Severity::Error, |j| j.name = " ".to_owned()),
            ("models 2", Severity::Error, |j| j.models[1] = "small".to_owned()),
            ("models 1", Severity::Error, |j| j.models[0].clear()),
            ("weights", Severity::Error, |j| j.rule = PanelRule::Weighted),
            ("weights", Severity::Warning, |j| j.weights = vec![1.0]),
            ("weights 1", Severity::Error, |j| {
                (j.rule, j.weights) = (PanelRule::Weighted, vec![f64::NAN, 1.0]);
            }),
            ("rule", Severity::Warning, |j| j.rule = PanelRule::Majority),
            ("first_alone", Severity::Error, |j| j.first_alone = Some(0.6)),
            ("first_alone", Severity::Warning, |j| {
                j.first_alone = Some(0.2);
                j.models.pop();
            }),
            ("votes", Severity::Error, |j| j.votes = 0),
            ("canaries", Severity::Error, |j| j.canaries = 2.0),
            ("protocol", Severity::Error, |j| {
                (j.form, j.protocol) = (JudgeForm::Prometheus, JudgeProtocol::PointwiseYesNo);
            }),
            ("examples 1.answer", Severity::Error, |j| {
                j.examples = vec![example(LabelAnswer::Pass)];
            }),
            ("examples 1.answer", Severity::Warning, |j| {
                j.examples = vec![example(LabelAnswer::Tie)];
            }),
            ("recalibration", Severity::Error, |j| {
                let map = crate::domain::Map::Temperature { temperature: 0.0 };
                j.recalibration = Some(crate::domain::Recalibration { map, ..Default::default() });
            }),
            ("ties", Severity::Warning, |j| {
                (j.ties, j.protocol) = (true, JudgeProtocol::PointwiseScale);
            }),
        ];
        for (place, severity, change) in cases {
            let found = problems(&judge(change));
            assert_eq!(found.len(), 1, "{place}: {found:?}");
            assert_eq!((found[0].place.as_str(), found[0].severity), (place, severity));
            assert!(!found[0].hint.is_empty());
        }
    }
}
