//! The program's pure core and its dialects' parsers, compiled for fuzzing: the same source files,
//! without the shell (window, engine, store, network) around them.
#![allow(warnings, reason = "the sources are linted where they belong")]

#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/formats/mod.rs"]
pub mod formats;
#[path = "../../src/methods/mod.rs"]
pub mod methods;
pub mod providers;
