//! BYTES: documents, prompt sets, imports and exports, over `io::Read`, `io::Write` and bytes.
//!
//! Nothing here opens a file, asks a model or knows a clock. All input is untrusted: sizes are
//! capped, recursion limits stay on, and garbage gets a refusal that says what is wrong.
//! [`document`], [`prompts`] and [`labels`] are Preamble's own files; [`import`] and [`export`] are registries
//! with one unit struct a format.

pub mod document;
pub mod export;
pub mod import;
pub mod labels;
pub mod markdown;
pub mod prompts;
pub mod ron_text;

mod lenient;
