//! Both dialects against a server on loopback that also faults.

use std::sync::Arc;
use std::time::Duration;

use super::super::loopback::{SSE_HEAD, Script, Server};
use super::*;
use crate::domain::{Answer, Message, ModelRole, PromptId, Purpose, Sampling};

const KEY: &str = "not-a-real-key-0123456789";

fn call(want: Want) -> Call {
    Call {
        purpose: Purpose::Probe,
        prompt: PromptId::new("p"),
        role: ModelRole::Writer,
        messages: vec![Message::user("Hello")],
        sampling: Sampling::default(),
        want,
        sample: 0,
    }
}

fn letters() -> Want {
    Want::Choice(vec![Answer::letter("A"), Answer::letter("B")])
}

fn model(server: &Server, kind: ModelKind, stream: bool) -> RemoteModel {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        headers: Duration::from_millis(400),
        idle: Duration::from_millis(400),
        content: Duration::from_millis(400),
        total: Duration::from_secs(20),
    };
    RemoteModel::new(&server.entry(kind, stream), Some(KEY.into()), timeouts).unwrap()
}

/// Asks and gives what came, and the text that was streamed.
async fn ask(model: &RemoteModel, want: Want) -> (Result<Answered, AttemptFailure>, String) {
    let streamed = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&streamed);
    let on_text: OnText = Arc::new(move |piece: &str| sink.lock().unwrap().push_str(piece));
    let result = model.answer(&call(want), on_text).await;
    let text = streamed.lock().unwrap().clone();
    (result, text)
}

async fn failure(script: Script, kind: ModelKind, stream: bool) -> AttemptFailure {
    let server = Server::start(vec![script]).await;
    let failure = ask(&model(&server, kind, stream), Want::Text).await.0.unwrap_err();
    assert!(!format!("{failure:?}").contains(KEY), "{failure:?}");
    assert!(!failure.failure.message.contains('\n') && failure.failure.attempts == 1);
    failure
}

const CHAT: &str = r#"{"model":"m","choices":[{"message":{"role":"assistant","content":"Hi there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
const MESSAGE: &str = r#"{"type":"message","model":"m","content":[{"type":"text","text":"Hi there"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}"#;
const CHAT_STREAM: [&str; 5] = [
    ": ping\n\ndata: {\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n",
    "\ndata:{\"choices\":[{\"index\":0,\"delta\":{\"content\":\" there\"}}]}\r\n\r\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n",
    "data: [DONE]\n\n",
];
const MESSAGE_STREAM: [&str; 5] = [
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
    "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" there\"}}\n\n",
    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
];

/// The question with a mark after its only block.
async fn ask_marked(model: &RemoteModel) -> Result<Answered, AttemptFailure> {
    let mut marks = CacheMarks::default();
    marks.put(0);
    model.answer_marked(&call(Want::Text), marks, Arc::new(|_: &str| ())).await
}

