//! TRL's prompt-only rows, for GRPO, RLOO and online DPO.

use super::record::{self, Cell, Column, Record};
use super::{Format, Options, Taken, response};
use crate::domain::Row;

/// `{"prompt"}` as messages, with reference and tags.
pub(super) struct Prompts;

impl Format for Prompts {
    fn id(&self) -> &'static str {
        "trl-prompts"
    }

    fn title(&self) -> &'static str {
        "Prompts only (TRL)"
    }

    fn doc(&self) -> &'static str {
        "The run's prompts as conversations, for trainers that draw the answers themselves.\n\n\
         Takes every row whose prompt ends in a user's message, failed rows as well; GRPO hands \
         the further columns to the reward function."
    }

    fn columns(&self) -> &'static [Column] {
        const {
            &[
                record::messages("prompt", "the conversation up to the user's last message"),
                record::text("prompt_id", "the prompt's id in its set"),
                record::text("reference", "a known good answer; empty where there is none"),
                record::text("tags", "topics, separated by commas"),
            ]
        }
    }

    fn how_to_load(&self) -> &'static str {
        "from datasets import load_dataset\nfrom trl import GRPOConfig, GRPOTrainer\n\n\
         data = load_dataset(\"DIR\", split=\"train\")\n\
         trainer = GRPOTrainer(\n    model=\"YOUR/MODEL\",\n    args=GRPOConfig(output_dir=\"out\"),\n    \
         train_dataset=data,\n    reward_funcs=your_reward,\n)\ntrainer.train()"
    }

    fn records(&self, row: &Row, _options: &Options) -> Taken {
        match response::trainable(&row.prompt) {
            Err(why) => Taken::nothing(why),
            Ok(prompt) => Taken {
                records: vec![Record::Cells(vec![
                    Cell::Messages(prompt.to_vec()),
                    row.prompt.id.as_str().into(),
                    row.prompt.reference.as_deref().unwrap_or_default().into(),
                    row.prompt.tags.join(", ").into(),
                ])],
                ..Taken::default()
            },
        }
    }
}
