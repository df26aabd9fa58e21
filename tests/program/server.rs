//! A model server on this machine that answers at once, in both dialects.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What the server does.
#[derive(Clone, Copy)]
pub struct Manner {
    /// Whether choices come with log-probabilities.
    pub has_logprobs: bool,
    /// What a choice is answered with.
    pub verdict: &'static str,
    /// How long each answer takes.
    pub delay: Duration,
    /// Another status than 200, with a body that repeats the key.
    pub refuses: Option<u16>,
}

impl Default for Manner {
    fn default() -> Self {
        Self { has_logprobs: true, verdict: "A", delay: Duration::ZERO, refuses: None }
    }
}

/// A model server on this machine, in both dialects.
pub struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<Value>>>::default();
        let log = Arc::clone(&requests);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                let one = move || drop(answer(stream, manner, &log));
                std::thread::Builder::new().name("answer".to_owned()).spawn(one).unwrap();
            }
        };
        std::thread::Builder::new().name("server".to_owned()).spawn(serve).unwrap();
        Self { port, requests }
    }

    pub fn openai(&self) -> String {
        format!("openai:m@http://127.0.0.1:{}/v1", self.port)
    }

    pub fn anthropic(&self) -> String {
        format!("anthropic:m@http://127.0.0.1:{}", self.port)
    }

    /// How many requests came.
    pub fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    /// How many of them were not asked before.
    pub fn distinct(&self) -> usize {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(ToString::to_string).collect::<BTreeSet<_>>().len()
    }

    /// Forgets what came.
    pub fn forget(&self) {
        self.requests.lock().unwrap().clear();
    }
}

fn answer(stream: TcpStream, manner: Manner, log: &Mutex<Vec<Value>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut path, mut length, mut key, mut line) =
        (String::new(), 0, String::new(), String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if path.is_empty() {
            header.split(' ').nth(1).unwrap_or_default().clone_into(&mut path);
        }
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" | "x-api-key" => value.trim().clone_into(&mut key),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    log.lock().unwrap().push(request.clone());
    std::thread::sleep(manner.delay);
    let (status, value) = match manner.refuses {
        Some(status) => (status, json!({"error": {"message": format!("the key {key} is bad")}})),
        None if path.ends_with("/messages") => (200, anthropic(&request, manner)),
        None => (200, openai(&request, manner)),
    };
    let body = value.to_string();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )?;
    stream.flush()
}

/// A text that depends on the whole question, so that equal questions get equal answers.
fn text_for(request: &Value, manner: Manner) -> String {
    let asked = request["messages"].to_string();
    if request["logprobs"] == true || asked.contains("Answer with one") {
        return match prefers_first(request) {
            Some(is_first) if manner.verdict == "A" => if is_first { "A" } else { "B" }.to_owned(),
            _ => manner.verdict.to_owned(),
        };
    }
    let mut sum = 0_u64;
    for byte in request.to_string().bytes() {
        sum = sum.wrapping_mul(31).wrapping_add(u64::from(byte));
    }
    format!("This answer could say more about its reasons ({sum:016x}).")
}

/// Whether the better of two of this server's own answers is shown first: the one whose number is
/// larger.
fn prefers_first(request: &Value) -> Option<bool> {
    let asked = request["messages"].as_array()?.last()?["content"].as_str()?.to_owned();
    let mut numbers = asked.split("its reasons (").skip(1).map(|rest| rest[..16].to_owned());
    Some(numbers.next()? > numbers.next()?)
}

fn openai(request: &Value, manner: Manner) -> Value {
    let text = text_for(request, manner);
    let mut choice = json!({
        "index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}
    });
    if manner.has_logprobs && request["logprobs"] == true {
        let first = match prefers_first(request) {
            Some(true) => 0.64,
            Some(false) => 0.32,
            None => 0.6_f64,
        };
        let top: Vec<Value> = [("A", first), ("B", 0.8 - first), ("4", 0.15), ("2", 0.05)]
            .iter()
            .map(|(token, p)| json!({"token": token, "logprob": p.ln()}))
            .collect();
        choice["logprobs"] = json!({"content": [{
            "token": manner.verdict, "logprob": -0.5, "top_logprobs": top,
        }]});
    }
    json!({
        "id": "x", "object": "chat.completion", "model": "m", "choices": [choice],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    })
}

fn anthropic(request: &Value, manner: Manner) -> Value {
    // This dialect has no seed: the same question gets another answer each time.
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let mut request = request.clone();
    request["nth"] = json!(ASKED.fetch_add(1, Ordering::Relaxed));
    json!({
        "id": "x", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": text_for(&request, manner)}],
        "stop_reason": "end_turn", "usage": {"input_tokens": 10, "output_tokens": 5},
    })
}
