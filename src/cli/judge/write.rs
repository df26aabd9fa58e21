//! What is written of a judged pair.

use serde_json::{Map, Value, json};

use crate::domain::{JudgeSaid, LabelAnswer, LabelForm, PairVerdict, PrincipleVerdict, Row};

/// How probabilities become labels.
pub(super) struct Shape {
    pub(super) form: LabelForm,
    pub(super) band: f64,
}

/// The outermost clamped label (Bai et al. 2022, section 4.1: 40 to 60 per cent).
const CLAMP: f64 = 0.6;

impl Shape {
    /// P(A is better) as a label, 0..=1; `None` for a tie, which is no signal.
    fn label(&self, verdict: &PairVerdict) -> Option<f64> {
        let p = verdict.p_a?;
        if verdict.side(self.band)? == LabelAnswer::Tie {
            return None;
        }
        Some(match self.form {
            LabelForm::Soft => p,
            LabelForm::Clamped => p.clamp(1.0 - CLAMP, CLAMP),
            LabelForm::Hard => f64::from(u8::from(p > 0.5)),
        })
    }
}

/// A side in one word.
pub(super) fn side(answer: LabelAnswer) -> &'static str {
    match answer {
        LabelAnswer::A => "A",
        LabelAnswer::B => "B",
        _ => "tie",
    }
}

pub(super) fn fields(row: &Row, shape: &Shape) -> Map<String, Value> {
    let verdict = row.pair.as_ref().map(|pair| &pair.verdict);
    // A verdict of some principles only must not stand for all.
    let whole = verdict.filter(|_| row.failure.is_none());
    let principles = verdict.map_or(&[][..], |verdict| &verdict.principles);
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| {
        fields.insert(name.to_owned(), value);
    };
    put("p_a", json!(whole.and_then(|verdict| verdict.p_a)));
    put("p_ab", json!(whole.and_then(|verdict| verdict.p_ab)));
    put("p_ba", json!(whole.and_then(|verdict| verdict.p_ba)));
    put("order_gap", json!(whole.and_then(PairVerdict::order_gap)));
    put("flip", json!(whole.and_then(PairVerdict::flipped)));
    put("side", json!(whole.and_then(|verdict| verdict.side(shape.band)).map(side)));
    put("label", json!(whole.and_then(|verdict| shape.label(verdict))));
    put("mass", json!(principles.iter().filter_map(|one| one.mass).min_by(f64::total_cmp)));
    put("estimated", json!(principles.iter().any(|one| one.estimated)));
    put("protocol", json!(verdict.map(|verdict| verdict.protocol)));
    put("principles", principles.iter().map(principle).collect());
    let judges = verdict.map_or(&[][..], |verdict| &verdict.judges);
    if !judges.is_empty() {
        put("judges", judges.iter().map(judge).collect());
    }
    fields
}

fn judge(said: &JudgeSaid) -> Value {
    let verdict = &said.verdict;
    let whole = Some(verdict).filter(|_| said.failure.is_none());
    let mut value = json!({
        "model": said.model,
        "p_a": whole.and_then(|verdict| verdict.p_a),
        "p_ab": whole.and_then(|verdict| verdict.p_ab),
        "p_ba": whole.and_then(|verdict| verdict.p_ba),
        "protocol": verdict.protocol,
        "principles": verdict.principles.iter().map(principle).collect::<Vec<_>>(),
    });
    if let (Value::Object(fields), Some(failure)) = (&mut value, &said.failure) {
        let error = json!({
            "kind": failure.failure.kind,
            "at": failure.at,
            "message": crate::cli::out::redacted(&failure.failure.message),
            "hint": failure.failure.hint,
        });
        fields.insert("error".to_owned(), error);
    }
    value
}

fn principle(verdict: &PrincipleVerdict) -> Value {
    let mut value = json!({
        "principle": verdict.principle,
        "p_a": verdict.p_a(),
        "p_ab": verdict.p_ab,
        "p_ba": verdict.p_ba,
        "mass": verdict.mass,
        "estimated": verdict.estimated,
        "unparsed": verdict.unparsed,
        "reason": verdict.reason,
        "spans": verdict.spans,
        "quotes_not_in_the_texts": verdict.invented().count(),
    });
    if let Value::Object(fields) = &mut value {
        if let Some(tie) = verdict.tie {
            fields.insert("tie".to_owned(), json!(tie));
        }
        if let Some(first) = &verdict.first {
            fields.insert("first".to_owned(), json!(first));
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_its_form_and_a_tie_has_none() {
        let label = |p_a, form| {
            let verdict = PairVerdict { p_a, ..PairVerdict::default() };
            Shape { form, band: 0.05 }.label(&verdict)
        };
        for (p, form, expected) in [
            (Some(0.875), LabelForm::Soft, Some(0.875)),
            (Some(0.875), LabelForm::Clamped, Some(0.6)),
            (Some(0.125), LabelForm::Clamped, Some(0.4)),
            (Some(0.58), LabelForm::Clamped, Some(0.58)),
            (Some(0.58), LabelForm::Hard, Some(1.0)),
            (Some(0.2), LabelForm::Hard, Some(0.0)),
            (Some(0.53), LabelForm::Hard, None),
            (None, LabelForm::Soft, None),
        ] {
            assert_eq!(label(p, form), expected, "{p:?} {form}");
        }
    }
}
