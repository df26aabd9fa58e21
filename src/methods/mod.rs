//! HOW: one file per method, its paper cited on top.
//!
//! A method is a plain async function over [`Ask`]. It knows no tokio, HTTP, file, clock or
//! screen; its only randomness is a ChaCha generator seeded from run seed, prompt id and step.

pub mod ask;
pub mod diff;

pub use ask::Ask;
