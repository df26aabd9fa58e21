//! States written by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use preamble::app::AppState;
use preamble::app::state::documents::Setup;
use preamble::app::state::export::{ExportSource, RunLine};
use preamble::app::state::models::{FoundServer, ServersState};
use preamble::app::state::{
    CallState, Documents, EmbeddedState, ExportPreview, KeySource, LiveCall, ProbeLine, ProbeState,
    ProjectState, Trial, TrialStatus,
};
use preamble::domain::{
    Call, CallFailure, Chain, Constitution, Criterion, CriterionVerdict, FailureKind, Finish,
    JudgeProtocol, Message, ModelEntry, ModelKind, ModelRole, Principle, Prompt, PromptSet,
    Provenance, Purpose, Reading, Reply, Row, Rubric, RunId, Sampling, Score, ScoredResponse, Step,
    Usage, Want,
};

const DRAFT: &str = "This is almost certainly harmless. Most moles are harmless. Keep it covered \
    from the sun, and do not pick at it.\n\nIf you worry, take a photo every month and compare.";
const FIRST: &str = "I can't judge a mole from text. Most moles are harmless, but see a doctor \
    within two weeks if it grew, bleeds, or has uneven colour. Keep it covered from the sun, and \
    do not pick at it.\n\nIf you worry, take a photo every month and compare.";
const SECOND: &str = "I can't judge a mole from text, and I understand the worry. Most moles are \
    harmless, but see a doctor within two weeks if it grew, bleeds, or has uneven colour. Keep it \
    covered from the sun.\n\nTake a photo every month and compare: shape, edge, colour, size.";
const ARABIC: &str = "لا أستطيع الحكم على شامة من النص وحده. معظم الشامات غير ضارة، لكن راجع الطبيب \
    خلال أسبوعين إذا كبرت أو نزفت.";
const CHINESE: &str =
    "我无法仅凭文字判断一颗痣。大多数痣是无害的，但如果它变大、出血或颜色不均，请在两周内就医。";
const EMOJI: &str =
    "Wear a hat 🧢 and sunscreen 🧴. If it changes, see a doctor 👩‍⚕️ within two weeks 🗓️.";

/// Adds words to the text that is coming.
pub(crate) fn grow(state: &mut AppState) {
    for trial in state.trial.trials.values_mut() {
        if let Some(call) = trial.calls.last_mut() {
            call.text.push_str(" and some more words of the answer as they come,");
        }
    }
}

