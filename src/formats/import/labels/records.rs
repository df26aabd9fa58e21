//! Tables and JSON of whatever project: columns of answers, of a label, perhaps of who labelled.

use serde_json::{Map, Value};

use super::answer::{self, Numbers};
use super::gather::{Gather, Said};
use super::hh::drawn;
use super::{Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source};
use crate::domain::{Aspect, LabelAnswer, LabelItem, LabelTask, Message, Prompt, Speaker};
use crate::formats::import::prompts::{each_row, prompt_of};
use crate::formats::lenient;

/// CSV, TSV, JSON lines or a JSON array.
pub(super) struct Records;

/// Columns of two answers, the surest first.
const PAIRS: [(&str, &str); 10] = [
    ("a", "b"),
    ("response_a", "response_b"),
    ("answer_a", "answer_b"),
    ("completion_a", "completion_b"),
    ("text_a", "text_b"),
    ("output_1", "output_2"),
    ("response1", "response2"),
    ("response_1", "response_2"),
    ("answer_1", "answer_2"),
    ("output_a", "output_b"),
];

/// Columns of one answer.
const ONE: [&str; 8] =
    ["response", "answer", "completion", "output", "generation", "a", "messages", "conversations"];

/// Columns of what was said.
const LABEL: [&str; 11] = [
    "label",
    "preferred_text",
    "preferred",
    "preference",
    "winner",
    "choice",
    "vote",
    "human_label",
    "human",
    "pref",
    "better",
];

/// Columns of a number that was given.
const SCORE: [&str; 4] = ["score", "rating", "human_score", "level"];

const RATER: [&str; 8] =
    ["labeller", "labeler", "rater", "annotator", "annotator_id", "worker_id", "user_id", "user"];
const ASPECT: [&str; 3] = ["principle", "criterion", "aspect"];
const COMMENT: [&str; 4] = ["comment", "note", "rationale", "explanation"];
const SURE: [&str; 3] = ["sure", "certainty", "confidence"];
const ROW_ID: [&str; 7] = ["id", "idx", "index", "_id", "uid", "item", "item_id"];

impl Format<ImportedLabels> for Records {
    fn id(&self) -> &'static str {
        "records"
    }
    fn title(&self) -> &'static str {
        "CSV, TSV or JSON with answers and labels"
    }
    fn doc(&self) -> &'static str {
        "Rows with a prompt, answers `a` and `b` (or `chosen` and `rejected`, or one `response`) \
         and a `label`.\n\nPairs: a, b, tie, both bad, unsure, n/a, a column's or a model's name, \
         or 1, 2 and 0. One response: pass or fail, or a whole number as its `score`. `labeller` \
         says who; rows of one item and several labellers become one item. `principle`, \
         `comment`, `model_a` and `model_b` are understood; other columns stay with the prompt."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["csv", "tsv", "jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match super::first_record(source) {
            Some(fields) if Layout::of(fields.keys().map(String::as_str)).is_some() => {
                Confidence::Likely
            }
            // Its own words say what is missing.
            _ if source.readable().is_some() && source.ends_with(self.endings()) => {
                Confidence::Maybe
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        let rows = rows(source, &mut gather)?;
        let mut columns: Vec<&str> = Vec::new();
        for key in rows.iter().flat_map(|(_, fields)| fields.keys()) {
            if !columns.contains(&key.as_str()) {
                columns.push(key);
            }
        }
        let columns: Vec<String> = columns.into_iter().map(ToOwned::to_owned).collect();
        let hint = "name the columns prompt, a, b and label, or prompt, response and label";
        let layout = Layout::of(columns.iter().map(String::as_str)).ok_or_else(|| {
            let some: Vec<&str> = columns.iter().take(8).map(String::as_str).collect();
            let what = format!("no columns look like answers: there are {}", some.join(", "));
            Problem::error("file", what, hint)
        })?;
        let meaning = Meaning::of(&layout, &rows)?;
        for (line, fields) in rows {
            layout.take(&mut gather, &meaning, line, fields)?;
        }
        if matches!(layout.answers, Answers::Ranked(..)) {
            gather.note(
                "Which answer comes first was drawn by the pair: the file has the better first.",
            );
        }
        gather.finish(self.id(), source, meaning.task, hint)
    }
}

