//! The menus of the menu bar.

/// A menu of the menu bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter, strum::Display)]
pub enum Menu {
    /// Projects and files.
    File,
    /// Documents.
    Edit,
    /// What is shown and how.
    View,
    /// What is begun and stopped.
    Run,
    /// The chain shown in Try: views of it, reactions to it.
    Chain,
    /// Labels that people give.
    Label,
    /// Help.
    Help,
}
