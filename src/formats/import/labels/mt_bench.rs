//! MT-bench's human votes (lm-sys/FastChat, `mt_bench_human_judgments`): two conversations of two
//! turns, a vote on each turn. The arena's votes have the same columns.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::answer::{self, Numbers};
use super::gather::{Gather, Said};
use super::hh::joined;
use super::{
    Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source, first_record,
};
use crate::domain::{LabelAnswer, LabelItem, LabelTask, Message, Prompt, PromptId, Speaker};
use crate::formats::lenient;

/// `question_id`, `model_a`, `model_b`, `winner`, `judge`, `conversation_a`, `conversation_b`, `turn`.
pub(super) struct MtBench;

/// What a line must have.
const NEEDED: [&str; 3] = ["winner", "conversation_a", "conversation_b"];

const HINT: &str = "use the human votes (winner, conversation_a, conversation_b, turn, judge) as \
                    JSON lines; of a Parquet file, write them with \
                    pandas.read_parquet(FILE).to_json(\"votes.jsonl\", orient=\"records\", lines=True)";

/// What names of judges begin with that are models.
const MODELS: [&str; 9] =
    ["gpt", "claude", "gemini", "llama", "mistral", "mixtral", "qwen", "prometheus", "vicuna"];

impl Format<ImportedLabels> for MtBench {
    fn id(&self) -> &'static str {
        "mt-bench"
    }
    fn title(&self) -> &'static str {
        "MT-bench's human votes"
    }
    fn doc(&self) -> &'static str {
        "Pairs of conversations, each vote on one of their turns.\n\nEach turn is an item of its own, \
         all of one question one draw. What both conversations have in common up to the vote is the \
         prompt; where the models parted before, the rest is the answer, turn by turn. Votes of \
         several judges on one pair, in whichever order, are labels of one item. A judge whose name \
         begins like a model's (gpt4_pair) is kept apart from people. The arena's votes have the \
         same columns."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(fields) = first_record(source) else { return Confidence::No };
        match NEEDED.iter().all(|name| fields.contains_key(*name)) {
            true => Confidence::Sure,
            false if other_file(&fields).is_some() => Confidence::Likely,
            false => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        if source.bytes.starts_with(b"PAR1") {
            let what = "it is a Parquet table, and votes are read from JSON lines";
            return Err(Problem::error("file", what, HINT));
        }
        let mut gather = Gather::new();
        let mut order = Order::default();
        let mut parted = 0_usize;
        for (number, value) in lenient::records(source.text()?)? {
            let place = format!("record {number}");
            let Value::Object(fields) = value else {
                gather.drop(&place, format!("it is {}, not an object", lenient::kind(&value)));
                continue;
            };
            if let Some(name) = NEEDED.iter().find(|name| !fields.contains_key(**name)) {
                let what = match other_file(&fields) {
                    Some(is) => format!("it holds {is}, no people's votes"),
                    None => format!("it has no “{name}”"),
                };
                return Err(lenient::at_line(number, what, HINT));
            }
            let vote = Vote::of(&fields, number)?;
            let turns = match Turns::of(&fields, vote.turn) {
                Ok(turns) => turns,
                Err(why) => {
                    gather.drop(&place, why);
                    continue;
                }
            };
            parted += usize::from(turns.is_parted);
            if vote.is_model {
                gather.model(&vote.judge);
            }
            let swap = order.is_swapped(&vote);
            let said = vote.answer.map(|answer| {
                let answer = if swap { turned(answer) } else { answer };
                Said::of(&vote.judge, answer)
            });
            let item = turns.item(vote, swap);
            gather.item(&place, item, said.into_iter().collect());
        }
        if parted > 0 {
            gather.note(format!(
                "{parted} votes are on a turn before which the models had answered differently: \
                 each answer has all turns from there on."
            ));
        }
        gather.finish(self.id(), source, LabelTask::Pairwise, HINT)
    }
}

/// Which of the project's other files a record is of.
fn other_file(fields: &Map<String, Value>) -> Option<&'static str> {
    let has = |name: &str| fields.contains_key(name);
    match has("question_id") {
        true if has("g1_winner") || has("g1_judgment") => Some("a model's judgements of MT-bench"),
        true if has("turns") => Some("MT-bench's questions"),
        true if has("choices") => Some("a model's answers to MT-bench"),
        _ => None,
    }
}