#[tokio::test]
async fn marks_are_sent_where_the_dialect_has_them_and_the_reply_says_which() {
    let server = Server::start(vec![Script::json(200, MESSAGE)]).await;
    let anthropic = model(&server, ModelKind::Anthropic, false);
    assert_eq!(anthropic.caching(), Caching::Marked);
    assert_eq!(ask_marked(&anthropic).await.unwrap().reply.marks, [0]);
    assert!(server.requests()[0].body.contains(r#""cache_control":{"type":"ephemeral"}"#));
    ask(&anthropic, Want::Text).await.0.unwrap();
    assert!(!server.requests()[1].body.contains("cache_control"));
    let server = Server::start(vec![Script::json(200, CHAT)]).await;
    let openai = model(&server, ModelKind::OpenAi, false);
    assert_eq!(openai.caching(), Caching::Prefix);
    assert_eq!(ask_marked(&openai).await.unwrap().reply.marks, [0_u16; 0]);
    assert!(!server.requests()[0].body.contains("cache_control"));
}

#[tokio::test]
async fn a_server_that_refuses_marks_is_asked_without_from_then_on() {
    const NO: &str = r#"{"type":"error","error":{"type":"invalid_request_error","message":"messages.0.content: Input should be a valid string"}}"#;
    let server = Server::start(vec![Script::json(400, NO), Script::json(200, MESSAGE)]).await;
    let asked = model(&server, ModelKind::Anthropic, false);
    for sent in [2, 3] {
        let reply = ask_marked(&asked).await.unwrap().reply;
        assert_eq!((reply.text.as_str(), reply.marks.len()), ("Hi there", 0));
        assert_eq!(server.requests().len(), sent, "it is refused once");
        assert!(!server.requests()[sent - 1].body.contains("cache_control"));
    }
    assert_eq!(asked.caching(), Caching::Own, "nobody waits for what is not kept");
    // What is refused for another reason is refused.
    let server = Server::start(vec![Script::json(400, r#"{"error":{"message":"no"}}"#)]).await;
    ask_marked(&model(&server, ModelKind::Anthropic, false)).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn both_dialects_answer_whole_and_streamed() {
    for (kind, stream, script, raw, path, key) in [
        (
            ModelKind::OpenAi,
            false,
            Script::json(200, CHAT),
            CHAT.to_owned(),
            "/v1/chat/completions",
            "authorization: Bearer ",
        ),
        (
            ModelKind::OpenAi,
            true,
            Script::stream(&CHAT_STREAM),
            CHAT_STREAM.concat(),
            "/v1/chat/completions",
            "authorization: Bearer ",
        ),
        // Asked to stream, the server answers whole.
        (
            ModelKind::OpenAi,
            true,
            Script::json(200, CHAT),
            CHAT.to_owned(),
            "/v1/chat/completions",
            "authorization: Bearer ",
        ),
        (
            ModelKind::Anthropic,
            false,
            Script::json(200, MESSAGE),
            MESSAGE.to_owned(),
            "/v1/messages",
            "x-api-key: ",
        ),
        (
            ModelKind::Anthropic,
            true,
            Script::stream(&MESSAGE_STREAM),
            MESSAGE_STREAM.concat(),
            "/v1/messages",
            "x-api-key: ",
        ),
    ] {
        let server = Server::start(vec![script]).await;
        let model = model(&server, kind, stream);
        let (answered, streamed) = ask(&model, Want::Text).await;
        let answered = answered.unwrap();
        assert_eq!(answered.reply.text, "Hi there");
        assert_eq!(streamed, "Hi there");
        assert_eq!(
            (answered.reply.usage.prompt_tokens, answered.reply.usage.completion_tokens),
            (3, 2)
        );
        assert_eq!(String::from_utf8(answered.raw).unwrap(), raw);
        let request = server.requests().remove(0);
        assert!(request.head.starts_with(&format!("POST {path} ")), "{}", request.head);
        assert!(request.head.contains(&format!("{key}{KEY}")), "{}", request.head);
        assert!(request.body.contains(&format!("\"stream\":{stream}")));
        assert_eq!(
            model.identity(),
            format!("{kind}:some-model@http://127.0.0.1:{}/v1", server.port())
        );
        assert!(!format!("{model:?}").contains(KEY));
    }
}

#[tokio::test]
async fn a_byte_at_a_time_is_the_same_answer() {
    let bytes = SSE_HEAD.bytes().chain(CHAT_STREAM.concat().into_bytes());
    let server = Server::start(vec![Script::Send(bytes.map(|byte| vec![byte]).collect())]).await;
    let (answered, streamed) = ask(&model(&server, ModelKind::OpenAi, true), Want::Text).await;
    assert_eq!((answered.unwrap().reply.text, streamed), ("Hi there".into(), "Hi there".into()));
}

#[tokio::test]
async fn refusals_are_named_with_their_waits() {
    use ModelKind::{Anthropic, OpenAi};
    let limited =
        Script::with_headers(429, "retry-after-ms: 1500\r\n", r#"{"error":{"message":"slow"}}"#);
    let failed = failure(limited, OpenAi, true).await;
    assert_eq!(failed.failure.kind, FailureKind::RateLimited);
    assert_eq!(failed.retry, Retry::SlowDown(Some(Duration::from_millis(1500))));
    assert_eq!(failed.raw, br#"{"error":{"message":"slow"}}"#);

    let broke =
        r#"{"error":{"message":"Quota.","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    for (status, body, kind, expected, retry) in [
        (500, "oops", OpenAi, FailureKind::ServerError, Retry::Later),
        (529, "{}", Anthropic, FailureKind::ServerError, Retry::Later),
        (429, broke, OpenAi, FailureKind::Auth, Retry::Never),
        (404, r#"{"error":"model not found"}"#, OpenAi, FailureKind::Rejected, Retry::Never),
        (307, "", OpenAi, FailureKind::Rejected, Retry::Never),
    ] {
        let failed = failure(Script::json(status, body), kind, false).await;
        assert_eq!((failed.failure.kind, failed.retry), (expected, retry), "{status} {body}");
    }
}

#[tokio::test]
async fn a_key_echoed_is_nowhere() {
    let body = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {KEY}. \n","code":"invalid_api_key"}}}}"#
    );
    for kind in [ModelKind::OpenAi, ModelKind::Anthropic] {
        let failed = failure(Script::json(401, &body), kind, true).await;
        assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Auth, Retry::Never));
        assert!(failed.failure.message.contains("[key]"), "{failed:?}");
        assert!(String::from_utf8(failed.raw).unwrap().contains("[key]"));
    }
    let echo = CHAT.replace("Hi there", KEY);
    let server = Server::start(vec![Script::json(200, &echo)]).await;
    let answered = ask(&model(&server, ModelKind::OpenAi, false), Want::Text).await.0.unwrap();
    assert!(!format!("{answered:?}").contains(KEY));
    assert!(!String::from_utf8(answered.raw).unwrap().contains(KEY));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(vec![Script::json(200, CHAT)]).await;
    let to = format!("location: http://127.0.0.1:{}/v1\r\n", elsewhere.port());
    let failed = failure(Script::with_headers(308, &to, ""), ModelKind::OpenAi, false).await;
    assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Rejected, Retry::Never));
    assert!(failed.failure.message.contains("redirects"), "{failed:?}");
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_answer_is_garbled() {
    for kind in [ModelKind::OpenAi, ModelKind::Anthropic] {
        for body in ["<html><body>Sign in</body></html>", "", "\u{0}\u{1}garbage", "{}"] {
            let failed = failure(Script::json(200, body), kind, true).await;
            assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Garbled, Retry::Never));
            assert_eq!(failed.raw, body.as_bytes());
        }
        let failed = failure(Script::stream(&["data: {\"cho\n\n"]), kind, true).await;
        assert_eq!(failed.failure.kind, FailureKind::Garbled);
    }
}

#[tokio::test]
async fn what_breaks_off_is_truncated_and_kept() {
    let streams = [(ModelKind::OpenAi, CHAT_STREAM), (ModelKind::Anthropic, MESSAGE_STREAM)];
    for (kind, pieces) in streams {
        let part = pieces[..2].concat();
        let half = format!("{part}data: {{\"half");
        let reset = Script::Reset(format!("{SSE_HEAD}{part}").into_bytes());
        // Announces more than it sends.
        let short = Script::Send(vec![
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: 9999\r\n\r\n{part}")
                .into_bytes(),
        ]);
        for script in [Script::stream(&pieces[..2]), Script::stream(&[&half]), reset, short] {
            let failed = failure(script, kind, true).await;
            assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Truncated, Retry::Later));
            assert!(String::from_utf8(failed.raw).unwrap().starts_with(&part));
        }
    }
    let cut = Script::json(200, &CHAT[..60]);
    let failed = failure(cut, ModelKind::OpenAi, false).await;
    assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Truncated, Retry::Later));
}

