//! Golden requests and hostile answers of the Messages dialect.

use proptest::prelude::*;

use super::*;
use crate::domain::{Answer, Message, ModelRole, PromptId, Purpose, Sampling, Usage};
use crate::providers::wire::Habits;

fn call(messages: Vec<Message>, sampling: Sampling, want: Want) -> Call {
    Call {
        purpose: Purpose::Probe,
        prompt: PromptId::new("p"),
        role: ModelRole::Writer,
        messages,
        sampling,
        want,
        sample: 0,
    }
}

fn body(call: &Call, stream: bool) -> String {
    let target = Target { model: "c".to_owned(), stream, habits: Habits::default() };
    String::from_utf8(request(call, &target, CacheMarks::default())).unwrap()
}

#[test]
fn a_mark_makes_its_text_a_list_of_one_block_and_changes_nothing_else() {
    let talk = vec![
        Message::user("a"),
        Message::system("One."),
        Message::user("b"),
        Message::assistant(""),
        Message::user("c"),
    ];
    let call = call(talk, Sampling { temperature: 1.0, ..Sampling::default() }, Want::Text);
    let target = Target { model: "c".to_owned(), stream: true, habits: Habits::default() };
    let marked = |blocks: &[u16]| {
        let mut marks = CacheMarks::default();
        for block in blocks {
            marks.put(*block);
        }
        String::from_utf8(request(&call, &target, marks)).unwrap()
    };
    let all: Vec<_> =
        blocks(&call).into_iter().map(|(role, text)| format!("{role}:{text}")).collect();
    assert_eq!(all, ["system:One.", "user:a\n\nb", "assistant:", "user:c"]);
    assert!(!marked(&[]).contains("cache_control"));
    let made: Value = serde_json::from_str(&marked(&[0, 1, 2])).unwrap();
    let mark = json!({"type": "ephemeral"});
    assert_eq!(made["system"], json!([{"type": "text", "text": "One.", "cache_control": mark}]));
    let first = json!([{"type": "text", "text": "a\n\nb", "cache_control": mark}]);
    assert_eq!(made["messages"][0], json!({"role": "user", "content": first}));
    // An empty block may have no mark.
    assert_eq!(made["messages"][1], json!({"role": "assistant", "content": ""}));
    assert_eq!(made["messages"][2], json!({"role": "user", "content": "c"}));
    // Without the marks it is the very request.
    let mut bare = made.clone();
    bare["system"] = json!("One.");
    bare["messages"][0]["content"] = json!("a\n\nb");
    assert_eq!(bare, serde_json::from_str::<Value>(&marked(&[])).unwrap());
}

#[test]
fn golden_requests() {
    let talk = vec![
        Message::system("One."),
        Message::user("a"),
        Message::user("b"),
        Message::system("Two."),
        Message::assistant("c"),
        Message::new(Speaker::Tool, "d"),
        Message::user("e"),
    ];
    let sampling = Sampling {
        frequency_penalty: 0.0,
        temperature: 0.7,
        top_p: 0.95,
        max_tokens: 128,
        stop: vec!["\n\n".to_owned(), "END".to_owned()],
        seed: Some(7),
    };
    let made = body(&call(talk, sampling.clone(), Want::Text), true);
    assert_eq!(
        made,
        r#"{"model":"c","max_tokens":128,"system":"One.\n\nTwo.","messages":[{"role":"user","content":"a\n\nb"},{"role":"assistant","content":"c"},{"role":"user","content":"d\n\ne"}],"temperature":0.7,"stop_sequences":["END"],"stream":true}"#
    );
    let warm = Sampling { temperature: 1.0, stop: Vec::new(), max_tokens: 0, ..sampling };
    let letters = Want::Choice(vec![Answer::letter("A"), Answer::letter("B")]);
    let made = body(&call(vec![Message::user("a")], warm.clone(), letters), true);
    assert_eq!(
        made,
        r#"{"model":"c","max_tokens":1,"messages":[{"role":"user","content":"a"}],"top_p":0.95,"stream":false}"#
    );
    let plain = Sampling { top_p: 1.0, ..warm };
    let made = body(&call(vec![Message::user("a")], plain, Want::Text), false);
    assert_eq!(
        made,
        r#"{"model":"c","max_tokens":1,"messages":[{"role":"user","content":"a"}],"stream":false}"#
    );
}

