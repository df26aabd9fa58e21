//! Items to label from what there is: rows of runs, prompts with answers beside them, rubrics.
//!
//! An item's id is made from what it shows, so making the same item again gives the same id, and a
//! set takes it once. Nothing a judge said gets into an item.

use std::collections::{BTreeMap, BTreeSet};

use super::uniform;
use crate::domain::{Aspect, Constitution, Half, LabelItem, LabelTask, Prompt, Row, Rubric, Scale};
use crate::methods::draw;
use crate::methods::given::{GivenPair, given_pair};

/// What each answer or pair is judged by.
#[derive(Debug, Clone, Copy)]
pub enum By<'a> {
    /// All in all: one item.
    AllInAll,
    /// Each of these: one item for each.
    Each(&'a [Aspect]),
    /// So many principles, drawn for each prompt by weight and seed as a judge's are: one item for
    /// each.
    Sampled {
        /// Where they are drawn from.
        constitution: &'a Constitution,
        /// How many for each pair, 1 or more.
        many: u32,
        /// The seed.
        seed: u64,
    },
}

/// Which of a row's answers are asked about one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// What the row trains towards: a chain's last answer, the response scored last, or both of a
    /// pair.
    #[default]
    Last,
    /// Every one, drafts included.
    All,
}

/// Why something made no item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::Display)]
pub enum LeftOut {
    /// Both answers are the same, so nobody can prefer one.
    #[strum(to_string = "both answers are the same")]
    Identical,
    /// There is no second answer.
    #[strum(to_string = "there are no two answers")]
    NoPair,
    /// There is no answer.
    #[strum(to_string = "there is no answer")]
    NoAnswer,
    /// The row failed before its answers were there.
    #[strum(to_string = "the row failed before its answers were there")]
    Failed,
    /// Somebody dropped the row.
    #[strum(to_string = "the row was dropped by hand")]
    Dropped,
    /// The same item was made before.
    #[strum(to_string = "the same item is there already")]
    Twice,
    /// There is nothing to judge it by.
    #[strum(to_string = "there is no principle or criterion to judge it by")]
    NoAspect,
}

/// Items that were made, and what made none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Made {
    /// The items, in the order of what they were made from.
    pub items: Vec<LabelItem>,
    /// The prompt's id, and why it made no item.
    pub left_out: Vec<(String, LeftOut)>,
}

impl Made {
    /// How much was left out for each reason.
    pub fn counts(&self) -> BTreeMap<LeftOut, usize> {
        let mut counts = BTreeMap::new();
        for (_, why) in &self.left_out {
            *counts.entry(*why).or_default() += 1;
        }
        counts
    }

    /// Keeps at most `most` items: whole prompts drawn by the seed, in the order that they had.
    /// At least one prompt is kept, even where it has more items.
    pub fn limit(&mut self, most: usize, seed: u64) {
        let mut by_prompt: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
        for item in &self.items {
            let draw = || (uniform(seed, &item.prompt.id, &["limit"]), 0);
            by_prompt.entry(item.prompt.id.as_str()).or_insert_with(draw).1 += 1;
        }
        let mut drawn: Vec<(f64, usize, &str)> =
            by_prompt.into_iter().map(|(id, (draw, items))| (draw, items, id)).collect();
        drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut kept, mut sum) = (BTreeSet::new(), 0);
        for (_, items, id) in drawn {
            if kept.is_empty() || sum + items <= most {
                kept.insert(id.to_owned());
                sum += items;
            }
        }
        self.items.retain(|item| kept.contains(item.prompt.id.as_str()));
    }

    fn leave_out(&mut self, prompt: &Prompt, why: LeftOut) {
        self.left_out.push((prompt.id.to_string(), why));
    }
}

/// What items are made for.
struct Maker<'a> {
    by: By<'a>,
    made: Made,
    seen: BTreeSet<String>,
}

impl<'a> Maker<'a> {
    fn new(by: By<'a>) -> Self {
        Self { by, made: Made::default(), seen: BTreeSet::new() }
    }

    /// One item for each aspect.
    fn make(&mut self, prompt: &Prompt, a: &Answer<'_>, b: Option<&Answer<'_>>) {
        let is_empty = |answer: &Answer<'_>| answer.text.trim().is_empty();
        if is_empty(a) && b.is_none_or(is_empty) {
            return self.made.leave_out(prompt, LeftOut::NoAnswer);
        }
        if b.is_some_and(|b| b.text.trim() == a.text.trim()) {
            return self.made.leave_out(prompt, LeftOut::Identical);
        }
        let aspects = self.aspects(prompt);
        if aspects.is_empty() {
            return self.made.leave_out(prompt, LeftOut::NoAspect);
        }
        for aspect in aspects {
            let mut item = LabelItem {
                id: String::new(),
                prompt: prompt.clone(),
                a: a.text.to_owned(),
                b: b.map(|b| b.text.to_owned()),
                a_model: a.model.to_owned(),
                b_model: b.map(|b| b.model.to_owned()).unwrap_or_default(),
                aspect,
            };
            item.id = item.made_id();
            if self.seen.insert(item.id.clone()) {
                self.made.items.push(item);
            } else {
                self.made.leave_out(prompt, LeftOut::Twice);
            }
        }
    }