/// One line, but for its conversations.
struct Vote {
    question: String,
    models: [String; 2],
    turn: Option<usize>,
    answer: Option<LabelAnswer>,
    judge: String,
    is_model: bool,
}

impl Vote {
    fn of(fields: &Map<String, Value>, number: usize) -> Result<Self, Problem> {
        let text = |name: &str| {
            let value = fields.get(name).and_then(lenient::scalar).unwrap_or_default();
            value.trim().to_owned()
        };
        let models = [text("model_a"), text("model_b")];
        let winner = fields.get("winner").unwrap_or(&Value::Null);
        let answer = match answer::is_empty(winner) {
            true => None,
            false => Some(said(winner, &models).ok_or_else(|| {
                let what = format!("“winner” is {winner}");
                let hint = "write model_a, model_b, tie, or tie (bothbad)";
                lenient::at_line(number, what, hint)
            })?),
        };
        let turn = match fields.get("turn") {
            None | Some(Value::Null) => None,
            Some(turn) => {
                let whole = answer::number(turn).filter(|n| *n >= 1.0 && n.fract() == 0.0);
                Some(whole.ok_or_else(|| {
                    let what = format!("“turn” is {turn}");
                    lenient::at_line(number, what, "it counts from 1; leave it out for the last")
                })? as usize)
            }
        };
        // A model's judgement names the model and its prompt.
        let judge = match fields.get("judge") {
            Some(Value::Array(parts)) => parts.first().and_then(lenient::scalar),
            Some(judge) => lenient::scalar(judge),
            None => None,
        };
        let judge = judge.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let judge = judge.unwrap_or_else(|| NOBODY_NAMED.to_owned());
        let name = judge.to_lowercase();
        let is_model = MODELS.iter().any(|model| name.starts_with(model))
            || models.iter().any(|model| model.to_lowercase() == name);
        Ok(Self { question: text("question_id"), models, turn, answer, judge, is_model })
    }
}

fn said(winner: &Value, models: &[String; 2]) -> Option<LabelAnswer> {
    let word = lenient::scalar(winner).unwrap_or_default().trim().to_lowercase();
    // GPT-4 preferred the other one with the places exchanged.
    if word == "tie (inconsistent)" {
        return Some(LabelAnswer::Tie);
    }
    let [a, b] = models;
    answer::of_pair(winner, (&[a.as_str()], &[b.as_str()]), Numbers::Unclear)
}

fn turned(answer: LabelAnswer) -> LabelAnswer {
    match answer {
        LabelAnswer::A => LabelAnswer::B,
        LabelAnswer::B => LabelAnswer::A,
        other => other,
    }
}

/// Which model stands first in each pair: as where the pair came first.
#[derive(Default)]
struct Order(BTreeMap<(String, String, String), String>);

impl Order {
    fn is_swapped(&mut self, vote: &Vote) -> bool {
        let [a, b] = &vote.models;
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let key = (vote.question.clone(), low.clone(), high.clone());
        self.0.entry(key).or_insert_with(|| a.clone()) != a
    }
}

/// What both conversations share up to the vote, and what each has after.
struct Turns {
    prompt: Vec<Message>,
    answers: [String; 2],
    /// Whether the models had parted before the turn that is voted on.
    is_parted: bool,
}

impl Turns {
    fn of(fields: &Map<String, Value>, turn: Option<usize>) -> Result<Self, String> {
        let conversation = |name: &str| {
            let messages = lenient::messages(fields.get(name).unwrap_or(&Value::Null))
                .map_err(|why| format!("“{name}”: {why}"))?;
            up_to(messages, turn).map_err(|why| format!("“{name}” {why}"))
        };
        let (a, b) = (conversation("conversation_a")?, conversation("conversation_b")?);
        let asked = |messages: &[Message]| -> Vec<String> {
            let others = messages.iter().filter(|message| message.role != Speaker::Assistant);
            others.map(|message| message.content.clone()).collect()
        };
        if asked(&a) != asked(&b) {
            return Err("the conversations do not ask the same".to_owned());
        }
        // The last answer is never part of the prompt, even where both gave the same.
        let most = a.len().min(b.len()).saturating_sub(1);
        let common = a.iter().zip(&b).take(most).take_while(|(one, other)| one == other).count();
        let (prompt, rest) = a.split_at(common);
        let other = &b[common..];
        if prompt.last().is_none_or(|last| last.role == Speaker::Assistant) {
            return Err("the conversations do not begin with a question".to_owned());
        }
        Ok(Self {
            prompt: prompt.to_vec(),
            is_parted: rest.len() > 1 || other.len() > 1,
            answers: [joined(rest), joined(other)],
        })
    }

