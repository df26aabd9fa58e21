//! A server for tests that answers by script, faults included; loopback only.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::domain::{ModelEntry, ModelKind};

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(super) enum Script {
    /// Writes these bytes, one write each, and closes the connection.
    Send(Vec<Vec<u8>>),
    /// Writes these bytes and resets the connection.
    Reset(Vec<u8>),
    /// Writes these bytes and then nothing, with the connection open.
    Stall(Vec<u8>),
    /// Writes this line again and again, for as long as the client listens.
    Drip(Vec<u8>, Vec<u8>),
    /// Never answers.
    Hang,
}

impl Script {
    /// A whole JSON answer.
    pub(super) fn json(status: u16, body: &str) -> Self {
        Self::with_headers(status, "content-type: application/json\r\n", body)
    }

    /// A whole answer with headers of its own, each ended by CRLF.
    pub(super) fn with_headers(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Send(vec![
            format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}")
                .into_bytes(),
        ])
    }

    /// A stream of events that ends as its body does.
    pub(super) fn stream(pieces: &[&str]) -> Self {
        let head = SSE_HEAD.as_bytes().to_vec();
        Self::Send(
            std::iter::once(head).chain(pieces.iter().map(|p| p.as_bytes().to_vec())).collect(),
        )
    }
}

/// The head of a streamed answer.
pub(super) const SSE_HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Request line and headers.
    pub(super) head: String,
    /// The body.
    pub(super) body: String,
}

/// A server that runs until the test's runtime ends.
pub(super) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server that answers the n-th request by the n-th script, then by the last.
    pub(super) async fn start(scripts: Vec<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        drop(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(tokio::spawn(serve(stream, scripts.clone(), Arc::clone(&seen))));
            }
        }));
        Self { port, requests }
    }

    /// The port it listens on.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// A model's entry that leads to it.
    pub(super) fn entry(&self, kind: ModelKind, stream: bool) -> ModelEntry {
        ModelEntry {
            name: "test".to_owned(),
            kind,
            model: "some-model".to_owned(),
            base_url: format!("http://127.0.0.1:{}/v1", self.port),
            stream,
            ..ModelEntry::embedded()
        }
    }

    /// The requests that have come.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic").clone()
    }
}

async fn serve(mut stream: TcpStream, scripts: Vec<Script>, seen: Arc<Mutex<Vec<Request>>>) {
    let Some(request) = read_request(&mut stream).await else { return };
    let script = {
        let mut seen = seen.lock().expect("no panic");
        seen.push(request);
        scripts[(seen.len() - 1).min(scripts.len() - 1)].clone()
    };
    match script {
        Script::Send(pieces) => {
            for piece in pieces {
                stream.write_all(&piece).await.ok();
                stream.flush().await.ok();
                tokio::task::yield_now().await;
            }
            stream.shutdown().await.ok();
        }
        Script::Reset(bytes) => {
            stream.write_all(&bytes).await.ok();
            stream.flush().await.ok();
            // Unread bytes would make closing a reset by themselves; this makes it one always.
            stream.set_zero_linger().ok();
        }
        Script::Stall(bytes) => {
            stream.write_all(&bytes).await.ok();
            std::future::pending::<()>().await;
        }
        Script::Drip(head, line) => {
            stream.write_all(&head).await.ok();
            while stream.write_all(&line).await.is_ok() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
        Script::Hang => std::future::pending::<()>().await,
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, length)| length.parse().expect("a length"));
        if body.len() >= length {
            return Some(Request { head: head.to_owned(), body: body.to_owned() });
        }
    }
}