/// The rows with their lines or numbers.
fn rows(
    source: &Source<'_>,
    gather: &mut Gather,
) -> Result<Vec<(usize, Map<String, Value>)>, Problem> {
    let mut rows = Vec::new();
    if source.ends_with(&["csv", "tsv"]) {
        each_row(source.text()?, |_| Ok(()), &mut |line, row| {
            match row {
                Ok(fields) => rows.push((line, fields)),
                Err(why) => gather.drop(&format!("line {line}"), why),
            }
            Ok(())
        })?;
        return Ok(rows);
    }
    lenient::each_record(source.text()?, &mut |line, value| {
        match value {
            Value::Object(fields) => rows.push((line, fields)),
            other => {
                let why = format!("it is {}, not an object", lenient::kind(&other));
                gather.drop(&format!("record {line}"), why);
            }
        }
        Ok(())
    })?;
    Ok(rows)
}

/// Which columns hold the answers.
enum Answers {
    Pair(String, String),
    /// The better one, then the worse one.
    Ranked(String, String),
    One(String),
}

/// What the columns are.
struct Layout {
    answers: Answers,
    label: Option<String>,
    is_score: bool,
    rater: Option<String>,
    aspect: Option<String>,
    comment: Option<String>,
    sure: Option<String>,
    row_id: Option<String>,
    models: (Option<String>, Option<String>),
}

impl Layout {
    fn of<'k>(keys: impl Iterator<Item = &'k str>) -> Option<Self> {
        let keys: Vec<&str> = keys.collect();
        let named = |wanted: &str| {
            let is = |key: &&&str| key.trim().eq_ignore_ascii_case(wanted);
            keys.iter().find(is).map(|key| (*key).to_owned())
        };
        let first = |names: &[&str]| names.iter().find_map(|name| named(name));
        let pair = |(a, b): &(&str, &str)| Some((named(a)?, named(b)?));
        let answers = if let Some((a, b)) = PAIRS.iter().find_map(pair) {
            Answers::Pair(a, b)
        } else if let (Some(better), Some(worse)) = (named("chosen"), named("rejected")) {
            Answers::Ranked(better, worse)
        } else {
            Answers::One(first(&ONE)?)
        };
        let label = first(&LABEL);
        let score = if matches!(answers, Answers::One(_)) { first(&SCORE) } else { None };
        let alone = matches!(answers, Answers::One(_));
        // An answer alone, with nothing said of it, is any table of prompts.
        if alone && label.is_none() && score.is_none() {
            return None;
        }
        let model = |names: &[&str]| first(names);
        Some(Self {
            is_score: label.is_none() && score.is_some(),
            label: label.or(score),
            rater: first(&RATER),
            aspect: first(&ASPECT),
            comment: first(&COMMENT),
            sure: first(&SURE),
            row_id: first(&ROW_ID),
            models: match answers {
                Answers::One(_) => (model(&["model", "generator"]), None),
                Answers::Pair(..) => (
                    model(&["a_model", "model_a", "model_1", "generator_1"]),
                    model(&["b_model", "model_b", "model_2", "generator_2"]),
                ),
                Answers::Ranked(..) => (model(&["chosen_model"]), model(&["rejected_model"])),
            },
            answers,
        })
    }

    /// Takes one row.
    fn take(
        &self,
        gather: &mut Gather,
        meaning: &Meaning,
        line: usize,
        mut fields: Map<String, Value>,
    ) -> Result<(), Problem> {
        let place = format!("line {line}");
        let mut take = |column: &Option<String>| {
            column.as_ref().and_then(|column| fields.remove(column)).unwrap_or_default()
        };
        let label = take(&self.label);
        let [rater, aspect, comment, sure, row_id, a_model, b_model] = [
            &self.rater,
            &self.aspect,
            &self.comment,
            &self.sure,
            &self.row_id,
            &self.models.0,
            &self.models.1,
        ]
        .map(|column| take(column));
        let text = |value: &Value| lenient::scalar(value).unwrap_or_default().trim().to_owned();
        let (a, b) = match &self.answers {
            Answers::Pair(a, b) | Answers::Ranked(a, b) => (a, Some(b)),
            Answers::One(a) => (a, None),
        };
        let mut answer_of = |column: &String| spoken(fields.remove(column).unwrap_or_default());
        let (a, b) = match (answer_of(a), b.map(&mut answer_of).transpose()) {
            (Ok(a), Ok(b)) => (a, b),
            (Err(why), _) | (_, Err(why)) => {
                gather.drop(&place, why);
                return Ok(());
            }
        };
        let prompt = match prompt_beside(fields, &a, b.as_ref(), &row_id) {
            Ok(prompt) => prompt,
            Err(why) => {
                gather.drop(&place, why);
                return Ok(());
            }
        };
        let (a_model, b_model) = (text(&a_model), text(&b_model));
        let b_text = b.as_ref().map(|b| b.text.as_str());
        let (mut item, said) = match &self.answers {
            Answers::Ranked(..) => {
                let (item, answer) = drawn(prompt, &a.text, b_text.unwrap_or_default());
                let is_first = answer == LabelAnswer::A;
                let (a_model, b_model) =
                    if is_first { (a_model, b_model) } else { (b_model, a_model) };
                (LabelItem { a_model, b_model, ..item }, Some(answer))
            }
            Answers::Pair(..) | Answers::One(_) => {
                let sides = match &self.answers {
                    Answers::Pair(a, b) => (a.as_str(), b.as_str()),
                    _ => ("", ""),
                };
                let said = meaning.said(&label, sides, (&a_model, &b_model), line)?;
                (LabelItem { a_model, b_model, ..Gather::bare(prompt, &a.text, b_text) }, said)
            }
        };
        item.aspect = meaning.aspect(&text(&aspect));
        let labeller = Some(text(&rater)).filter(|name| !name.is_empty());
        let said = said.map(|answer| Said {
            labeller: labeller.unwrap_or_else(|| NOBODY_NAMED.to_owned()),
            answer,
            sure: answer::sure(&sure),
            comment: text(&comment),
        });
        gather.item(&place, item, said.into_iter().collect());
        Ok(())
    }
}

