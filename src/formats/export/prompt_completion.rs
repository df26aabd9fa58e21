//! TRL's conversational prompt-completion rows, for `SFTTrainer` with loss on the answer only.

use super::record::{self, Cell, Column, Record};
use super::sft::TrlSft;
use super::{Format, Options, Taken};
use crate::domain::Row;

/// `{"prompt", "completion"}`: both lists of messages.
pub(super) struct TrlPromptCompletion;

impl Format for TrlPromptCompletion {
    fn id(&self) -> &'static str {
        "trl-prompt-completion"
    }

    fn title(&self) -> &'static str {
        "Supervised fine-tuning (TRL prompt and completion)"
    }

    fn doc(&self) -> &'static str {
        "Prompt and last revision apart, for TRL's SFTTrainer, which then learns the answer \
         only.\n\nTakes the same rows as trl-sft. `prompt` and `completion` are lists of messages; \
         `completion` is one assistant's message."
    }

    fn columns(&self) -> &'static [Column] {
        const {
            &[
                record::messages("prompt", "the conversation up to the user's last message"),
                record::messages("completion", "the answer, one assistant's message"),
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
         trainer = SFTTrainer(\n    model=\"YOUR/MODEL\",\n    args=SFTConfig(output_dir=\"out\"),\n    \
         train_dataset=data.select_columns([\"prompt\", \"completion\"]),\n)\ntrainer.train()"
    }

    fn records(&self, row: &Row, options: &Options) -> Taken {
        let mut taken = TrlSft.records(row, options);
        for record in &mut taken.records {
            if let Record::Cells(cells) = record
                && let Some(Cell::Messages(messages)) = cells.first_mut()
            {
                let completion = messages.pop().into_iter().collect();
                cells.insert(1, Cell::Messages(completion));
            }
        }
        taken
    }
}