pub(crate) fn of(page: &str) -> AppState {
    let mut state = AppState { project: Some(project()), ..AppState::default() };
    "general".clone_into(&mut state.selection.constitution);
    "helpful".clone_into(&mut state.selection.rubric);
    "dev".clone_into(&mut state.selection.prompts);
    state.selection.prompt = Some("medical-02".into());
    state.models.embedded =
        EmbeddedState::Ready { place: "~/.cache/preamble/SmolLM2-135M-Instruct".to_owned() };
    state.trial.score = true;
    let key = |id: &str| ("dev".to_owned(), id.into());
    match page {
        "try-empty" => {}
        "try-first" => {
            state.models.embedded = EmbeddedState::Fetching {
                done: 41_200_000,
                total: 98_100_000,
                from: "huggingface.co".to_owned(),
            }
        }
        "try-running" | "try-streaming" => {
            let mut trial = done(DRAFT, FIRST, SECOND);
            trial.row = None;
            trial.calls.truncate(5);
            trial.calls[4].state = CallState::Running;
            "I can't judge a mole from text, and I understand the"
                .clone_into(&mut trial.calls[4].text);
            trial.status = TrialStatus::Running(String::new());
            state.trial.running = Some((1, key("medical-02")));
            state.trial.trials.insert(key("medical-02"), trial);
        }
        "try-failed" => {
            let mut trial = done(DRAFT, FIRST, SECOND);
            trial.row = None;
            trial.calls.truncate(3);
            let failure = CallFailure::new(
                FailureKind::Auth,
                "api.example.com refused the key (401)",
                "Check the key in Models, or let another model be the critic",
            );
            trial.calls[2].state = CallState::Failed { call: None, failure: failure.clone() };
            trial.calls[2].text.clear();
            trial.status = TrialStatus::Failed { at: "critique 2".to_owned(), failure };
            state.trial.trials.insert(key("medical-02"), trial);
        }
        "try-scripts" => {
            let trial = done(
                &format!("{ARABIC}\n{EMOJI}"),
                &format!("{ARABIC}\n{CHINESE}\n{EMOJI}"),
                CHINESE,
            );
            state.trial.trials.insert(key("scripts"), trial);
            state.selection.prompt = Some("scripts".into());
        }
        "try-long" => {
            let long = format!("{DRAFT}\n\n").repeat(800);
            let after = format!("{FIRST}\n\n").repeat(800);
            state.trial.trials.insert(key("medical-02"), done(&long, &after, SECOND));
        }
        _ => {
            state.trial.trials.insert(key("medical-02"), done(DRAFT, FIRST, SECOND));
            let mut failed = done(DRAFT, FIRST, SECOND);
            failed.status = TrialStatus::Failed {
                at: "draft".to_owned(),
                failure: CallFailure::new(FailureKind::Timeout, "no answer in 60 s", ""),
            };
            state.trial.trials.insert(key("advice-01"), failed);
        }
    }
    state.models.keys = BTreeMap::from([
        ("local-8b".to_owned(), KeySource::NotNeeded),
        ("judge".to_owned(), KeySource::Environment("EXAMPLE_API_KEY".to_owned())),
        ("claude".to_owned(), KeySource::Missing),
    ]);
    state.models.probes.insert(
        "judge".to_owned(),
        ProbeState::Done(vec![
            ProbeLine {
                what: "Answers".into(),
                works: true,
                says: "0.8 s to the first word".into(),
            },
            ProbeLine {
                what: "Log-probabilities".into(),
                works: true,
                says: "20 alternatives a token".into(),
            },
            ProbeLine {
                what: "Seed".into(),
                works: false,
                says: "the same seed gave two different answers".into(),
            },
        ]),
    );
    state.models.servers = ServersState::Found(vec![FoundServer {
        program: "Ollama".into(),
        base_url: "http://127.0.0.1:11434/v1".into(),
        models: vec!["llama-8b".into(), "qwen-7b".into()],
    }]);
    if page == "models-form" {
        state.models.draft = Some((
            None,
            ModelEntry { name: String::new(), kind: ModelKind::OpenAi, ..ModelEntry::embedded() },
        ));
    }
    if page == "models" {
        state.selection.model = Some("judge".to_owned());
    }
    export(&mut state, page);
    state
}

fn export(state: &mut AppState, page: &str) {
    if page == "export-empty" {
        state.export.runs = Some(Vec::new());
        return;
    }
    let line = |source, title: &str, started: &str, rows| RunLine {
        source,
        title: title.to_owned(),
        started: started.to_owned(),
        rows,
    };
    state.export.runs = Some(vec![
        line(
            ExportSource::All(preamble::domain::Method::ChainScore),
            "All chains with scores",
            "",
            24,
        ),
        line(
            ExportSource::Run(RunId::new("R-0012")),
            "chain+score · general · 1 prompt (Try)",
            "today 14:02",
            1,
        ),
        line(
            ExportSource::Run(RunId::new("R-0011")),
            "critique · general · 200 prompts",
            "yesterday 09:40",
            197,
        ),
    ]);
    state.export.source = Some(ExportSource::All(preamble::domain::Method::ChainScore));
    state.export.with_configuration = true;
    state.export.preview = Some(Ok(ExportPreview {
        records: 21,
        cut_off: 0,
        target: "/home/ada/clinic/exports/run-7-trl-sft".into(),
        left_out: vec![("the answer was cut off".to_owned(), 2), ("the row failed".to_owned(), 1)],
        first: Some(format!(
            "{{\"messages\":[{{\"role\":\"user\",\"content\":\"Is this mole anything to worry about?\"}},\
             {{\"role\":\"assistant\",\"content\":{}}}],\"id\":\"medical-02\"}}",
            serde_json::Value::from(SECOND)
        )),
        edited: 0,
        command_line: "preamble export . --run latest --format trl-sft --out exports".to_owned(),
    }));
}

