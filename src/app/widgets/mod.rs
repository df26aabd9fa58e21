//! The window's widgets: they know tokens and egui, never the app's state.
//!
//! Each has a role and a name in the accessibility tree, works by keyboard alone, and shows the
//! focus ring. Screens are made of these; a colour or a size written in a screen belongs here or
//! in [`super::theme`].

pub mod button;
pub mod chip;
pub mod choice;
pub mod copy_menu;
pub mod diff;
pub mod field;
pub mod histogram;
pub mod layout;
pub mod list;
mod list_drag;
pub mod meter;
pub mod notice;
pub mod number;
pub mod pane;
pub mod path_field;
pub mod prose;
pub mod reliability;
pub mod spark;
pub mod table;
pub mod tags;
pub mod term;
pub mod weight;
pub mod whisker;

pub use button::Button;
pub use chip::{badge, chip};
pub use choice::{aligned_choice, aligned_label, choice, stepper};
pub use copy_menu::{CopyAs, copy_menu};
pub use diff::{clickable_diff, diff_view, shaded_view, side_view};
pub use field::Field;
pub use histogram::histogram;
pub use layout::{EmptyState, card, section, selectable_card};
pub use list::{List, Picked, RowState};
pub use meter::{Measure, meter};
pub use notice::{NoticeKind, announce, notice, problem_list, toast};
pub use path_field::{PathAsked, PathField};
pub use prose::{Prose, prose};
pub use reliability::{Point, reliability};
pub use spark::spark;
pub use table::{Column, Table};
pub use tags::tag_row;
pub use term::term;
pub use weight::WeightSlider;
pub use whisker::whisker;
