//! How far a judge agrees with people, and people with each other.
//!
//! Labels are numbers of categories, 0..k, in the scale's order where it has one. Every statistic
//! takes any number of items of which it can be computed; [`report::judge_agreement`] puts the
//! least number of items before it. Start there.

pub mod alt_test;
pub mod cohen;
pub mod dawid_skene;
pub mod fleiss;
pub mod gwet;
pub mod krippendorff;
pub mod people;
pub mod ratings;
pub mod report;
pub mod scores;

#[cfg(test)]
mod people_tests;
#[cfg(test)]
mod tests;

pub use alt_test::{AltTest, EPSILON, Rival, alt_test};
pub use cohen::{Table, TwoRaters, Weights, cohen_kappa, constant_guess, pabak, raw_agreement};
pub use dawid_skene::{DawidSkene, dawid_skene};
pub use fleiss::fleiss_kappa;
pub use gwet::{Gwet, gwet};
pub use krippendorff::{Level, krippendorff_alpha};
pub use people::{Among, Repeats, among, ceiling, consensus, repeats, stability};
pub use ratings::Ratings;
pub use report::{Group, JudgeAgreement, Scale, by_group, judge_agreement, kappa_difference};
pub use scores::{Correlation, correlation, mean_absolute_error};