    fn item(self, vote: Vote, swap: bool) -> LabelItem {
        let [a, b] = if swap { turned_over(self.answers) } else { self.answers };
        let [a_model, b_model] = if swap { turned_over(vote.models) } else { vote.models };
        let mut prompt = Prompt { messages: self.prompt, ..Prompt::of_text("", "") };
        // All turns and pairs of a question are one draw.
        if !vote.question.is_empty() {
            prompt.id = PromptId(format!("q-{}", vote.question));
            prompt.extra.insert("question_id".to_owned(), vote.question.into());
        }
        prompt.tags.extend(vote.turn.map(|turn| format!("turn {turn}")));
        LabelItem { a_model, b_model, ..Gather::bare(prompt, &a, Some(&b)) }
    }
}

fn turned_over([a, b]: [String; 2]) -> [String; 2] {
    [b, a]
}

/// A conversation up to and with its answer in a turn (from 1); the whole where none is named.
fn up_to(mut messages: Vec<Message>, turn: Option<usize>) -> Result<Vec<Message>, String> {
    if let Some(turn) = turn {
        let answers = |(_, message): &(usize, &Message)| message.role == Speaker::Assistant;
        let place = messages.iter().enumerate().filter(answers).nth(turn - 1);
        let place = place
            .map(|(place, _)| place)
            .ok_or_else(|| format!("has no answer in turn {turn}, on which the vote is"))?;
        messages.truncate(place + 1);
    }
    match messages.last() {
        Some(last) if last.role == Speaker::Assistant => Ok(messages),
        _ => Err("does not end with an answer".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::labels as import;
    use super::*;

    /// Two turns, each answer with the name of who gave it.
    fn talk(model: &str, first: &str) -> Value {
        json!([
            {"role": "user", "content": "Name a bird."},
            {"role": "assistant", "content": first},
            {"role": "user", "content": "And a fish?"},
            {"role": "assistant", "content": format!("A trout, says {model}.")},
        ])
    }

    fn vote(models: [&str; 2], winner: &str, judge: &str, turn: u32) -> Value {
        json!({
            "question_id": 81, "model_a": models[0], "model_b": models[1], "winner": winner,
            "judge": judge, "turn": turn,
            "conversation_a": talk(models[0], &format!("A wren, says {}.", models[0])),
            "conversation_b": talk(models[1], &format!("A wren, says {}.", models[1])),
        })
    }

    fn read(lines: &[Value]) -> Imported<ImportedLabels> {
        let text: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
        import(text.concat().as_bytes(), "votes.jsonl", None)
            .unwrap_or_else(|why| panic!("{why:?}"))
    }

    fn said(imported: &Imported<ImportedLabels>) -> Vec<(&str, LabelAnswer)> {
        let labels = imported.value.labels.iter();
        labels.map(|label| (label.labeller.as_str(), label.answer.unwrap())).collect()
    }

    #[test]
    fn each_turn_is_an_item_with_all_its_judges() {
        use LabelAnswer::{A, B, Tie};
        let (both, swapped) = (["alpaca", "vicuna-13b"], ["vicuna-13b", "alpaca"]);
        let imported = read(&[
            vote(both, "model_a", "expert_1", 1),
            vote(both, "model_b", "expert_2", 1),
            // The same pair the other way round.
            vote(swapped, "model_a", "author_0", 1),
            vote(both, "tie", "expert_1", 2),
            vote(both, "model_b", "gpt4_pair", 2),
        ]);
        assert_eq!((imported.format, imported.value.task), ("mt-bench", LabelTask::Pairwise));
        let expected = [
            ("expert_1", A),
            ("expert_2", B),
            ("author_0", B),
            ("expert_1", Tie),
            ("gpt4_pair", B),
        ];
        assert_eq!(said(&imported), expected);
        assert_eq!(imported.value.models, ["gpt4_pair"], "a model is no person");
        let [first, second] = imported.value.items.as_slice() else { panic!("two turns") };
        assert_eq!(first.prompt.messages.len(), 1);
        assert_eq!(
            (first.a.as_str(), first.prompt.tags.as_slice()),
            ("A wren, says alpaca.", ["turn 1".to_owned()].as_slice())
        );
        assert_eq!(
            second.b.as_deref(),
            Some(
                "A wren, says vicuna-13b.\n\nHuman: And a fish?\n\nAssistant: A trout, says vicuna-13b."
            )
        );
        assert_eq!(first.prompt.id, second.prompt.id, "a question is one draw");
        assert_eq!((first.a_model.as_str(), first.b_model.as_str()), ("alpaca", "vicuna-13b"));
        assert!(imported.notes.iter().any(|note| note.starts_with("2 votes are on a turn")));
        let set = crate::domain::label::item_problems(imported.value.task, &imported.value.items);
        assert!(set.is_empty(), "{set:?}");
    }

    #[test]
    fn what_both_said_before_is_the_conversation_so_far() {
        let mut line = vote(["x", "y"], "tie (bothbad)", "Ana", 2);
        (line["conversation_a"], line["conversation_b"]) =
            (talk("x", "A wren."), talk("y", "A wren."));
        let mut last = line.clone();
        last.as_object_mut().unwrap().remove("turn");
        let imported = read(&[line, last]);
        let item = &imported.value.items[0];
        assert_eq!(item.prompt.messages.len(), 3);
        assert_eq!((item.a.as_str(), item.prompt.text()), ("A trout, says x.", "And a fish?"));
        assert_eq!(said(&imported)[0], ("Ana", LabelAnswer::BothBad));
        assert_eq!(imported.value.items.len(), 1, "without a turn it is the last one");
        assert!(imported.value.labels[1].again);
    }

    #[test]
    fn what_can_t_be_taken_is_named() {
        let mut short = vote(["x", "y"], "model_a", "Ana", 3);
        let mut other = vote(["x", "y"], "model_a", "Ana", 1);
        other["conversation_b"][0]["content"] = json!("Name a fish.");
        let equal = vote(["x", "x"], "model_a", "Ana", 1);
        let waiting = vote(["x", "y"], "", "Ana", 1);
        let imported = read(&[short.clone(), other, equal, waiting]);
        let why: Vec<&str> = imported.dropped.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(
            why,
            [
                "“conversation_a” has no answer in turn 3, on which the vote is",
                "the conversations do not ask the same",
                "both answers are the same",
            ]
        );
        assert_eq!((imported.value.items.len(), imported.value.labels.len()), (1, 0));
        let refused =
            |line: &Value| import(format!("{line}\n").as_bytes(), "votes.jsonl", None).unwrap_err();
        short["winner"] = json!("model_c");
        assert!(refused(&short).what.contains("“winner” is \"model_c\""));
        (short["winner"], short["turn"]) = (json!("tie"), json!("one"));
        assert!(refused(&short).what.contains("“turn” is \"one\""));
    }

    #[test]
    fn the_other_files_of_mt_bench_are_told_apart() {
        let files = [
            (json!({"question_id": 81, "category": "writing", "turns": ["q", "q"]}), "questions"),
            (
                json!({"question_id": 81, "model_1": "x", "model_2": "y", "g1_winner": "model_1",
                       "judge": ["gpt-4", "pair-v2"]}),
                "a model's judgements",
            ),
            (json!({"question_id": 81, "model_id": "x", "choices": []}), "model's answers"),
        ];
        for (line, is) in files {
            let bytes = format!("{line}\n").into_bytes();
            let problem = import(&bytes, "f.jsonl", Some("mt-bench")).unwrap_err();
            assert!(problem.what.contains(is), "{}", problem.what);
            assert!(problem.hint.contains("read_parquet"), "{}", problem.hint);
            // Without the format's name it is refused all the same.
            let problem = import(&bytes, "f.jsonl", None).unwrap_err();
            let known = [is, "a file of model answers"];
            assert!(known.iter().any(|is| problem.what.contains(is)), "{}", problem.what);
        }
        for wanted in [None, Some("mt-bench")] {
            let problem = import(b"PAR1\x15\x04PAR1", "human.parquet", wanted).unwrap_err();
            assert!(problem.what.contains("a Parquet table"), "{}", problem.what);
            assert!(problem.hint.contains("JSON lines"), "{}", problem.hint);
        }
        let line = json!({"question_id": 81, "winner": "tie"});
        let problem =
            import(format!("{line}\n").as_bytes(), "f.jsonl", Some("mt-bench")).unwrap_err();
        assert!(problem.what.contains("it has no “conversation_a”"), "{}", problem.what);
    }
}
