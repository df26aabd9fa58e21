//! The window: what a person sees and does.
//!
//! ```text
//! views ─▶ Outbox<Command> ─▶ update(&mut AppState, Message) ─▶ Effect ─▶ runner ─▶ engine, store
//!   ▲                            ▲                                          │
//!   └──── &AppState ◀────────────┴────────────── Event ◀────────────────────┘  + request_repaint
//! ```
//!
//! [`state`] is what the window knows, [`update()`] the only code that changes it (no I/O, no egui,
//! no clock), [`effects`] the only code that does anything outside it, and [`views`] draw. A
//! message never sends a message. [`menu_command`] lists what menus and shortcuts offer. Every colour
//! and size has a name in [`theme`]; [`widgets`] know no state.

#[cfg(test)]
mod access_tests;
pub mod command;
pub mod crash;
#[cfg(test)]
mod editor_tests;
pub mod effects;
pub mod frame_log;
pub mod fuzzy;
pub mod glossary;
pub mod history;
#[cfg(test)]
mod home_window_tests;
pub mod log;
pub mod menu_command;
pub mod message;
pub mod outbox;
pub mod place;
pub mod run;
pub mod shortcuts;
pub mod state;
pub mod theme;
pub mod update;
pub mod views;
pub mod widgets;
pub mod window;
#[cfg(test)]
mod window_tests;

pub use command::Command;
pub use effects::Effect;
pub use menu_command::MenuCommand;
pub use message::Message;
pub use outbox::Outbox;
pub use run::run;
pub use state::AppState;
pub use update::update;
