//! One connection: requests are read, and answered or failed.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::answers::{Dialect, Question};
use super::ledger::{Moment, Outcome};
use super::mix::{Fault, Mix, Told};
use super::{Policy, Settings, Shared};

/// How long a hanging request is held at most.
const LONGEST_HANG: Duration = Duration::from_mins(10);
/// How often it is looked whether the other side has gone.
const GLANCE: Duration = Duration::from_millis(20);

struct Request {
    path: String,
    key: String,
    body: Vec<u8>,
}

/// Whether the connection serves another request.
enum After {
    Keep,
    Close,
    Reset,
}

/// Serves a connection to its end.
pub(super) fn connection(stream: TcpStream, shared: &Shared) {
    stream.set_nodelay(true).ok();
    let Ok(copy) = stream.try_clone() else { return };
    let mut reader = BufReader::new(copy);
    let mut stream = stream;
    while let Ok(Some(request)) = read(&mut reader) {
        match one(&mut stream, &request, shared) {
            After::Keep => {}
            After::Close => return,
            After::Reset => {
                drop(reader);
                reset(stream);
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut request = Request { path: String::new(), key: String::new(), body: Vec::new() };
    let (mut length, mut line) = (0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let header = line.trim_end();
        if header.is_empty() {
            break;
        }
        if request.path.is_empty() {
            header.split(' ').nth(1).unwrap_or_default().clone_into(&mut request.path);
        }
        let (name, value) = header.split_once(':').unwrap_or((header, ""));
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" | "x-api-key" => value.trim().clone_into(&mut request.key),
            _ => {}
        }
    }
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body)?;
    Ok(Some(request))
}

fn one(stream: &mut TcpStream, request: &Request, shared: &Shared) -> After {
    let dialect = if request.path.ends_with("/messages") {
        Dialect::Anthropic
    } else if request.path.ends_with("/chat/completions") {
        Dialect::OpenAi
    } else {
        let (status, value) = match request.path.as_str() {
            "/ledger" => (200, shared.ledger().json()),
            _ => (404, json!({"error": {"message": "no such path"}})),
        };
        stream.write_all(&plain(status, &value, "connection: close\r\n")).ok();
        return After::Close;
    };
    let Some(mut question) = Question::read(dialect, &request.body) else {
        let value = json!({"error": {"message": "this is no question"}});
        return keep(stream.write_all(&plain(400, &value, "")));
    };
    let settings = shared.settings().clone();
    if settings.echo {
        question.echo = format!(" You sent {}.", request.key);
    }
    if settings.has_cache {
        question.kept = Some(shared.cache().find(&question));
    }
    let (entry, attempt, nth) = shared.note(|ledger| {
        let (entry, attempt) = ledger.open(&question.key, &question.uses(), question.bill());
        (entry, attempt, entry as u64)
    });
    let mut call = Call { stream, shared, settings: &settings, question: &question, entry };
    if let Some((status, value, headers)) = refusal(&call, request, nth) {
        return call.refuse(status, &value, &headers);
    }
    match settings.mix.draw(settings.seed, &question.key, attempt) {
        None => call.answer(),
        Some(fault) => {
            shared.note(|ledger| ledger.fault(entry, fault.name()));
            call.fail(fault, &settings.mix)
        }
    }
}

/// What the policy, the bucket or the broken prompt say, before any fault is drawn.
fn refusal(call: &Call<'_>, request: &Request, nth: u64) -> Option<(u16, Value, String)> {
    let settings = call.settings;
    let said = |kind: &str, message: String| json!({"type": "error", "error": {"type": kind, "code": kind, "message": message}});
    let policy = if nth >= settings.policy_after { settings.policy } else { Policy::Answer };
    match policy {
        Policy::Answer => {}
        Policy::Unauthorized => {
            let key = request.key.trim_start_matches("Bearer ");
            let message = format!("Incorrect API key provided: {key}.");
            let mut value = said("invalid_api_key", message);
            value["header"] = json!(format!("Authorization: Bearer {key}"));
            return Some((401, value, "www-authenticate: Bearer\r\n".to_owned()));
        }
        Policy::SpendCap => {
            let words = "You have reached your specified API usage limits.".to_owned();
            let value = json!({"type": "error",
                "error": {"type": "rate_limit_error", "message": words}});
            return Some((429, value, String::new()));
        }
        Policy::BadRequest => {
            let echo = if settings.echo { request.key.as_str() } else { "" };
            let words = format!("this model takes no such request {echo}");
            return Some((400, said("invalid_request_error", words), String::new()));
        }
    }
    if settings.broken.as_ref().is_some_and(|words| call.question.text.contains(words)) {
        let value = said("server_error", "list index out of range".to_owned());
        return Some((500, value, String::new()));
    }
    let wait = settings.bucket.and_then(|bucket| call.shared.take(bucket))?;
    let value = said("rate_limit_exceeded", "too many requests".to_owned());
    Some((429, value, format!("retry-after: {:.3}\r\n", wait.as_secs_f64())))
}

/// A request that is being answered.
struct Call<'a> {
    stream: &'a mut TcpStream,
    shared: &'a Shared,
    settings: &'a Settings,
    question: &'a Question,
    entry: usize,
}

