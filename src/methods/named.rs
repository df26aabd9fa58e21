//! Principles that a prompt names for itself, in its column [`PRINCIPLES_COLUMN`].
//!
//! Published workloads (and people who know what a prompt is about) fix the principles of each
//! prompt instead of drawing them. A chain's rounds then go by those, in their order; where more
//! rounds are wanted, the others are drawn as usual.

use serde_json::Value;

use crate::domain::{CallFailure, Constitution, Principle, Problem, Prompt};

use super::draw;
use super::judging::cannot;

/// The column of a prompt that names principles: a list of ids or titles, or one of them.
pub const PRINCIPLES_COLUMN: &str = "principles";

/// What a prompt names, as it is written: ids or titles, in order; empty where it names nothing.
///
/// # Errors
///
/// The column is neither text nor a list of texts.
pub fn names(prompt: &Prompt) -> Result<Vec<&str>, Problem> {
    let no_list = |value: &Value| {
        Problem::error(
            prompt.id.to_string(),
            format!("its “{PRINCIPLES_COLUMN}” is {value}, not a list of principles"),
            "write the ids of principles, such as \"principles\": [\"P1\", \"P3\"]",
        )
    };
    match prompt.extra.get(PRINCIPLES_COLUMN) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) if one.trim().is_empty() => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.trim()]),
        Some(list @ Value::Array(all)) => all
            .iter()
            .map(|name| name.as_str().map(str::trim).ok_or_else(|| no_list(list)))
            .collect(),
        Some(other) => Err(no_list(other)),
    }
}

/// The principles that a prompt names, in its order.
///
/// Those that are switched off or have no text are left out, wherever they come from. A weight of 0 keeps a principle from being
/// drawn, not from being named.
///
/// # Errors
///
/// The column can't be read, or names what the constitution has not.
pub fn named<'a>(
    constitution: &'a Constitution,
    prompt: &Prompt,
) -> Result<Vec<&'a Principle>, Problem> {
    let mut found = Vec::new();
    for name in names(prompt)? {
        let principle =
            find(constitution, name).ok_or_else(|| unknown(constitution, prompt, name))?;
        if principle.enabled && !principle.text.trim().is_empty() {
            found.push(principle);
        }
    }
    Ok(found)
}

/// Whether every prompt names only what is there.
///
/// # Errors
///
/// The first that does not, as of [`named`].
pub fn check(constitution: &Constitution, prompts: &[Prompt]) -> Result<(), Problem> {
    prompts.iter().try_for_each(|prompt| named(constitution, prompt).map(drop))
}

/// The principles of a chain's rounds: those that the prompt names, then drawn ones; empty where
/// there is none to draw.
///
/// # Errors
///
/// As of [`named`].
pub fn principles_of<'a>(
    constitution: &'a Constitution,
    prompt: &Prompt,
    seed: u64,
    rounds: u32,
) -> Result<Vec<&'a Principle>, Problem> {
    let mut principles = named(constitution, prompt)?;
    let rounds = rounds as usize;
    let more = u32::try_from(rounds.max(principles.len())).unwrap_or(u32::MAX);
    let mut drawn = draw::principles_for(constitution, &prompt.id, seed, more);
    // No round is spent on one that was named, until all have had theirs.
    for principle in &principles {
        if let Some(at) = drawn.iter().position(|drawn| drawn.id == principle.id) {
            let again = drawn.remove(at);
            drawn.push(again);
        }
    }
    principles.truncate(rounds);
    let missing = rounds - principles.len();
    principles.extend(drawn.into_iter().take(missing));
    Ok(principles)
}

/// The same problem as a call's failure.
pub(super) fn failure(problem: &Problem) -> CallFailure {
    cannot(format!("prompt {}: {}", problem.place, problem.what), &problem.hint)
}

/// By id, else by title where one only has it.
fn find<'a>(constitution: &'a Constitution, name: &str) -> Option<&'a Principle> {
    let all = &constitution.principles;
    if let Some(principle) = all.iter().find(|principle| principle.id.as_str() == name) {
        return Some(principle);
    }
    let wanted = name.to_lowercase();
    let mut same = all.iter().filter(|principle| principle.title.trim().to_lowercase() == wanted);
    same.next().filter(|_| same.next().is_none())
}

