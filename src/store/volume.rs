//! What a folder lies on: how much room is left, and whether something else than this machine's
//! own disk keeps it.
//!
//! SQLite's log needs memory that all programs on the file share, which network drives don't give;
//! and a program that synchronises folders copies the journal and its log at different moments,
//! or puts an older copy back (sqlite.org/howtocorrupt.html).

use std::path::Path;

use super::StoreError;

/// Bytes under which a user is warned.
const LITTLE: u64 = 2 << 30;

/// Who else has a hand in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// A program that synchronises it, by name.
    Synced(&'static str),
    /// A network drive, by the kind of its file system.
    Network(String),
}

impl Keeper {
    /// What a user should know.
    pub fn warning(&self) -> String {
        match self {
            Self::Synced(name) => format!(
                "This folder is kept in step by {name}, which can damage the journal while it is \
                 written"
            ),
            Self::Network(kind) => format!(
                "This folder is on a network drive ({kind}), on which the journal can be damaged"
            ),
        }
    }

    /// What can be done about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Synced(_) => {
                "move the project to a folder that is not kept in step; for a copy to share, use \
                 `preamble journal copy`"
            }
            Self::Network(_) => {
                "move the project to this computer's own disk; for a copy to share, use \
                 `preamble journal copy`"
            }
        }
    }
}

/// Bytes that may still be written to the disk of a file or folder; `None` where the system does
/// not say.
pub fn free(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|folder| folder.exists())?;
    fs4::available_space(there).ok()
}

/// The bytes left on a folder's disk, where they are few (less than 2 GB).
pub fn little(folder: &Path) -> Option<u64> {
    free(folder).filter(|free| *free < LITTLE)
}

/// Whether there is room for what is about to be begun, with half of it to spare; where nobody
/// knows how much is free, there is.
///
/// # Errors
///
/// [`StoreError::NoRoom`].
pub fn room(path: &Path, free: Option<u64>, wanted: u64) -> Result<(), StoreError> {
    let Some(free) = free else { return Ok(()) };
    let needed = wanted.saturating_add(wanted / 2);
    if free < needed {
        return Err(StoreError::NoRoom { path: path.to_owned(), free, needed });
    }
    Ok(())
}

/// Who else has a hand in a folder; `None`: nobody that is known.
pub fn keeper(folder: &Path) -> Option<Keeper> {
    let full = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    if let Some(name) = synced(&full) {
        return Some(Keeper::Synced(name));
    }
    if is_unc(&full) {
        return Some(Keeper::Network("a shared folder".to_owned()));
    }
    // Only Linux has it; elsewhere network drives are known by their name alone.
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    let kind = kind_of(&mounts, &full)?;
    is_network(kind).then(|| Keeper::Network(kind.to_owned()))
}

/// Who synchronises a folder, by the names that such programs give their folders.
fn synced(full: &Path) -> Option<&'static str> {
    full.components().find_map(|part| {
        let part = part.as_os_str().to_str()?.to_lowercase();
        let begins = |name: &str| part == name || part.starts_with(&format!("{name} "));
        if begins("onedrive") || part.starts_with("onedrive-") {
            Some("OneDrive")
        } else if begins("dropbox") {
            Some("Dropbox")
        } else if part == "mobile documents" || begins("icloud drive") || part == "iclouddrive" {
            Some("iCloud Drive")
        } else if begins("google drive") || part.starts_with("googledrive") || part == "my drive" {
            Some("Google Drive")
        } else {
            None
        }
    })
}

