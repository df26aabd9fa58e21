//! How the lists of principles and criteria are looked at: no document changes.

use super::data::CopyAs;
use crate::app::state::lists::Sort;
use crate::domain::{CriterionId, PrincipleId};

/// Filter, sort, fold and pick in the list of the area shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListsCommand {
    /// Show only principles with this text.
    FilterPrinciples(String),
    /// Show only criteria with this text.
    FilterCriteria(String),
    /// Show principles in this order.
    Sort(Sort),
    /// Fold or unfold a group of principles.
    Fold(String, bool),
    /// Fold or unfold all groups.
    FoldAll(bool),
    /// Copy what is chosen as text; all of it where nothing is.
    Copy(CopyAs),
    /// Pick several principles; the last one is shown.
    PickPrinciples(Vec<PrincipleId>),
    /// Pick several criteria; the last one is shown.
    PickCriteria(Vec<CriterionId>),
}
