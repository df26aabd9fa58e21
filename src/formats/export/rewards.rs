//! Prompts with responses and their rewards, one record a response.

use super::record::{self, Cell, Column, Kind, Record, Verdict};
use super::{Format, Options, Taken, recalibrated, response};
use crate::domain::{Half, Part, Reading, Row};

/// `{"prompt", "response", "reward", "criteria", …}`.
pub(super) struct Rewards;

impl Format for Rewards {
    fn id(&self) -> &'static str {
        "rewards"
    }

    fn title(&self) -> &'static str {
        "Responses with rewards"
    }

    fn doc(&self) -> &'static str {
        "Every judged response with its reward and each criterion's verdict.\n\nTakes rows of score \
         and chain+score: one record for the draft and each revision. A response whose reward \
         could not be worked out, because a verdict could not be read, is left out and counted; it \
         never stands as 0. So is one whose text a person rewrote after it was scored."
    }

    fn columns(&self) -> &'static [Column] {
        const {
            &[
                record::messages("prompt", "the conversation up to the user's last message"),
                record::text("response", "the answer that was judged"),
                record::text("name", "which answer it is: draft, revision 1, …, response"),
                record::number(
                    "reward",
                    "the rubric's reward; 0..=1, under Points it may be below 0",
                ),
                Column {
                    name: "criteria",
                    kind: Kind::Verdicts,
                    doc: "each criterion: unit score 0..=1 (null: unread), how read, the reason",
                },
                record::text("gates_failed", "ids of gates that made the reward 0; empty: none"),
                record::text("prompt_id", "the prompt's id in its set"),
                record::text("rubric_hash", "content hash of the rubric"),
            ]
        }
    }

    fn how_to_load(&self) -> &'static str {
        "from datasets import load_dataset\n\ndata = load_dataset(\"DIR\", split=\"train\")\n\
         print(data[0][\"reward\"], data[0][\"criteria\"])"
    }

    fn records(&self, row: &Row, options: &Options) -> Taken {
        let prompt = match response::prompt_of(row, Half::Chain) {
            Ok(prompt) => prompt,
            Err(why) => return Taken::nothing(why),
        };
        if row.scores.is_empty() {
            return Taken::nothing("it has no scores");
        }
        let mut taken = Taken::default();
        for scored in &row.scores {
            if is_rewritten(row, &scored.name) {
                taken.left_out.push("a person rewrote the answer after it was scored");
                continue;
            }
            let text = scored.text.trim();
            if text.is_empty() {
                taken.left_out.push("the answer is empty");
                continue;
            }
            if scored.cut_off {
                if !options.keep_cut_off {
                    taken.left_out.push(response::CUT_OFF);
                    continue;
                }
                taken.flagged.push(response::CUT_OFF);
            }
            let Some(reward) = recalibrated::reward(scored, options.recalibration.as_ref()) else {
                taken.left_out.push("a verdict could not be read, so there is no reward");
                continue;
            };
            let gates: Vec<&str> =
                scored.score.gates_failed.iter().map(crate::domain::CriterionId::as_str).collect();
            let verdicts = scored.score.criteria.iter().map(|verdict| Verdict {
                criterion: verdict.criterion.0.clone(),
                unit: verdict.unit.filter(|unit| unit.is_finite()),
                reading: match verdict.reading {
                    Reading::Expected { .. } => "expected",
                    Reading::Parsed { .. } => "parsed",
                    Reading::Sampled { .. } => "sampled",
                    Reading::Unparsed { .. } => "unparsed",
                },
                reason: verdict.reason.clone(),
            });
            taken.records.push(Record::Cells(vec![
                Cell::Messages(prompt.to_vec()),
                text.into(),
                scored.name.as_str().into(),
                Cell::Number(Some(reward)),
                Cell::Verdicts(verdicts.collect()),
                gates.join(", ").into(),
                row.prompt.id.as_str().into(),
                row.provenance.rubric.as_deref().unwrap_or_default().into(),
            ]));
        }
        taken
    }
}

/// Whether a person rewrote the answer of that name: its reward is another text's.
fn is_rewritten(row: &Row, name: &str) -> bool {
    row.parts().into_iter().any(|(part, own, _)| {
        let is_it = own == name && matches!(part, Part::Answer | Part::Draft);
        is_it && row.by_hand.edited.contains(&part)
    })
}