#[tokio::test]
async fn an_error_in_mid_stream_is_a_failure() {
    let error = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
    for (kind, first) in
        [(ModelKind::OpenAi, CHAT_STREAM[0]), (ModelKind::Anthropic, MESSAGE_STREAM[0])]
    {
        let failed = failure(Script::stream(&[first, "\n", error]), kind, true).await;
        assert_eq!((failed.failure.kind, failed.retry), (FailureKind::ServerError, Retry::Later));
        assert!(failed.failure.message.contains("Overloaded"));
        assert!(String::from_utf8(failed.raw).unwrap().contains("Overloaded"));
    }
}

#[tokio::test]
async fn silence_ends_in_time() {
    let head = SSE_HEAD.as_bytes().to_vec();
    let part = [head.clone(), CHAT_STREAM[0].as_bytes().to_vec()].concat();
    for (script, words) in [
        (Script::Hang, "no answer in time"),
        (Script::Stall(part), "stopped coming"),
        (Script::Drip(head, b": ping\n\n".to_vec()), "no text"),
    ] {
        let failed = failure(script, ModelKind::OpenAi, true).await;
        assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Timeout, Retry::Later));
        assert!(failed.failure.message.contains(words), "{failed:?}");
    }
    // Whole answers have the total only.
    let server = Server::start(vec![Script::Hang]).await;
    let timeouts = Timeouts { total: Duration::from_millis(300), ..Timeouts::default() };
    let entry = server.entry(ModelKind::OpenAi, false);
    let model = RemoteModel::new(&entry, None, timeouts).unwrap();
    assert_eq!(ask(&model, Want::Text).await.0.unwrap_err().failure.kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let entry = ModelEntry {
        kind: ModelKind::OpenAi,
        model: "m".to_owned(),
        base_url: format!("http://127.0.0.1:{port}/v1"),
        ..ModelEntry::embedded()
    };
    let model = RemoteModel::new(&entry, None, Timeouts::default()).unwrap();
    let failed = ask(&model, Want::Text).await.0.unwrap_err();
    assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Unreachable, Retry::Later));
    assert!(failed.failure.message.contains("refused") && !failed.failure.hint.is_empty());
    // Where the request went out, its answer may be paid for though none came.
    let failed = failure(Script::Reset(Vec::new()), ModelKind::OpenAi, false).await;
    assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Truncated, Retry::Later));
}