/// What a cell of an answer holds: a text, a message, or a conversation that ends with it.
struct Spoken {
    before: Vec<Message>,
    text: String,
}

fn spoken(value: Value) -> Result<Spoken, String> {
    match value {
        Value::String(text) => Ok(Spoken { before: Vec::new(), text }),
        Value::Null => Ok(Spoken { before: Vec::new(), text: String::new() }),
        one @ (Value::Array(_) | Value::Object(_)) => {
            let list = if one.is_array() { one } else { Value::Array(vec![one]) };
            let mut before = lenient::messages(&list)?;
            match before.pop() {
                Some(last) if last.role == Speaker::Assistant => {
                    Ok(Spoken { before, text: last.content })
                }
                _ => Err("an answer's last message is not the assistant's".to_owned()),
            }
        }
        other => Err(format!("an answer is {}, not a text", lenient::kind(&other))),
    }
}

/// The prompt of what is left of a row, else the messages before the answers, else an empty one.
fn prompt_beside(
    mut fields: Map<String, Value>,
    a: &Spoken,
    b: Option<&Spoken>,
    row_id: &Value,
) -> Result<Prompt, String> {
    if b.is_some_and(|b| b.before != a.before) {
        return Err("the conversations before the answers differ".to_owned());
    }
    if let Some(id) = lenient::scalar(row_id) {
        fields.insert("source_id".to_owned(), id.into());
    }
    let extra = fields.clone();
    Ok(match prompt_of(fields) {
        Ok((prompt, _)) => prompt,
        Err(_) if !a.before.is_empty() => {
            Prompt { messages: a.before.clone(), ..Prompt::of_text("", "") }
        }
        Err(_) => {
            let extra = extra.into_iter().filter(|(key, _)| !key.is_empty()).collect();
            Prompt { extra, ..Prompt::of_text("", "") }
        }
    })
}