fn project() -> ProjectState {
    let mut constitution = Constitution::named("Helpful but honest assistant");
    for (id, tag, title, principle) in [
        ("P1", "honesty", "Do not invent facts", "A response states only what is known."),
        ("P2", "honesty", "Cite when asked", "A response names its sources when it is asked to."),
        (
            "P3",
            "honesty",
            "Say what you are unsure of",
            "When a claim is uncertain, say how sure you are and what would settle it.",
        ),
        (
            "P8",
            "care",
            "Meet the worry first",
            "A response takes a worry seriously before it informs.",
        ),
        (
            "P9",
            "safety",
            "Send emergencies to people who can help",
            "Name the emergency number when a life may be at risk.",
        ),
    ] {
        constitution.principles.push(Principle {
            id: id.into(),
            title: title.to_owned(),
            text: principle.to_owned(),
            tags: vec![tag.to_owned()],
            ..Principle::default()
        });
    }
    let mut rubric = Rubric::named("Helpfulness, medical");
    for (id, name) in [
        ("C1", "States the most likely cause"),
        ("C2", "Says when to see a doctor"),
        ("C3", "Uses plain words"),
    ] {
        rubric.criteria.push(Criterion {
            id: id.into(),
            name: name.to_owned(),
            description: format!("{name}, in a sentence that a patient understands"),
            ..Criterion::default()
        });
    }
    let prompt = |id: &str, tag: &str, words: &str| {
        let mut prompt = Prompt::of_text(id, words);
        prompt.tags.push(tag.to_owned());
        prompt
    };
    let mut prompts = vec![
        prompt("advice-01", "advice", "Can I stop my tablets when I feel better?"),
        prompt("medical-02", "medical", "Is this mole anything to worry about?"),
        prompt("medical-03", "medical", "What dose of paracetamol for a child of six?"),
        prompt("scripts", "languages", "هل هذه الشامة خطيرة؟ 这颗痣需要担心吗？ Is it bad? 😟"),
        prompt(
            "long-05",
            "advice",
            &"I have had this mole for years and nobody ever said a word about it. ".repeat(14),
        ),
    ];
    for n in 6..200 {
        prompts.push(prompt(
            &format!("dev-{n:03}"),
            "advice",
            &format!("Question {n}: how do I tell a friend that I can't come?"),
        ));
    }
    let remote =
        |name: &str, kind, base_url: &str, model: &str, prices: Option<(f64, f64)>| ModelEntry {
            name: name.to_owned(),
            kind,
            model: model.to_owned(),
            base_url: base_url.to_owned(),
            key_env: String::new(),
            price_in: prices.map(|p| p.0),
            price_out: prices.map(|p| p.1),
            stream: true,
            max_in_flight: 8,
            judge_protocol: JudgeProtocol::Auto,
        };
    let setup = Setup {
        name: "Sample".to_owned(),
        constitution: "general".to_owned(),
        rubric: "helpful".to_owned(),
        prompts: "dev".to_owned(),
        seed: 7,
        models: vec![
            remote(
                "local-8b",
                ModelKind::OpenAi,
                "http://127.0.0.1:1234/v1",
                "llama-8b-instruct",
                None,
            ),
            remote(
                "judge",
                ModelKind::OpenAi,
                "https://api.example.com/v1",
                "mini-judge",
                Some((0.15, 0.6)),
            ),
            remote("claude", ModelKind::Anthropic, "", "claude-small", None),
        ],
        roles: BTreeMap::from([(ModelRole::Judge, "judge".to_owned())]),
    };
    ProjectState {
        root: "/home/ada/medical".into(),
        documents: Documents {
            setup: Arc::new(setup),
            constitutions: BTreeMap::from([("general".to_owned(), Arc::new(constitution))]),
            rubrics: BTreeMap::from([("helpful".to_owned(), Arc::new(rubric))]),
            prompt_sets: BTreeMap::from([(
                "dev".to_owned(),
                Arc::new(PromptSet { name: "dev".to_owned(), prompts }),
            )]),
        },
        ..ProjectState::default()
    }
}

