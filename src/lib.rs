//! Preamble: a native studio for constitutions and rubrics of language models.
//!
//! ```text
//! Prompt ─▶ methods ⇄ engine(journal, limiter, retry) ⇄ provider
//!               │
//!              Row ─▶ store ─▶ formats::export ─▶ files
//!               └────▶ app / cli
//! ```
//!
//! The pure core ([`domain`], [`methods`], [`stats`], [`formats`]) knows no I/O, clock or entropy;
//! the shell ([`providers`], [`store`], [`engine`]) does; the faces ([`app`], [`cli`]) may use
//! everything and never each other. `ARCHITECTURE.md` has the map, `tests/architecture.rs` keeps it
//! true.

pub mod app;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod formats;
pub mod methods;
pub mod providers;
pub mod stats;
pub mod store;