const REFUSES: &str = r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#;
const NO_LOGPROBS: &str = r#"{"error":{"message":"logprobs are not supported"}}"#;

#[tokio::test]
async fn learns_what_a_server_takes_and_remembers_it() {
    let server = Server::start(vec![Script::json(400, REFUSES), Script::json(200, CHAT)]).await;
    let model = model(&server, ModelKind::OpenAi, false);
    for _ in 0..2 {
        assert_eq!(ask(&model, Want::Text).await.0.unwrap().reply.text, "Hi there");
    }
    let fields: Vec<bool> =
        server.requests().iter().map(|r| r.body.contains("max_completion_tokens")).collect();
    assert_eq!(fields, [false, true, true]);
}

#[tokio::test]
async fn choices_come_by_probability_or_else_as_text() {
    let with = CHAT.replace(
        r#""finish_reason""#,
        r#""logprobs":{"content":[{"token":"A","logprob":-0.1,"top_logprobs":[{"token":"A","logprob":-0.1},{"token":"B","logprob":-3}]}]},"finish_reason""#,
    );
    let server = Server::start(vec![Script::json(200, &with)]).await;
    let able = model(&server, ModelKind::OpenAi, true);
    let (answered, streamed) = ask(&able, letters()).await;
    let choice = answered.unwrap().reply.choice.unwrap();
    assert!(choice.probabilities[0] > 0.9 && choice.mass() < 1.0);
    assert_eq!(streamed, "", "a choice is not streamed");
    assert!(able.abilities().top_logprobs);

    // Refused at 20 and at 5; or silently left out.
    let refuse = Script::json(400, NO_LOGPROBS);
    for (scripts, requests) in [
        (vec![refuse.clone(), refuse, Script::json(200, CHAT)], 4),
        (vec![Script::json(200, CHAT)], 3),
    ] {
        let server = Server::start(scripts).await;
        let unable = model(&server, ModelKind::OpenAi, false);
        for _ in 0..2 {
            assert_eq!(ask(&unable, letters()).await.0.unwrap().reply.choice, None);
        }
        assert!(!unable.abilities().top_logprobs);
        assert_eq!(server.requests().len(), requests);
        let last = server.requests().pop().unwrap().body;
        assert!(!last.contains("logprobs") && last.contains("\"max_tokens\":256"), "{last}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_everything_is_not_asked_for_ever() {
    let server = Server::start(vec![Script::json(400, REFUSES)]).await;
    let failed = ask(&model(&server, ModelKind::OpenAi, false), Want::Text).await.0.unwrap_err();
    assert_eq!((failed.failure.kind, failed.retry), (FailureKind::Rejected, Retry::Never));
    assert!(server.requests().len() <= 7);
}

#[test]
fn bad_entries_are_refused_with_a_hint() {
    let good = ModelEntry {
        kind: ModelKind::OpenAi,
        model: "m".to_owned(),
        base_url: "https://h.example/v1".to_owned(),
        ..ModelEntry::embedded()
    };
    assert!(RemoteModel::new(&good, None, Timeouts::default()).is_ok());
    for entry in [
        ModelEntry { model: " ".to_owned(), ..good.clone() },
        ModelEntry { base_url: "h.example".to_owned(), ..good.clone() },
        ModelEntry { base_url: "http://h.example/v1".to_owned(), ..good.clone() },
        ModelEntry { kind: ModelKind::Embedded, ..good },
    ] {
        let problem = RemoteModel::new(&entry, None, Timeouts::default()).unwrap_err();
        assert!(!problem.hint.is_empty() && problem.place.starts_with("embedded."));
    }
}
