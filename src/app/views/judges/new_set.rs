//! The sheets of Judges: a new label set, and who labels.

use egui::{Key, Label, RichText, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::{JudgesCommand, ProjectCommand};
use crate::app::outbox::Outbox;
use crate::app::state::judges::{AspectChoice, ItemSource, SetDraft};
use crate::app::state::runs::{RunList, name_of};
use crate::app::state::{AppState, PathPurpose};
use crate::app::theme::{space, text};
use crate::app::update::judges::can_make;
use crate::app::views::sheets::sheet;
use crate::app::widgets::number::counted;
use crate::app::widgets::{Button, Field, aligned_choice, choice};
use crate::domain::{LabelTask, RunId};

/// The labels' column.
const LABELS: f32 = 92.0;
/// How many items a set may have; 0: all.
const LIMITS: &[u32] = &[20, 40, 60, 100, 200, 500, 0];
/// Percent of the prompts that are gold.
const SHARES: &[u32] = &[0, 30, 50, 70, 100];
/// Percent of the items that come twice.
const TWICE: &[u32] = &[0, 5, 10, 20];

/// The sheets' own state.
#[derive(Default)]
pub(super) struct Sheets {
    name: String,
    is_open: bool,
}

impl Sheets {
    /// None of these is open.
    pub(super) fn closed(&mut self) {
        self.is_open = false;
    }

    /// Who labels.
    pub(super) fn labeller(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        sheet(ui, "Who labels?", outbox, |ui| {
            let words = "Your name goes with each label, so that several people can label the \
                         same set and be told apart. It is asked once and kept on this computer.";
            ui.add(Label::new(words).wrap());
            if !self.is_open {
                self.name.clone_from(&state.settings.labeller);
            }
            let field = Field::new("Your name").hint("Ada");
            let response = field.show(ui, &mut self.name);
            if !self.is_open {
                self.is_open = true;
                response.request_focus();
                ui.ctx().request_repaint();
            }
            let entered = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let empty = self.name.trim().is_empty().then_some("Type a name first");
            let go = Button::primary("Begin").shortcut("Enter").disabled_because(empty).show(ui);
            if (go.clicked() || entered) && empty.is_none() {
                outbox.send(JudgesCommand::Labeller(self.name.clone()));
            }
        });
    }

    /// A new label set.
    pub(super) fn new_set(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        sheet(ui, "New label set", outbox, |ui| {
            let mut draft = state.judges.draft.clone();
            ui.spacing_mut().item_spacing.y = space::S;
            if !self.is_open {
                self.is_open = true;
                self.name.clone_from(&draft.name);
            }
            source(ui, state, &mut draft);
            if self.name.is_empty() {
                self.name.clone_from(&draft.name);
            }
            let field = Field::new("Name").hint("Honesty, July");
            if field.show(ui, &mut self.name).changed() {
                draft.name.clone_from(&self.name);
            }
            asked(ui, state, &mut draft);
            numbers(ui, &mut draft);
            if draft != state.judges.draft {
                outbox.send(JudgesCommand::Draft(Box::new(draft)));
            }
            buttons(ui, state, outbox);
        });
    }
}

/// The run whose rows become items.
fn source(ui: &mut Ui, state: &AppState, draft: &mut SetDraft) {
    let only = match &draft.source {
        ItemSource::Run { only, .. } => only.len() as u64,
        ItemSource::Nothing => 0,
    };
    let all: Vec<(RunId, String)> = match &state.runs.list {
        RunList::There(all) => {
            let with_rows = all.iter().filter(|run| run.rows > 0);
            with_rows
                .map(|run| {
                    let compared = state
                        .compare
                        .past_of(&run.record.id)
                        .map(|past| format!("{} vs {}", past.about.a.label, past.about.b.label));
                    let name = compared.unwrap_or_else(|| name_of(&run.record));
                    let rows = counted(run.rows, "row", "rows");
                    (run.record.id.clone(), format!("{}  {name} · {rows}", run.record.id))
                })
                .collect()
        }
        RunList::Unknown | RunList::Reading | RunList::Failed(_) => Vec::new(),
    };
    let names: Vec<&str> = all.iter().map(|(_, words)| words.as_str()).collect();
    let chosen = match &draft.source {
        ItemSource::Run { run, .. } => all.iter().position(|(id, _)| id == run),
        ItemSource::Nothing => None,
    };
    let width = ui.available_width() - LABELS - space::M;
    if let Some(place) = aligned_choice(ui, "Answers of", LABELS, chosen, &names, width) {
        let run = all[place].0.clone();
        if draft.name.is_empty() || chosen.is_some_and(|now| draft.name == all[now].0.0) {
            draft.name.clone_from(&run.0);
        }
        draft.source = ItemSource::Run { run, only: Vec::new() };
    }
    if only > 0 {
        ui.label(text::weak_label(format!("Only the {} sent here", counted(only, "row", "rows"))));
    } else if matches!(&state.runs.list, RunList::There(all) if all.iter().all(|run| run.rows == 0))
    {
        let words = "No run has rows yet. Run a comparison or a prompt set first, or import \
                     labels from a file.";
        ui.add(Label::new(RichText::new(words).weak()).wrap());
    }
}

/// What is asked, and by what it is judged.
fn asked(ui: &mut Ui, state: &AppState, draft: &mut SetDraft) {
    let width = ui.available_width() - LABELS - space::M;
    let tasks: Vec<LabelTask> = LabelTask::iter().collect();
    let names: Vec<String> =
        tasks.iter().map(|task| format!("{task}: {}", task_tip(*task))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = tasks.iter().position(|task| *task == draft.task);
    if let Some(place) = aligned_choice(ui, "Ask", LABELS, chosen, &names, width) {
        draft.task = tasks[place];
        draft.aspect = AspectChoice::AllInAll;
    }
    let choices = aspects(state, draft.task);
    let names: Vec<&str> = choices.iter().map(|(_, words)| words.as_str()).collect();
    let chosen = choices.iter().position(|(choice, _)| *choice == draft.aspect);
    if let Some(place) = aligned_choice(ui, "Judged by", LABELS, chosen, &names, width) {
        draft.aspect = choices[place].0.clone();
    }
}

fn task_tip(task: LabelTask) -> &'static str {
    match task {
        LabelTask::Pairwise => "which answer is better",
        LabelTask::PassFail => "does the answer do it",
        LabelTask::Scores => "which level it reaches",
    }
}

/// All that items can be judged by: principles for pairs, both for one answer, criteria first
/// for scores.
fn aspects(state: &AppState, task: LabelTask) -> Vec<(AspectChoice, String)> {
    /// Letters of a text.
    const LETTERS: usize = 56;
    let short = |text: &str| -> String {
        let mut words: String = text.chars().take(LETTERS).collect();
        if text.chars().count() > LETTERS {
            words.push('…');
        }
        words
    };
    let mut all = vec![(AspectChoice::AllInAll, "All in all".to_owned())];
    let Some(documents) = state.documents() else { return all };
    let principles = documents.constitutions.iter().flat_map(|(stem, one)| {
        let each = (AspectChoice::Principles(stem.clone()), format!("Each of {}", one.name));
        let some = (one.principles.len() > 1).then_some(each);
        some.into_iter().chain(one.principles.iter().map(move |principle| {
            let name = if principle.title.is_empty() { &principle.text } else { &principle.title };
            let words = format!("{}  {}", principle.id, short(name));
            (AspectChoice::Principle(stem.clone(), principle.id.clone()), words)
        }))
    });
    let criteria = documents.rubrics.iter().flat_map(|(stem, one)| {
        let each = (AspectChoice::Criteria(stem.clone()), format!("Each of {}", one.name));
        let some = (one.criteria.len() > 1).then_some(each);
        some.into_iter().chain(one.criteria.iter().map(move |criterion| {
            let words = format!("{}  {}", criterion.id, short(&criterion.name));
            (AspectChoice::Criterion(stem.clone(), criterion.id.clone()), words)
        }))
    });
    match task {
        LabelTask::Pairwise => all.extend(principles),
        LabelTask::PassFail => all.extend(principles.chain(criteria)),
        LabelTask::Scores => all.extend(criteria),
    }
    all
}

/// How many, how many of them gold, how many twice.
fn numbers(ui: &mut Ui, draft: &mut SetDraft) {
    let only = matches!(&draft.source, ItemSource::Run { only, .. } if !only.is_empty());
    ui.horizontal_wrapped(|ui| {
        if !only {
            draft.limit = number(ui, "Items", draft.limit as u32, LIMITS, "") as usize;
        }
        draft.gold = number(ui, "Gold", draft.gold, SHARES, " %");
        draft.repeats = number(ui, "Come twice", draft.repeats, TWICE, " %");
    });
    let words = "Gold items are locked for reporting; examples and fits come from the others. \
                 Items that come twice, hidden, show how far people agree with themselves.";
    ui.add(Label::new(text::weak_label(words)).wrap());
}

/// A number of a few; 0 items are all of them.
fn number(ui: &mut Ui, name: &str, now: u32, all: &[u32], unit: &str) -> u32 {
    let words: Vec<String> = all
        .iter()
        .map(|n| if *n == 0 && unit.is_empty() { "All".to_owned() } else { format!("{n}{unit}") })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let chosen = all.iter().position(|n| *n == now);
    choice(ui, name, chosen, &words, 84.0).map_or(now, |place| all[place])
}

fn buttons(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        let why = can_make(state).err();
        let label = Button::primary("Make and label").disabled_because(why);
        if label.show(ui).clicked() {
            outbox.send(JudgesCommand::MakeSet { label: true });
        }
        if Button::secondary("Make").disabled_because(why).show(ui).clicked() {
            outbox.send(JudgesCommand::MakeSet { label: false });
        }
        let import = Button::quiet("Import labels…");
        if import.tip("Labels that people gave elsewhere, from a file").show(ui).clicked() {
            outbox.send(ProjectCommand::AskPath(PathPurpose::Import));
        }
    });
}
