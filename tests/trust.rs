//! The promises about money and loss, kept or not: the real program against a provider that keeps
//! books.
//!
//! Small by default; `PREAMBLE_TRUST_ROUNDS=200` and `PREAMBLE_TRUST_ROWS=10000` are the sizes
//! that the promises name. `PREAMBLE_TRUST_SEED` chooses other points to kill at.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "the figures are what a long run is started for")]
#![allow(unreachable_pub, reason = "modules of one test binary")]
#![allow(dead_code, reason = "the provider can do more than each test asks")]
#![cfg(unix)]

#[path = "trust/bill.rs"]
mod bill;
mod faultd;
#[path = "trust/house.rs"]
mod house;
#[path = "trust/kills.rs"]
mod kills;
#[path = "trust/mix.rs"]
mod mix;
#[path = "trust/order.rs"]
mod order;
#[path = "trust/phases.rs"]
mod phases;
mod program;
#[path = "trust/secrets.rs"]
mod secrets;
#[path = "trust/signals.rs"]
mod signals;
#[path = "trust/stops.rs"]
mod stops;