fn unknown(constitution: &Constitution, prompt: &Prompt, name: &str) -> Problem {
    /// Ids that a hint lists at most.
    const LISTED: usize = 20;
    let all = &constitution.principles;
    let ids: Vec<&str> = all.iter().take(LISTED).map(|principle| principle.id.as_str()).collect();
    let more = if all.len() > LISTED { ", …" } else { "" };
    Problem::error(
        prompt.id.to_string(),
        format!(
            "it names the principle “{name}”, and the constitution “{}” has none (or several) of \
             that id or title",
            constitution.name
        ),
        &format!("name one of {}{more}, or take the name out of the prompt", ids.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn constitution() -> Constitution {
        let principle = |id: &str, title: &str| Principle {
            id: id.into(),
            title: title.to_owned(),
            text: format!("The text of {id}."),
            ..Principle::default()
        };
        Constitution {
            principles: vec![
                principle("harm", "Do no harm"),
                principle("honesty", "Honest"),
                principle("law", "Twice"),
                principle("duty", "Twice"),
            ],
            ..Constitution::named("test")
        }
    }

    fn prompt(named: Value) -> Prompt {
        let mut prompt = Prompt::of_text("p1", "Why?");
        prompt.extra.insert(PRINCIPLES_COLUMN.to_owned(), named);
        prompt
    }

    fn ids(constitution: &Constitution, named: Value, rounds: u32) -> Vec<String> {
        let of = principles_of(constitution, &prompt(named), 7, rounds).unwrap();
        of.iter().map(|principle| principle.id.to_string()).collect()
    }

    #[test]
    fn what_is_named_comes_first_in_its_order() {
        let constitution = constitution();
        assert_eq!(ids(&constitution, json!(["honesty", "harm"]), 2), ["honesty", "harm"]);
        assert_eq!(ids(&constitution, json!(["honesty", "harm"]), 1), ["honesty"]);
        assert_eq!(ids(&constitution, json!(["do no HARM "]), 1), ["harm"], "by title");
        assert_eq!(ids(&constitution, json!("law"), 1), ["law"], "one alone");
        assert_eq!(ids(&constitution, json!(["law", "law"]), 2), ["law", "law"]);
        let all = ids(&constitution, json!(["duty"]), 4);
        let mut sorted = all.clone();
        sorted.sort();
        assert_eq!(
            (all[0].as_str(), sorted),
            ("duty", ["duty", "harm", "honesty", "law"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn without_names_the_draw_is_as_ever() {
        let constitution = constitution();
        let plain = Prompt::of_text("p1", "Why?");
        for rounds in [0, 1, 3, 9] {
            let drawn = draw::principles_for(&constitution, &plain.id, 7, rounds);
            assert_eq!(principles_of(&constitution, &plain, 7, rounds).unwrap(), drawn);
            assert_eq!(principles_of(&constitution, &prompt(json!([])), 7, rounds).unwrap(), drawn);
        }
    }

    #[test]
    fn what_is_switched_off_is_left_out_and_weight_0_is_not() {
        let mut constitution = constitution();
        constitution.principles[0].enabled = false;
        constitution.principles[1].weight = 0.0;
        let all = ids(&constitution, json!(["harm", "honesty"]), 2);
        assert_eq!(all[0], "honesty");
        assert!(all[1] != "harm" && all[1] != "honesty", "{all:?}");
    }

    #[test]
    fn what_is_not_there_is_named_with_place_and_remedy() {
        let constitution = constitution();
        for (value, said) in [
            (json!(["harm", "kindness"]), "“kindness”"),
            (json!(["Twice"]), "“Twice”"),
            (json!([3]), "[3]"),
            (json!({"P1": 1}), "P1"),
        ] {
            let problem = named(&constitution, &prompt(value)).unwrap_err();
            assert_eq!(problem.place, "p1");
            assert!(problem.what.contains(said), "{}", problem.what);
            assert!(!problem.hint.is_empty());
        }
        let problem = named(&constitution, &prompt(json!(["kindness"]))).unwrap_err();
        assert!(problem.hint.contains("harm, honesty, law, duty"), "{}", problem.hint);
    }
}