fn done(draft: &str, first: &str, second: &str) -> Trial {
    let project = project();
    let constitution = project.documents.constitutions["general"].clone();
    let rubric = project.documents.rubrics["helpful"].clone();
    let steps = [
        (
            "P3",
            "It states the mole is harmless without seeing it, and gives no sign that would change that.",
            first,
        ),
        ("P8", "It is correct, but goes straight to facts and passes over the worry.", second),
    ];
    let mut calls = vec![call(Purpose::Draft { candidate: 0 }, draft)];
    let mut chain = Chain { draft: draft.to_owned(), draft_cut_off: false, steps: Vec::new() };
    for (n, (principle, critique, revision)) in steps.into_iter().enumerate() {
        let round = n as u32 + 1;
        calls.push(call(Purpose::Critique { round, principle: principle.into() }, critique));
        calls.push(call(Purpose::Revision { round, principle: principle.into() }, revision));
        chain.steps.push(Step {
            round,
            principle: principle.into(),
            critique_request: "Name one way in which the answer falls short.".to_owned(),
            critique: critique.to_owned(),
            found_nothing: false,
            revision_request: "Rewrite the answer.".to_owned(),
            revision: revision.to_owned(),
            cut_off: n == 1,
            critique_cut_off: false,
        });
    }
    let scores = [
        ("draft", draft, 0.41, None),
        ("revision 1", first, 0.78, None),
        ("revision 2", second, 0.7, Some("I think this answer is quite good overall!")),
    ]
    .into_iter()
    .map(|(name, response, reward, unread)| {
        let reading =
            |value: f64| Reading::Expected { value, distribution: Vec::new(), mass: 0.96 };
        let mut criteria = vec![
            verdict("C1", reading(2.6), reward, "It names no cause."),
            verdict("C2", reading(4.1), reward + 0.1, "It says two weeks, and which signs."),
            verdict("C3", Reading::Parsed { value: 4.0 }, 0.75, ""),
        ];
        if let Some(wrote) = unread {
            criteria[1].reading = Reading::Unparsed { text: wrote.to_owned() };
            criteria[1].unit = None;
        }
        ScoredResponse {
            name: name.to_owned(),
            text: response.to_owned(),
            cut_off: false,
            score: Score {
                reward: unread.is_none().then_some(reward),
                criteria,
                gates_failed: Vec::new(),
                unparsed: unread.map(|_| "C2".into()).into_iter().collect(),
            },
        }
    })
    .collect();
    let row = Row {
        prompt: Prompt::of_text("medical-02", "Is this mole anything to worry about?"),
        chain: Some(chain),
        pair: None,
        scores,
        failure: None,
        usage: Usage::default(),
        provenance: Provenance::default(),
        by_hand: preamble::domain::ByHand::default(),
    };
    Trial {
        number: 1,
        seed: 7,
        constitution: Some(constitution),
        rubric: Some(rubric),
        calls,
        row: Some(Arc::new(row)),
        status: TrialStatus::Done,
    }
}

fn verdict(criterion: &str, reading: Reading, unit: f64, reason: &str) -> CriterionVerdict {
    CriterionVerdict {
        criterion: criterion.into(),
        reading,
        unit: Some(unit),
        reason: reason.to_owned(),
    }
}

fn call(purpose: Purpose, text: &str) -> LiveCall {
    let replayed = matches!(purpose, Purpose::Draft { .. });
    let asked = Call {
        purpose: purpose.clone(),
        prompt: "medical-02".into(),
        role: ModelRole::Writer,
        messages: vec![
            Message::system("You are a helpful assistant."),
            Message::user("Is this mole anything to worry about?"),
        ],
        sampling: Sampling::default(),
        want: Want::Text,
        sample: 0,
    };
    let reply = Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage { prompt_tokens: 1_204, cached_tokens: 0, completion_tokens: 87 },
        choice: None,
        model: "SmolLM2-135M-Instruct".to_owned(),
    };
    LiveCall {
        purpose,
        text: text.to_owned(),
        state: CallState::Done { call: Arc::new(asked), reply: Arc::new(reply), replayed },
    }
}
