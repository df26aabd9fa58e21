//! Both dialects against the benchmark's mock server, where its program's path is given.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use futures::future::join_all;

use super::http::Timeouts;
use super::provider::{OnText, Provider as _};
use super::{RemoteModel, probe};
use crate::domain::{
    Answer, Call, FailureKind, Message, ModelEntry, ModelKind, ModelRole, PromptId, Purpose,
    Sampling, Want,
};

/// A running mock server, ended with the test.
struct Mock {
    child: Child,
    base_url: String,
}

impl Mock {
    /// Starts it; `None`, said plainly, where no program is named.
    fn start(options: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var_os("PREAMBLE_MOCKLLM") else {
            println!("skipped: PREAMBLE_MOCKLLM does not name the mock server's program");
            return None;
        };
        let mut child = Command::new(program)
            .args(["--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mock server starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut line).expect("its first line");
        let url = line.split(' ').find(|word| word.starts_with("http://")).expect("its address");
        Some(Self { child, base_url: url.to_owned() })
    }

    fn model(&self, kind: ModelKind, stream: bool) -> RemoteModel {
        let entry = ModelEntry {
            name: "mock".to_owned(),
            kind,
            model: "mock-judge".to_owned(),
            base_url: self.base_url.clone(),
            stream,
            ..ModelEntry::embedded()
        };
        RemoteModel::new(&entry, None, Timeouts::default()).expect("a model")
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn call(text: String, want: Want) -> Call {
    Call {
        purpose: Purpose::Probe,
        prompt: PromptId::new("p"),
        role: ModelRole::Writer,
        messages: vec![Message::user(text)],
        sampling: Sampling { seed: Some(1), ..Sampling::default() },
        want,
        sample: 0,
    }
}

#[tokio::test]
async fn the_mock_server_answers_alike_whole_and_streamed() {
    let Some(mock) = Mock::start(&["--latency-ms", "0"]) else { return };
    for kind in [ModelKind::OpenAi, ModelKind::Anthropic] {
        let mut texts = Vec::new();
        for stream in [false, true] {
            let model = mock.model(kind, stream);
            let streamed = Arc::new(Mutex::new(String::new()));
            let sink = Arc::clone(&streamed);
            let on_text: OnText = Arc::new(move |piece: &str| sink.lock().unwrap().push_str(piece));
            let call = call("Tell me about tea.".to_owned(), Want::Text);
            let answered = model.answer(&call, on_text).await.unwrap();
            assert_eq!(*streamed.lock().unwrap(), answered.reply.text);
            assert!(answered.reply.usage.completion_tokens > 0);
            texts.push(answered.reply.text);
        }
        assert!(!texts[0].is_empty());
        assert_eq!(texts[0], texts[1]);
    }
}

#[tokio::test]
async fn the_mock_server_judges() {
    let Some(mock) = Mock::start(&["--latency-ms", "0"]) else { return };
    let question =
        "Which is better, A or B?\n<response_a>yes</response_a>\n<response_b>no</response_b>";
    let letters = Want::Choice(vec![Answer::letter("A"), Answer::letter("B")]);
    let call = call(question.to_owned(), letters);
    let quiet: OnText = Arc::new(|_piece: &str| {});
    let openai = mock.model(ModelKind::OpenAi, true);
    let reply = openai.answer(&call, Arc::clone(&quiet)).await.unwrap().reply;
    let choice = reply.choice.expect("probabilities");
    assert!(choice.mass() > 0.5 && choice.mass() <= 1.0, "{choice:?}");
    let anthropic = mock.model(ModelKind::Anthropic, true);
    let reply = anthropic.answer(&call, quiet).await.unwrap().reply;
    assert!(reply.choice.is_none() && reply.text.contains(['A', 'B']), "{reply:?}");
    let report = probe(&openai).await;
    assert_eq!(report.findings.len(), 4, "{report:?}");
}

#[tokio::test]
async fn the_mock_servers_faults_are_all_named() {
    let faults = ["--fail-rate", "0.1", "--truncate-rate", "0.2", "--garbage-rate", "0.2"];
    let options = [&["--latency-ms", "5", "--rate-limit", "400", "--burst", "40"], &faults[..]];
    let Some(mock) = Mock::start(&options.concat()) else { return };
    for (kind, stream) in [
        (ModelKind::OpenAi, false),
        (ModelKind::OpenAi, true),
        (ModelKind::Anthropic, false),
        (ModelKind::Anthropic, true),
    ] {
        let model = mock.model(kind, stream);
        let calls: Vec<_> = (0..60).map(|n| call(format!("Question {n}"), Want::Text)).collect();
        let quiet: OnText = Arc::new(|_piece: &str| {});
        let results =
            join_all(calls.iter().map(|call| model.answer(call, Arc::clone(&quiet)))).await;
        let good = results.iter().filter(|result| result.is_ok()).count();
        assert!(good > 0, "nothing came through");
        let kinds: std::collections::BTreeSet<_> = results
            .iter()
            .filter_map(|result| result.as_ref().err().map(|failed| failed.failure.kind))
            .collect();
        let expected = [
            FailureKind::RateLimited,
            FailureKind::ServerError,
            FailureKind::Truncated,
            FailureKind::Garbled,
        ];
        assert!(kinds.iter().all(|kind| expected.contains(kind)), "{kinds:?}");
        assert!(kinds.len() >= 3, "{kinds:?}");
    }
}