    fn aspects(&self, prompt: &Prompt) -> Vec<Option<Aspect>> {
        match self.by {
            By::AllInAll => vec![None],
            By::Each(aspects) => aspects.iter().cloned().map(Some).collect(),
            By::Sampled { constitution, many, seed } => {
                let drawn =
                    draw::distinct_principles_for(constitution, &prompt.id, seed, many.max(1));
                drawn.into_iter().map(|one| Some(aspect_of(one))).collect()
            }
        }
    }
}

/// An answer and who wrote it, where known.
#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    text: &'a str,
    model: &'a str,
}

/// Pairs of a run's rows: the judged pair's a and b, else the chain's draft as a and its last
/// revision as b. What the judge said does not matter, so a pair that it failed on serves as well.
///
/// `names` are who wrote a and b, for rows that do not say so, such as a comparison's sides; else
/// it is the row's writer. Of a comparison the caller hands in the rows that are wanted, such as
/// those that flipped.
pub fn pairs<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    by: By<'_>,
    names: Option<(&str, &str)>,
) -> Made {
    let mut maker = Maker::new(by);
    for row in rows {
        if row.by_hand.is_dropped {
            maker.made.leave_out(&row.prompt, LeftOut::Dropped);
            continue;
        }
        let writer = role(row, "writer");
        if let Some(pair) = &row.pair {
            let (a, b) = names.unwrap_or((writer, writer));
            let named = |own: &'r str, other| if own.is_empty() { other } else { own };
            let a = Answer { text: &pair.a, model: named(&pair.a_model, a) };
            let b = Answer { text: &pair.b, model: named(&pair.b_model, b) };
            maker.make(&row.prompt, &a, Some(&b));
        } else if let Some(chain) = &row.chain {
            if row.has_failed(Half::Chain) {
                maker.made.leave_out(&row.prompt, LeftOut::Failed);
            } else if chain.steps.is_empty() {
                maker.made.leave_out(&row.prompt, LeftOut::NoPair);
            } else {
                let (a, b) = names.unwrap_or((writer, role(row, "reviser")));
                let a = Answer { text: &chain.draft, model: a };
                let b = Answer { text: chain.last(), model: b };
                maker.make(&row.prompt, &a, Some(&b));
            }
        } else {
            let why = if row.failure.is_some() { LeftOut::Failed } else { LeftOut::NoPair };
            maker.made.leave_out(&row.prompt, why);
        }
    }
    maker.made
}

/// What the row says of who did something.
fn role<'r>(row: &'r Row, name: &str) -> &'r str {
    let found = row.provenance.models.iter().find(|(role, _)| role == name);
    found.map_or("", |(_, model)| model.as_str())
}

/// Single answers of a run's rows, for pass or fail and for scores.
pub fn responses<'r>(rows: impl IntoIterator<Item = &'r Row>, which: Which, by: By<'_>) -> Made {
    let mut maker = Maker::new(by);
    for row in rows {
        if row.by_hand.is_dropped {
            maker.made.leave_out(&row.prompt, LeftOut::Dropped);
            continue;
        }
        let answers = answers(row, which);
        if answers.is_empty() {
            let why = if row.failure.is_some() { LeftOut::Failed } else { LeftOut::NoAnswer };
            maker.made.leave_out(&row.prompt, why);
        }
        for answer in answers {
            maker.make(&row.prompt, &answer, None);
        }
    }
    maker.made
}

fn answers(row: &Row, which: Which) -> Vec<Answer<'_>> {
    let (writer, reviser) = (role(row, "writer"), role(row, "reviser"));
    let mut all = Vec::new();
    if let Some(chain) = row.chain.as_ref().filter(|_| !row.has_failed(Half::Chain)) {
        all.push(Answer { text: &chain.draft, model: writer });
        let revised = chain.steps.iter().filter(|step| !step.found_nothing);
        all.extend(revised.map(|step| Answer { text: &step.revision, model: reviser }));
    } else if let Some(pair) = &row.pair {
        // Both are last answers.
        let a = if pair.a_model.is_empty() { writer } else { pair.a_model.as_str() };
        let b = if pair.b_model.is_empty() { writer } else { pair.b_model.as_str() };
        return vec![Answer { text: &pair.a, model: a }, Answer { text: &pair.b, model: b }];
    } else {
        all.extend(row.scores.iter().map(|one| Answer { text: &one.text, model: writer }));
    }
    match which {
        Which::All => all,
        Which::Last => all.pop().into_iter().collect(),
    }
}

/// Further columns beside a prompt that hold two answers: the first's and the second's name.
const PAIR_COLUMNS: [(&str, &str); 8] = [
    ("response_a", "response_b"),
    ("answer_a", "answer_b"),
    ("text_a", "text_b"),
    ("output_1", "output_2"),
    ("response1", "response2"),
    ("response_1", "response_2"),
    ("answer_1", "answer_2"),
    ("chosen", "rejected"),
];

