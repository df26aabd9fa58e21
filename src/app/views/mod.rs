//! One file a screen. A view gets `&AppState`, what is its own, and an
//! [`Outbox`](super::outbox::Outbox); it changes nothing and writes no file.

pub mod export_sheet;
pub mod models;
pub mod try_view;
