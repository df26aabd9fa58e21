//! TRL's explicit preference pairs, for `DPOTrainer` and `RewardTrainer`.

use super::record::{self, Cell, Column, Record};
use super::{Format, Options, Taken, recalibrated, response};
use crate::domain::{Chain, Half, JudgedPair, LabelForm, Message, Part, Row};

/// `{"prompt", "chosen", "rejected"}` as messages, with what the judge made of the pair.
pub(super) struct TrlPreference;

/// The outermost clamped label (Bai et al. 2022, section 4.1: 40 to 60 per cent).
const CLAMP: f64 = 0.6;

impl Format for TrlPreference {
    fn id(&self) -> &'static str {
        "trl-preference"
    }

    fn title(&self) -> &'static str {
        "Preference pairs (TRL prompt, chosen, rejected)"
    }

    fn doc(&self) -> &'static str {
        "Pairs for TRL's DPOTrainer and RewardTrainer, with the judge's probabilities.\n\nTakes \
         judged pairs of preference and critique+preference rows, and from chains the last revision over the draft: those \
         are derived (`source` says so, `p` is empty), because nobody compared the two. Pairs with \
         |p − ½| below the drop band are left out, and so are derived pairs whose revision the \
         rubric scores below the draft."
    }

    fn columns(&self) -> &'static [Column] {
        const {
            &[
                record::messages("prompt", "the conversation up to the user's last message"),
                record::messages("chosen", "the better answer, one assistant's message"),
                record::messages("rejected", "the worse answer, one assistant's message"),
                record::number(
                    "p",
                    "P(chosen is better), 0.5..=1, in the label's form, recalibrated where the card \
                     says so; null: derived or edited",
                ),
                record::number(
                    "p_ab",
                    "P(chosen is better) with chosen shown first; null: not asked",
                ),
                record::number(
                    "p_ba",
                    "P(chosen is better) with rejected shown first; null: not asked",
                ),
                record::number("order_gap", "p_ab − p_ba: what being shown first gains"),
                record::text("label", "form of p: soft, clamped or hard; empty: derived or edited"),
                record::text(
                    "source",
                    "judged, or derived: revision over draft; says so where a person edited it",
                ),
                record::text("protocol", "how the judge was asked; empty: derived"),
                record::text("principles", "ids of the principles drawn, in order"),
                record::text("prompt_id", "the prompt's id in its set"),
                record::text("constitution_hash", "content hash of the constitution; may be empty"),
                record::text("chosen_model", "who wrote chosen; empty: the writer of the run"),
                record::text("rejected_model", "who wrote rejected; empty: the writer of the run"),
            ]
        }
    }

    fn how_to_load(&self) -> &'static str {
        "from datasets import load_dataset\nfrom trl import DPOConfig, DPOTrainer\n\n\
         data = load_dataset(\"DIR\", split=\"train\")\n\
         trainer = DPOTrainer(\n    model=\"YOUR/MODEL\",\n    args=DPOConfig(output_dir=\"out\"),\n    \
         train_dataset=data.select_columns([\"prompt\", \"chosen\", \"rejected\"]),\n    \
         processing_class=tokenizer,\n)\ntrainer.train()"
    }

    fn records(&self, row: &Row, options: &Options) -> Taken {
        // A pair that failed beside a whole chain is not made up for by the chain.
        let is_judged = row.pair.is_some() || row.whole.is_some();
        let half = if is_judged { Half::Pair } else { Half::Chain };
        let prompt = match response::prompt_of(row, half) {
            Ok(prompt) => prompt,
            Err(why) => return Taken::nothing(why),
        };
        let mut taken = Taken::default();
        let pair = match (&row.pair, &row.chain) {
            (Some(pair), _) => judged(pair, options, &mut taken),
            (None, Some(chain)) => derived(chain, row, options, &mut taken),
            (None, None) => Err("it has neither a pair nor a chain"),
        };
        let pair = match pair {
            Ok(pair) => pair,
            Err(why) => return Taken::nothing(why),
        };
        if pair.chosen.is_empty() || pair.rejected.is_empty() {
            return Taken::nothing("an answer of the pair is empty");
        }
        if pair.chosen == pair.rejected {
            return Taken::nothing(SAME);
        }
        let parts = if is_judged { [Part::A, Part::B] } else { [Part::Answer, Part::Draft] };
        let by_person = parts.iter().any(|part| row.by_hand.edited.contains(part));
        // Who judged the pair saw other words.
        let judged_so = |p: Option<f64>| p.filter(|_| !by_person);
        let mut source = pair.source.to_owned();
        if by_person {
            source.push_str(", then edited by a person");
        }
        taken.records.push(Record::Cells(vec![
            Cell::Messages(prompt.to_vec()),
            Cell::Messages(vec![Message::assistant(pair.chosen)]),
            Cell::Messages(vec![Message::assistant(pair.rejected)]),
            Cell::Number(judged_so(pair.p)),
            Cell::Number(judged_so(pair.p_ab)),
            Cell::Number(judged_so(pair.p_ba)),
            Cell::Number(judged_so(pair.order_gap)),
            if by_person { "" } else { pair.label }.into(),
            source.into(),
            pair.protocol.into(),
            response::principles(row, half).into(),
            row.prompt.id.as_str().into(),
            response::constitution(row).into(),
            pair.models.0.into(),
            pair.models.1.into(),
        ]));
        taken
    }
}