impl Call<'_> {
    fn close(&self, outcome: Outcome) {
        self.shared.note(|ledger| ledger.close(self.entry, outcome));
    }

    fn refuse(&mut self, status: u16, value: &Value, headers: &str) -> After {
        // Some languages' JSON escapes slashes.
        let text = match self.entry % 2 {
            0 => value.to_string(),
            _ => value.to_string().replace('/', "\\/"),
        };
        let bytes = with_head(status, "application/json", headers, text.as_bytes());
        let written = self.stream.write_all(&bytes);
        self.close(Outcome::Free);
        keep(written)
    }

    /// Takes its time; false where the other side has gone meanwhile.
    fn think(&mut self) -> bool {
        let (least, most) = self.settings.delay;
        let part = (self.question.number() % 1000) as f64 / 1000.0;
        let delay = least + most.saturating_sub(least).mul_f64(part);
        delay.is_zero() || self.linger(delay)
    }

    /// Waits; false where the other side has gone meanwhile.
    fn linger(&mut self, span: Duration) -> bool {
        let until = Instant::now() + span;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            if self.has_gone(left.min(GLANCE)) {
                return false;
            }
        }
    }

    fn has_gone(&mut self, patience: Duration) -> bool {
        let patience = patience.max(Duration::from_millis(1));
        self.stream.set_read_timeout(Some(patience)).ok();
        let seen = self.stream.peek(&mut [0]);
        self.stream.set_read_timeout(None).ok();
        match seen {
            Ok(count) => count == 0,
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }

    fn answer(&mut self) -> After {
        let is_there = self.think();
        if self.settings.has_cache {
            self.shared.cache().keep(self.question);
        }
        let written = if is_there { self.both_halves() } else { Err(ErrorKind::BrokenPipe.into()) };
        self.close(if written.is_ok() { Outcome::Paid } else { Outcome::Lost });
        keep(written)
    }

    fn both_halves(&mut self) -> std::io::Result<()> {
        let bytes = self.bytes();
        let (first, second) = bytes.split_at(bytes.len() / 2);
        self.stream.write_all(first)?;
        self.shared.note(|ledger| ledger.reach(Moment::HalfSent));
        self.stream.write_all(second)
    }

    /// The whole answer with its head: streamed where that was asked for.
    fn bytes(&self) -> Vec<u8> {
        if !self.question.stream {
            let body = self.question.whole(self.settings.has_logprobs);
            return with_head(200, "application/json", "", &body);
        }
        let mut bytes = STREAM_HEAD.to_vec();
        for event in self.question.events() {
            bytes.extend(chunk(event.as_bytes()));
        }
        bytes.extend(b"0\r\n\r\n");
        bytes
    }

    fn fail(&mut self, fault: Fault, mix: &Mix) -> After {
        let error = |kind: &str| json!({"type": "error", "error": {"type": kind, "message": kind}});
        match fault {
            Fault::TooMany(told) => self.refuse(429, &error("rate_limit_error"), &wait(told, mix)),
            Fault::Broken => self.refuse(500, &error("api_error"), ""),
            Fault::Overloaded => self.refuse(529, &error("overloaded_error"), ""),
            Fault::Hang => {
                self.linger_until_gone();
                self.close(Outcome::Lost);
                After::Close
            }
            Fault::Truncated => self.truncated(),
            Fault::Garbage => {
                let body = b"{\"choices\": what was it again,, \x00\xff}";
                let written = self.stream.write_all(&with_head(200, "application/json", "", body));
                self.close(Outcome::Lost);
                keep(written)
            }
            Fault::Trickle => {
                self.trickle(mix.per_byte);
                self.close(Outcome::Lost);
                After::Close
            }
            Fault::ResetBefore => {
                self.close(Outcome::Free);
                After::Reset
            }
            Fault::ResetAfter => {
                let bytes = self.bytes();
                self.stream.write_all(&bytes[..bytes.len() / 2]).ok();
                // What is still unread when the reset comes is thrown away on the other side.
                self.linger(GLANCE * 2);
                self.close(Outcome::Lost);
                After::Reset
            }
            Fault::Html => {
                let page = b"<!DOCTYPE html><html><body><h1>Sign in to continue</h1></body></html>";
                let written = self.stream.write_all(&with_head(200, "text/html", "", page));
                self.close(Outcome::Lost);
                keep(written)
            }
            Fault::ErrorEvent => self.error_event(),
        }
    }

    fn linger_until_gone(&mut self) {
        let until = Instant::now() + LONGEST_HANG;
        while Instant::now() < until
            && !self.shared.is_over.load(Ordering::Relaxed)
            && !self.has_gone(GLANCE)
        {
            // It has waited while it looked.
            std::hint::spin_loop();
        }
    }

    /// Half of the events and a proper end of the body, or half of the bytes and none.
    fn truncated(&mut self) -> After {
        let bytes = if self.question.stream && self.question.number().is_multiple_of(2) {
            let events = self.question.events();
            let mut bytes = STREAM_HEAD.to_vec();
            for event in &events[..events.len() / 2] {
                bytes.extend(chunk(event.as_bytes()));
            }
            bytes.extend(b"0\r\n\r\n");
            bytes
        } else {
            let mut bytes = self.bytes();
            bytes.truncate(bytes.len() * 2 / 3);
            bytes
        };
        self.stream.write_all(&bytes).ok();
        self.close(Outcome::Lost);
        After::Close
    }

    fn trickle(&mut self, per_byte: Duration) {
        let bytes = self.bytes();
        // The head comes at once: what is slow is the answer.
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        if self.stream.write_all(&bytes[..head]).is_err() {
            return;
        }
        for byte in &bytes[head..] {
            if !self.linger(per_byte) || self.stream.write_all(&[*byte]).is_err() {
                return;
            }
        }
    }

    fn error_event(&mut self) -> After {
        let words = "Overloaded";
        let value = json!({"type": "error",
            "error": {"type": "overloaded_error", "message": words}});
        let bytes = if self.question.stream {
            let events = self.question.events();
            let mut bytes = STREAM_HEAD.to_vec();
            for event in &events[..events.len() / 2] {
                bytes.extend(chunk(event.as_bytes()));
            }
            bytes.extend(chunk(format!("event: error\ndata: {value}\n\n").as_bytes()));
            bytes.extend(b"0\r\n\r\n");
            bytes
        } else {
            plain(200, &value, "")
        };
        let written = self.stream.write_all(&bytes);
        self.close(Outcome::Free);
        keep(written)
    }
}

