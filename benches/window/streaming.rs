//! Frame time while a long chain streams: the whole window, without a display.
//!
//! The chain comes in as in the program, as events through the window's own queue; only the
//! model is left out. A frame is everything that egui does for it (input, `logic`, `ui`, layout
//! of the text), without tessellation and painting, which depend on the graphics card.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use preamble::app::command::TryCommand;
use preamble::app::message::{Body, Event, TrialNews};
use preamble::app::state::ProjectState;
use preamble::app::state::documents::Setup;
use preamble::domain::{
    Call, Constitution, Criterion, Finish, Message, ModelRole, Principle, Prompt, PromptSet,
    Purpose, Reply, Rubric, Sampling, Usage, Want,
};

use crate::stage::Stage;
use crate::{Line, at, ms, say, verdict};

/// Frames that are measured.
const FRAMES: usize = 600;
/// Frames before those, which load fonts and open the project.
const BEFORE: usize = 20;
/// The longest that 95 of 100 frames may take.
const BAR: Duration = Duration::from_millis(8);
/// What each frame adds to the text: far more than a model writes, so that it grows long.
const PIECE: &str = " and a few more words of the answer as they come,";
/// Pieces from which a new paragraph begins.
const PARAGRAPH: usize = 12;

/// Measures without and with an accessibility tree, and prints both.
pub(crate) fn measure() -> Vec<Line> {
    let mut report = Vec::new();
    say(&format!(
        "\nFrame time while a chain streams ({FRAMES} frames, 1280 × 800 points, draft and four \
         rounds, a piece of {} characters a frame; ui() and layout, no painting)",
        PIECE.len()
    ));
    for (accessible, words) in [(false, "alone"), (true, "with a screen reader attached")] {
        let (mut times, characters) = stream(accessible);
        times.sort();
        let (Some(p50), Some(p95), Some(max)) =
            (at(&times, 0.5), at(&times, 0.95), at(&times, 1.0))
        else {
            say("  nothing was measured");
            continue;
        };
        let bar = if accessible {
            "no bar".to_owned()
        } else {
            format!("bar p95 < {}: {}", ms(BAR), verdict(p95 < BAR))
        };
        say(&format!(
            "  {words}: p50 {}, p95 {}, max {}; {characters} characters at the end; {bar}",
            ms(p50),
            ms(p95),
            ms(max)
        ));
        if !accessible {
            report.push(Line {
                what: "Frame while a chain streams, p95".to_owned(),
                target: format!("< {}", ms(BAR)),
                measured: ms(p95),
                met: Some(p95 < BAR),
            });
        }
    }
    report
}

/// Frame times, and how many characters were there at the end.
fn stream(accessible: bool) -> (Vec<Duration>, usize) {
    let mut stage = Stage::new(accessible);
    stage.send(Event::Opened {
        root: PathBuf::from("/project"),
        result: Ok(Box::new(project())),
        first_time: true,
    });
    for _ in 0..BEFORE {
        stage.frame();
    }
    let ctx = stage.ctx.clone();
    stage.window.dispatch(&ctx, Body::Command(TryCommand::Run.into()));
    let Some((number, key)) = stage.window.state.trial.running.clone() else {
        return (Vec::new(), 0);
    };
    let purposes = purposes();
    let calls = purposes.len();
    let mut times = Vec::with_capacity(FRAMES);
    for (place, purpose) in purposes.into_iter().enumerate() {
        let each = FRAMES * (place + 1) / calls - FRAMES * place / calls;
        news(&stage, number, TrialNews::CallStarted(purpose.clone()));
        let mut text = String::new();
        for piece in 1..=each {
            let mut more = PIECE.to_owned();
            if piece % PARAGRAPH == 0 {
                more.push_str("\n\n");
            }
            text.push_str(&more);
            news(&stage, number, TrialNews::Text(purpose.clone(), more));
            if piece == each {
                news(&stage, number, done(purpose.clone(), text.clone()));
            }
            times.push(stage.frame());
        }
    }
    let trial = stage.window.state.trial.trials.get(&key);
    let characters =
        trial.map_or(0, |trial| trial.calls.iter().map(|call| call.text.chars().count()).sum());
    (times, characters)
}

fn news(stage: &Stage, number: u64, news: TrialNews) {
    stage.send(Event::Trial { number, news });
}

/// The calls of a chain, in order; each has the same share of the frames.
fn purposes() -> Vec<Purpose> {
    let mut all = vec![Purpose::Draft { candidate: 0 }];
    for round in 1..=4 {
        let principle = format!("P{round}").as_str().into();
        all.push(Purpose::Critique { round, principle });
        let principle = format!("P{round}").as_str().into();
        all.push(Purpose::Revision { round, principle });
    }
    all
}

fn done(purpose: Purpose, text: String) -> TrialNews {
    let call = Call {
        purpose,
        prompt: "a".into(),
        role: ModelRole::Writer,
        messages: vec![Message::user("Why is it so?")],
        sampling: Sampling::default(),
        want: Want::Text,
        sample: 0,
    };
    let reply = Reply {
        text,
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: None,
        model: String::new(),
        marks: Vec::new(),
    };
    TrialNews::CallDone { call: Arc::new(call), outcome: Ok(Arc::new(reply)), replayed: false }
}

/// A project of usual size: 24 principles, 5 criteria, 200 prompts.
fn project() -> ProjectState {
    let mut project = ProjectState { root: PathBuf::from("/project"), ..Default::default() };
    let mut constitution = Constitution::named("General");
    for n in 1..=24 {
        constitution.principles.push(Principle {
            id: format!("P{n}").as_str().into(),
            text: format!("Say what is true, and what is not known, in respect {n}."),
            tags: vec![["honesty", "care", "clarity"][n % 3].to_owned()],
            ..Principle::default()
        });
    }
    let mut rubric = Rubric::named("Quality");
    for n in 1..=5 {
        rubric.criteria.push(Criterion {
            id: format!("C{n}").as_str().into(),
            name: format!("Quality {n}"),
            ..Criterion::default()
        });
    }
    let question = |n: usize| format!("Question {n}: how do I tell a friend that I can't come?");
    let mut prompts = vec![Prompt::of_text("a", "Why is it so?")];
    prompts.extend((1..200).map(|n| Prompt::of_text(format!("q{n}"), question(n))));
    let set = PromptSet { name: "sample".to_owned(), prompts };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { name: "Benchmark".to_owned(), ..Setup::default() });
    documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    documents.rubrics.insert("quality".to_owned(), Arc::new(rubric));
    documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}