/// Whether a path names another machine, as Windows writes it.
fn is_unc(full: &Path) -> bool {
    let text = full.to_string_lossy();
    let rest = text.strip_prefix(r"\\?\UNC\").or_else(|| text.strip_prefix(r"\\"));
    rest.is_some_and(|rest| !rest.starts_with(['?', '.']))
}

fn is_network(kind: &str) -> bool {
    ["nfs", "cifs", "smb", "afs", "9p", "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "ncpfs"]
        .iter()
        .any(|name| kind.starts_with(name))
        || kind == "ceph"
}

/// The kind of the file system that a folder is on, from Linux's list of mounts
/// (proc_pid_mountinfo(5)).
fn kind_of<'a>(mounts: &'a str, full: &Path) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let (mount, about) = line.split_once(" - ")?;
        let place = unescaped(mount.split(' ').nth(4)?);
        full.starts_with(&place).then_some((place.len(), about.split(' ').next()?))
    });
    // The last of equally long ones covers those before.
    mounts.max_by_key(|(length, _)| *length).map(|(_, kind)| kind)
}

/// A path in which blanks are written as `\040`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..3).and_then(|code| u8::from_str_radix(code, 8).ok());
        if let Some(code) = code {
            out.push(char::from(code));
            out.push_str(&part[3..]);
        } else {
            out.push('\\');
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_are_synced_are_known_by_their_names() {
        for (path, name) in [
            ("/home/u/OneDrive/p", Some("OneDrive")),
            ("/Users/u/OneDrive - Company/p", Some("OneDrive")),
            ("/Users/u/Library/CloudStorage/OneDrive-Personal/p", Some("OneDrive")),
            ("/home/u/Dropbox/p", Some("Dropbox")),
            ("/home/u/Dropbox (Company)/p", Some("Dropbox")),
            ("/Users/u/Library/Mobile Documents/com~apple~CloudDocs/p", Some("iCloud Drive")),
            ("/Users/u/Library/CloudStorage/GoogleDrive-u@example.com/p", Some("Google Drive")),
            ("/home/u/Google Drive/p", Some("Google Drive")),
            ("/home/u/dropboxes/p", None),
            ("/home/u/projects/p", None),
        ] {
            assert_eq!(synced(Path::new(path)), name, "{path}");
        }
    }

    #[test]
    fn shared_folders_of_windows_are_known_by_their_slashes() {
        for (path, is) in [
            (r"\\server\share\p", true),
            (r"\\?\UNC\server\share\p", true),
            (r"\\?\C:\Users\u", false),
            (r"C:\Users\u", false),
            ("/home/u", false),
        ] {
            assert_eq!(is_unc(Path::new(path)), is, "{path}");
        }
    }

    #[test]
    fn the_innermost_mount_says_what_a_folder_is_on() {
        let mounts = "\
            22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
            40 22 0:35 / /mnt/team\\040files rw - nfs4 server:/x rw,vers=4.2\n\
            41 40 8:2 / /mnt/team\\040files/own rw - xfs /dev/sdb1 rw\n\
            42 22 0:36 / /mnt/win rw - cifs //server/share rw\n";
        for (path, kind, is) in [
            ("/home/u/p", "ext4", false),
            ("/mnt/team files/p", "nfs4", true),
            ("/mnt/team files/own/p", "xfs", false),
            ("/mnt/team", "ext4", false),
            ("/mnt/win/p", "cifs", true),
        ] {
            assert_eq!(kind_of(mounts, Path::new(path)), Some(kind), "{path}");
            assert_eq!(is_network(kind), is, "{kind}");
        }
    }

    #[test]
    fn a_run_begins_only_where_half_as_much_again_is_free() {
        let path = Path::new("/p/journal.sqlite");
        let (mb, gb) = (1 << 20, 1 << 30);
        assert!(room(path, Some(10 * gb), gb).is_ok());
        assert!(room(path, Some(gb), 100 * mb).is_ok());
        assert!(room(path, None, gb).is_ok(), "nobody knows");
        let error = room(path, Some(140 * mb), 100 * mb).unwrap_err();
        assert!(error.to_string().contains("140 MB free"), "{error}");
        assert!(error.to_string().contains("150 MB"), "{error}");
        assert!(room(path, Some(u64::MAX), u64::MAX).is_ok());
    }

    #[test]
    fn this_disk_has_some_room() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free(folder.path()).is_some_and(|free| free > 0));
        assert!(free(&folder.path().join("not/there/yet")).is_some());
    }
}