/// Columns that hold one answer.
const ANSWER_COLUMNS: [&str; 6] =
    ["response", "answer", "completion", "output", "text", "generation"];

/// Items from a prompt set whose lines have answers beside the prompt: columns `a` and `b` (see
/// [`given_pair`]) or named alike, for single answers `response`. The columns are taken off the
/// item's prompt.
pub fn of_prompts(prompts: &[Prompt], task: LabelTask, by: By<'_>) -> Made {
    let mut maker = Maker::new(by);
    for prompt in prompts {
        let text = |name: &str| prompt.extra.get(name).and_then(serde_json::Value::as_str);
        let model = |name: &str| text(name).unwrap_or_default().to_owned();
        if task == LabelTask::Pairwise {
            let named_alike = || {
                let (a, b) = PAIR_COLUMNS
                    .into_iter()
                    .find(|(a, b)| text(a).is_some() && text(b).is_some())?;
                let (a, b) = (text(a)?.to_owned(), text(b)?.to_owned());
                Some(GivenPair { a, b, a_model: model("model_a"), b_model: model("model_b") })
            };
            let Some(pair) = given_pair(prompt).or_else(named_alike) else {
                maker.made.leave_out(prompt, LeftOut::NoPair);
                continue;
            };
            let a = Answer { text: &pair.a, model: &pair.a_model };
            let b = Answer { text: &pair.b, model: &pair.b_model };
            maker.make(&without_answers(prompt), &a, Some(&b));
        } else {
            let found = ANSWER_COLUMNS.into_iter().find_map(text);
            let Some(answer) = found else {
                maker.made.leave_out(prompt, LeftOut::NoAnswer);
                continue;
            };
            let answer = Answer { text: answer, model: &model("model") };
            maker.make(&without_answers(prompt), &answer, None);
        }
    }
    maker.made
}

/// A prompt without the columns that are an item's answers and their writers.
fn without_answers(prompt: &Prompt) -> Prompt {
    let pairs = PAIR_COLUMNS.into_iter().flat_map(|(a, b)| [a, b]);
    let others = ["a", "b", "a_model", "b_model", "model_a", "model_b", "model"];
    let taken: BTreeSet<&str> = pairs.chain(ANSWER_COLUMNS).chain(others).collect();
    let mut prompt = prompt.clone();
    prompt.extra.retain(|name, _| !taken.contains(name.as_str()));
    prompt
}

/// A principle as people are asked about it.
pub fn aspect_of(principle: &crate::domain::Principle) -> Aspect {
    let (id, text) = (principle.id.to_string(), principle.text.trim().to_owned());
    Aspect { id, text, levels: Vec::new() }
}

/// The principles of a constitution that a judge may draw.
pub fn aspects_of_constitution(constitution: &Constitution) -> Vec<Aspect> {
    constitution.eligible().into_iter().map(aspect_of).collect()
}

/// The criteria of a rubric as people are asked about them. For scores the levels have the
/// rubric's anchors as names, lowest first ([`crate::domain::LabelAnswer::Level`] 1 is the lowest,
/// whatever number the rubric gives it); points are the levels “not met” and “met”.
pub fn aspects_of_rubric(rubric: &Rubric, task: LabelTask) -> Vec<Aspect> {
    let of = |criterion: &crate::domain::Criterion| {
        let (name, words) = (criterion.name.trim(), criterion.description.trim());
        let text = match (name.is_empty(), words.is_empty()) {
            (false, false) => format!("{name}: {words}"),
            (true, _) => words.to_owned(),
            (_, true) => name.to_owned(),
        };
        let levels = match (task, &criterion.scale) {
            (LabelTask::Pairwise | LabelTask::PassFail, _) => Vec::new(),
            (LabelTask::Scores, Scale::Points(_)) => vec!["not met".to_owned(), "met".to_owned()],
            (LabelTask::Scores, Scale::Levels { lowest, anchors }) => anchors
                .iter()
                .enumerate()
                .map(|(step, anchor)| match anchor.trim() {
                    "" => (usize::from(*lowest) + step).to_string(),
                    anchor => anchor.to_owned(),
                })
                .collect(),
        };
        Aspect { id: criterion.id.to_string(), text, levels }
    };
    rubric.criteria.iter().map(of).collect()
}

/// Gives items the texts that their principles or criteria have now; how many changed. Labels made
/// under the old texts are stale from then on.
pub fn renew(items: &mut [LabelItem], now: &[Aspect]) -> usize {
    let mut changed = 0;
    for aspect in items.iter_mut().filter_map(|item| item.aspect.as_mut()) {
        let new = now.iter().find(|new| new.id == aspect.id && new.text != aspect.text);
        if let Some(new) = new {
            aspect.text.clone_from(&new.text);
            changed += 1;
        }
    }
    changed
}