/// What the labels of the whole file mean.
struct Meaning {
    task: LabelTask,
    numbers: Numbers,
    /// The lowest score and the names of the levels from there, where they are not 1 to 5.
    scale: Option<(i64, Vec<String>)>,
    /// What is scored where no column says so.
    scored: String,
}

impl Meaning {
    fn of(layout: &Layout, rows: &[(usize, Map<String, Value>)]) -> Result<Self, Problem> {
        let column = layout.label.clone().unwrap_or_default();
        let labels = || {
            let cell = |fields: &'_ Map<String, Value>| fields.get(&column).cloned();
            rows.iter()
                .filter_map(move |(line, fields)| Some((*line, cell(fields)?)))
                .filter(|(_, value)| !answer::is_empty(value))
        };
        let mut meaning = Self {
            task: LabelTask::Pairwise,
            numbers: Numbers::of(labels().map(|(_, value)| value).collect::<Vec<_>>().iter()),
            scale: None,
            scored: column.clone(),
        };
        if !matches!(layout.answers, Answers::One(_)) {
            return Ok(meaning);
        }
        meaning.task = LabelTask::PassFail;
        let unread = labels().find(|(_, value)| answer::of_one(value).is_none());
        match unread {
            None if !layout.is_score => return Ok(meaning),
            Some((line, value)) if answer::number(&value).is_none() => {
                return Err(unknown(&column, &value, line, LabelTask::PassFail));
            }
            _ => {}
        }
        meaning.task = LabelTask::Scores;
        let (mut lowest, mut highest) = (i64::MAX, i64::MIN);
        for (line, value) in labels() {
            let whole = answer::number(&value)
                .filter(|number| (0.0..=100.0).contains(number) && number.fract() == 0.0);
            let Some(number) = whole else {
                return Err(unknown(&column, &value, line, LabelTask::Scores));
            };
            (lowest, highest) = (lowest.min(number as i64), highest.max(number as i64));
        }
        if lowest < 1 || highest > 5 {
            let lowest = lowest.min(1);
            meaning.scale = Some((lowest, (lowest..=highest).map(|n| n.to_string()).collect()));
        }
        Ok(meaning)
    }

    /// What a label's cell says; `None` where it is empty.
    fn said(
        &self,
        label: &Value,
        columns: (&str, &str),
        models: (&str, &str),
        line: usize,
    ) -> Result<Option<LabelAnswer>, Problem> {
        if answer::is_empty(label) {
            return Ok(None);
        }
        let answer = match self.task {
            LabelTask::Pairwise => {
                let names = |column, model| [column, model];
                let (a, b) = (names(columns.0, models.0), names(columns.1, models.1));
                answer::of_pair(label, (&a, &b), self.numbers)
            }
            LabelTask::PassFail => answer::of_one(label),
            LabelTask::Scores => {
                let lowest = self.scale.as_ref().map_or(1, |(lowest, _)| *lowest);
                let step = answer::number(label).map(|number| number as i64 - lowest + 1);
                step.and_then(|step| u32::try_from(step).ok()).map(LabelAnswer::Level)
            }
        };
        answer.map(Some).ok_or_else(|| unknown(&self.scored, label, line, self.task))
    }

    /// What an item is judged by.
    fn aspect(&self, text: &str) -> Option<Aspect> {
        let levels = self.scale.as_ref().map(|(_, levels)| levels.clone());
        if text.is_empty() && levels.is_none() {
            return None;
        }
        let text = if text.is_empty() { self.scored.clone() } else { text.to_owned() };
        Some(Aspect {
            id: text.chars().take(60).collect(),
            text,
            levels: levels.unwrap_or_default(),
        })
    }
}

fn unknown(column: &str, label: &Value, line: usize, task: LabelTask) -> Problem {
    let what = format!("“{column}” is {label}, which is no label that is known");
    lenient::at_line(line, what, answer::known(task))
}
