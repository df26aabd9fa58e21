//! What is wrong with a project's recipes, the documents that they name not among it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{JudgeSetup, Method, Problem, Recipe, Severity};

/// What is wrong with a recipe of a project that has these judges: by itself, then with its judge.
pub(super) fn problems(
    recipe: &Recipe,
    judges: &BTreeMap<String, Arc<JudgeSetup>>,
) -> Vec<Problem> {
    let mut found = recipe.problems();
    found.extend(of_judge(recipe, judges));
    found
}

fn of_judge(recipe: &Recipe, judges: &BTreeMap<String, Arc<JudgeSetup>>) -> Vec<Problem> {
    if recipe.judge.is_empty() {
        return Vec::new();
    }
    if recipe.method == Method::Critique {
        return vec![Problem::warning(
            "judge",
            format!(
                "{} has nothing judged, so the judge {} is not asked",
                recipe.method, recipe.judge
            ),
            "take `judge` out, or use another method",
        )];
    }
    let own = judges.get(&recipe.judge);
    let by_name = || judges.values().find(|judge| judge.name == recipe.judge);
    let Some(judge) = own.or_else(by_name) else {
        let known: Vec<&str> = judges.keys().map(String::as_str).collect();
        let hint = match known.as_slice() {
            [] => "add one under judges/, or take `judge` out: then the model of that role judges"
                .to_owned(),
            known => format!(
                "use one of {}, or take `judge` out: then the model of that role judges",
                known.join(", ")
            ),
        };
        let what = format!("there is no judge called {} that can be read", recipe.judge);
        return vec![Problem::error("judge", what, &hint)];
    };
    let of_recipe = |problem: Problem| Problem {
        what: format!("the judge {}, {}: {}", recipe.judge, problem.place, problem.what),
        place: "judge".to_owned(),
        ..problem
    };
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    judge.problems_in(recipe.method).into_iter().filter(is_error).map(of_recipe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::JudgeForm;

    #[test]
    fn a_recipes_judge_must_be_there_and_fit() {
        let prometheus = JudgeSetup { form: JudgeForm::Prometheus, ..JudgeSetup::named("Graded") };
        let judges: BTreeMap<String, Arc<JudgeSetup>> = [
            ("two".to_owned(), Arc::new(JudgeSetup::named("Two readers"))),
            ("graded".to_owned(), Arc::new(prometheus)),
        ]
        .into();
        let of = |method, judge: &str| {
            let recipe = Recipe { judge: judge.to_owned(), ..Recipe::built_in(method) };
            problems(&recipe, &judges)
        };
        for sound in ["", "two", "Two readers", "graded"] {
            assert_eq!(of(Method::Preference, sound), Vec::new(), "{sound}");
        }
        let missing = of(Method::Rank, "three").remove(0);
        assert_eq!((missing.severity, missing.place.as_str()), (Severity::Error, "judge"));
        assert!(missing.what.contains("three") && missing.hint.contains("graded, two"));
        let unfit = of(Method::Score, "graded").remove(0);
        assert_eq!((unfit.severity, unfit.place.as_str()), (Severity::Error, "judge"));
        assert!(unfit.what.starts_with("the judge graded, form:"), "{}", unfit.what);
        assert_eq!(of(Method::Critique, "two")[0].severity, Severity::Warning);
        let none = problems(
            &Recipe { judge: "x".to_owned(), ..Recipe::built_in(Method::Votes) },
            &BTreeMap::new(),
        );
        assert!(none[0].hint.contains("judges/"));
    }
}
