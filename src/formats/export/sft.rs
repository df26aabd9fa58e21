//! TRL's conversational language-modelling rows, for `SFTTrainer`.

use super::record::{self, Cell, Column, Record};
use super::{Format, Options, Taken, response};
use crate::domain::{Half, Message, Row};

/// `{"messages"}`: the prompt and the last answer.
pub(super) struct TrlSft;

impl Format for TrlSft {
    fn id(&self) -> &'static str {
        "trl-sft"
    }

    fn title(&self) -> &'static str {
        "Supervised fine-tuning (TRL messages)"
    }

    fn doc(&self) -> &'static str {
        "Conversations that end in the last revision, for TRL's SFTTrainer.\n\nTakes rows of \
         critique, critique+preference and chain+score (the last revision, or the draft where \
         nothing was found) and of score (the response). `messages` is the whole conversation; Axolotl and LLaMA-Factory \
         read it as well."
    }

    fn columns(&self) -> &'static [Column] {
        const {
            &[
                record::messages("messages", "the conversation; the last message is the answer"),
                record::text("prompt_id", "the prompt's id in its set"),
                record::text("answer", "which answer it is: draft, revision 1, …, response"),
                record::text("principles", "ids of the principles drawn, in order"),
                record::text("constitution_hash", "content hash of the constitution; may be empty"),
            ]
        }
    }

    fn how_to_load(&self) -> &'static str {
        "from datasets import load_dataset\nfrom trl import SFTConfig, SFTTrainer\n\n\
         data = load_dataset(\"DIR\", split=\"train\")\n\
         trainer = SFTTrainer(\n    model=\"YOUR/MODEL\",\n    \
         args=SFTConfig(output_dir=\"out\", assistant_only_loss=False),\n    \
         train_dataset=data.select_columns([\"messages\"]),\n)\ntrainer.train()"
    }

    fn records(&self, row: &Row, options: &Options) -> Taken {
        let (prompt, answer) = match (response::prompt_of(row, Half::Chain), response::answer(row))
        {
            (Ok(prompt), Ok(answer)) => (prompt, answer),
            (Err(why), _) | (_, Err(why)) => return Taken::nothing(why),
        };
        let mut taken = Taken::default();
        if answer.cut_off {
            if !options.keep_cut_off {
                return Taken::nothing(response::CUT_OFF);
            }
            taken.flagged.push(response::CUT_OFF);
        }
        let mut messages = prompt.to_vec();
        messages.push(Message::assistant(answer.text));
        taken.records.push(Record::Cells(vec![
            Cell::Messages(messages),
            row.prompt.id.as_str().into(),
            answer.name.into(),
            response::principles(row, Half::Chain).into(),
            response::constitution(row).into(),
        ]));
        taken
    }
}