const STREAM_HEAD: &[u8] =
    b"HTTP/1.1 200 X\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend(bytes);
    chunk.extend(b"\r\n");
    chunk
}

fn with_head(status: u16, kind: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n{headers}\r\n"
    )
    .into_bytes();
    bytes.extend(body);
    bytes
}

fn plain(status: u16, value: &Value, headers: &str) -> Vec<u8> {
    with_head(status, "application/json", headers, value.to_string().as_bytes())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what a write gives")]
fn keep(written: std::io::Result<()>) -> After {
    if written.is_ok() { After::Keep } else { After::Close }
}

fn wait(told: Told, mix: &Mix) -> String {
    match told {
        Told::Seconds => format!("retry-after: {:.3}\r\n", mix.told.as_secs_f64()),
        Told::Milliseconds => format!("retry-after-ms: {}\r\n", mix.told.as_millis()),
        Told::Date => {
            let at: chrono::DateTime<chrono::Utc> = (SystemTime::now() + mix.told).into();
            format!("retry-after: {}\r\n", at.format("%a, %d %b %Y %H:%M:%S GMT"))
        }
        Told::Absent => String::new(),
    }
}

/// Ends a connection with a reset instead of an orderly end.
fn reset(stream: TcpStream) {
    use std::sync::LazyLock;
    static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
        tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap()
    });
    let _entered = RUNTIME.enter();
    stream.set_nonblocking(true).unwrap();
    // The standard library can't set it; what is dropped with it set is reset at once.
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().ok();
}