#[test]
fn cuts_at_stops_that_the_service_refuses() {
    let sampling = Sampling { stop: vec!["\n\n".to_owned()], ..Sampling::default() };
    let call = call(vec![Message::user("a")], sampling, Want::Text);
    let mut reply =
        read(br#"{"content":[{"type":"text","text":"one\n\ntwo"}],"stop_reason":"max_tokens"}"#)
            .unwrap();
    assert_eq!(reply.finish, Finish::Length);
    cut_at_blank_stop(&mut reply, &call);
    assert_eq!((reply.text.as_str(), reply.finish), ("one", Finish::Stop));
}

#[test]
fn reads_answers() {
    let reply = read(
        br#"{"id":"msg","type":"message","role":"assistant","model":"c-1","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},{"type":"tool_use","id":"t"},{"type":"text","text":"b"}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":"4","cache_creation_input_tokens":5,"cache_read_input_tokens":20}}"#,
    )
    .unwrap();
    assert_eq!(
        reply,
        Reply {
            text: "ab".to_owned(),
            reasoning: Some("hm".to_owned()),
            finish: Finish::Stop,
            usage: Usage {
                prompt_tokens: 35,
                cached_tokens: 20,
                cache_write_tokens: 5,
                completion_tokens: 4,
                ..Usage::default()
            },
            choice: None,
            model: "c-1".to_owned(),
            marks: Vec::new(),
        }
    );
    for (reason, finish) in [
        ("\"max_tokens\"", Finish::Length),
        ("\"model_context_window_exceeded\"", Finish::Length),
        ("\"refusal\"", Finish::Filtered),
        ("\"pause_turn\"", Finish::Other),
        ("null", Finish::Other),
    ] {
        let body = format!(r#"{{"content":[],"stop_reason":{reason}}}"#);
        assert_eq!(read(body.as_bytes()).unwrap().finish, finish);
    }
}

#[test]
fn names_what_is_no_answer() {
    assert!(matches!(read(b""), Err(Unread::Garbled(_))));
    assert!(matches!(read(b"{}"), Err(Unread::Garbled(_))));
    assert!(matches!(read(b"<html>"), Err(Unread::Garbled(_))));
    assert!(matches!(read(br#"{"content":[{"type":"te"#), Err(Unread::Truncated(_))));
    let body = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    assert!(matches!(read(body), Err(Unread::Refused(refusal)) if refusal.status == 529));
}

fn stream(events: &[&str]) -> (String, Result<Reply, Unread>) {
    let mut reader = StreamReader::default();
    let mut text = String::new();
    for data in events {
        let event = Event { name: String::new(), data: (*data).to_owned() };
        match reader.event(&event) {
            Ok(piece) => text.push_str(&piece),
            Err(unread) => return (text, Err(unread)),
        }
    }
    (text, reader.finish())
}

#[test]
fn reads_streams() {
    const START: &str = r#"{"type":"message_start","message":{"model":"c-1","content":[],"stop_reason":null,"usage":{"input_tokens":9,"cache_read_input_tokens":1,"output_tokens":1}}}"#;
    const BLOCK: &str =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    const PING: &str = r#"{"type":"ping"}"#;
    const NEW: &str = r#"{"type":"something_new","delta":{"type":"text_delta","text":"no"}}"#;
    const HI: &str =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#;
    const HM: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#;
    const END: &str = r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7}}"#;
    const STOP: &str = r#"{"type":"message_stop"}"#;
    let (text, reply) = stream(&[START, BLOCK, PING, NEW, HM, HI, HI, END, STOP]);
    let reply = reply.unwrap();
    assert_eq!((text.as_str(), reply.text.as_str()), ("HiHi", "HiHi"));
    assert_eq!(reply.reasoning.as_deref(), Some("hm"));
    assert_eq!((reply.finish, reply.model.as_str()), (Finish::Stop, "c-1"));
    let expected =
        Usage { prompt_tokens: 10, cached_tokens: 1, completion_tokens: 7, ..Usage::default() };
    assert_eq!(reply.usage, expected);

    assert!(matches!(stream(&[START, BLOCK, HI]).1, Err(Unread::Truncated(_))));
    assert!(matches!(stream(&[START, "{\"type\":"]).1, Err(Unread::Garbled(_))));
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let (text, failed) = stream(&[START, HI, error]);
    assert_eq!(text, "Hi");
    assert!(matches!(failed, Err(Unread::Refused(refusal)) if refusal.status == 529));
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(read(&bytes));
        let data = String::from_utf8_lossy(&bytes).into_owned();
        drop(StreamReader::default().event(&Event { name: String::new(), data }));
    }

    #[test]
    fn events_with_a_broken_part_never_panic(
        kind in "message_start|content_block_start|content_block_delta|message_delta|message_stop|x",
        field in "message|delta|content_block|usage|content",
        value in "null|\\[\\]|\\{\\}|-1|\"x\"|\\{\"type\":\"text\"\\}|\\[\\{\"type\":7\\}\\]",
    ) {
        let data = format!(r#"{{"type":"{kind}","{field}":{value}}}"#);
        drop(read(data.as_bytes()));
        drop(StreamReader::default().event(&Event { name: String::new(), data }));
    }
}
