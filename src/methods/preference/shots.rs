//! The judge's labelled examples, as templates show them.

use minijinja::{Value, context};

use crate::domain::{JudgeExample, JudgeSetup, LabelAnswer, Principle};
use crate::methods::compare::overall;
use crate::methods::generated;
use crate::methods::template::{TemplateError, Templates, fence, neutral};

/// The examples in their order, turned so that both letters are about as often the answer.
///
/// One with a reason stays as it is, since the reason may speak of A and B. Ties are left out
/// unless the judge may answer so. Both orders of a pair have the same examples before them: what
/// they do to the letters cancels out, and providers keep the beginning.
pub(super) fn shots(
    setup: &JudgeSetup,
    templates: &Templates,
) -> Result<Vec<Value>, TemplateError> {
    let mut surplus_of_a = 0_i32;
    let mut shown = Vec::new();
    for example in &setup.examples {
        let is_shown = match example.answer {
            LabelAnswer::A | LabelAnswer::B => true,
            LabelAnswer::Tie => setup.ties,
            _ => false,
        };
        if !is_shown {
            continue;
        }
        let is_a = example.answer == LabelAnswer::A;
        let is_turned = example.answer != LabelAnswer::Tie
            && example.reason.trim().is_empty()
            && if is_a { surplus_of_a > 0 } else { surplus_of_a < 0 };
        let answer = match (example.answer, is_turned) {
            (LabelAnswer::Tie, _) => "C",
            (LabelAnswer::A, false) | (LabelAnswer::B, true) => "A",
            _ => "B",
        };
        surplus_of_a += match answer {
            "A" => 1,
            "B" => -1,
            _ => 0,
        };
        shown.push(shot(example, is_turned, answer, templates)?);
    }
    Ok(shown)
}

fn shot(
    example: &JudgeExample,
    is_turned: bool,
    answer: &str,
    templates: &Templates,
) -> Result<Value, TemplateError> {
    let (a, b) = (neutral(example.a.trim()), neutral(example.b.trim()));
    let (message, reason) = (neutral(example.prompt.trim()), neutral(example.reason.trim()));
    let (first, second) = if is_turned { (&b, &a) } else { (&a, &b) };
    let principle = match example.principle.trim() {
        "" => overall().principles.swap_remove(0),
        text => Principle { text: text.to_owned(), ..Principle::default() },
    };
    let request = generated::comparison_question(&principle, templates)?;
    Ok(context! {
        message => &*message,
        response_a => &**first,
        response_b => &**second,
        request,
        reason => &*reason,
        answer,
        fence => fence(&[&message, &a, &b, &reason])
    })
}