/// Why a pair of equal answers stays out.
const SAME: &str = "both answers of the pair are the same";

struct Pair<'r> {
    chosen: &'r str,
    rejected: &'r str,
    p: Option<f64>,
    p_ab: Option<f64>,
    p_ba: Option<f64>,
    order_gap: Option<f64>,
    label: &'static str,
    source: &'static str,
    protocol: String,
    /// Who wrote both, where they are models of their own.
    models: (&'r str, &'r str),
}

fn judged<'r>(
    pair: &'r JudgedPair,
    options: &Options,
    taken: &mut Taken,
) -> Result<Pair<'r>, &'static str> {
    let verdict = &pair.verdict;
    if pair.a.trim() == pair.b.trim() {
        return Err(SAME);
    }
    if pair.a_cut_off || pair.b_cut_off {
        if !options.keep_cut_off {
            return Err(response::CUT_OFF);
        }
        taken.flagged.push(response::CUT_OFF);
    }
    let p_a =
        verdict.p_a.filter(|p| p.is_finite()).ok_or("the judge's verdict could not be read")?;
    let p_a = recalibrated::preference(p_a, options.recalibration.as_ref());
    // A tie has no winner, whatever the band.
    #[expect(clippy::float_cmp, reason = "only an exact tie has no winner")]
    if p_a == 0.5 || (p_a - 0.5).abs() < options.drop_band {
        return Err("the judge is undecided (|p − ½| is inside the drop band)");
    }
    let (p, flip) = if p_a > 0.5 { (p_a, false) } else { (1.0 - p_a, true) };
    // Seen from the chosen answer: where that is B, showing B first is the order BA.
    let (p_ab, p_ba) = if flip {
        (verdict.p_ba.map(|p| 1.0 - p), verdict.p_ab.map(|p| 1.0 - p))
    } else {
        (verdict.p_ab, verdict.p_ba)
    };
    let (p, label) = match options.labels {
        LabelForm::Soft => (p, "soft"),
        LabelForm::Clamped => (p.min(CLAMP), "clamped"),
        LabelForm::Hard => (1.0, "hard"),
    };
    let (a, b) = (pair.a.trim(), pair.b.trim());
    let (a_model, b_model) = (pair.a_model.as_str(), pair.b_model.as_str());
    Ok(Pair {
        chosen: if flip { b } else { a },
        rejected: if flip { a } else { b },
        p: Some(p),
        p_ab,
        p_ba,
        order_gap: verdict.order_gap(),
        label,
        source: "judged",
        protocol: verdict.protocol.to_string(),
        models: if flip { (b_model, a_model) } else { (a_model, b_model) },
    })
}

fn derived<'r>(
    chain: &'r Chain,
    row: &Row,
    options: &Options,
    taken: &mut Taken,
) -> Result<Pair<'r>, &'static str> {
    if !options.derive_pairs {
        return Err("it is a chain, and pairs are not to be derived from chains");
    }
    let last = response::last(chain);
    if last.name == "draft" {
        return Err("the critic found nothing, so there is no revision to prefer");
    }
    if last.cut_off || chain.draft_cut_off {
        if !options.keep_cut_off {
            return Err(response::CUT_OFF);
        }
        taken.flagged.push(response::CUT_OFF);
    }
    let reward = |name: &str| {
        row.scores.iter().find(|scored| scored.name == name).and_then(|scored| scored.score.reward)
    };
    // A person's text was never scored.
    if row.by_hand.edited.is_empty()
        && let (Some(draft), Some(revision)) = (reward("draft"), reward(&last.name))
        && revision < draft
    {
        return Err("the rubric scores the revision below the draft");
    }
    Ok(Pair {
        chosen: last.text,
        rejected: chain.draft.trim(),
        p: None,
        p_ab: None,
        p_ba: None,
        order_gap: None,
        label: "",
        source: "derived: revision over draft",
        protocol: String::new(),
        models: ("", ""),
    })
}
