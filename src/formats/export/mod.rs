//! Exports: rows as data sets that other programs train on.
//!
//! Each format is a unit struct in [`FORMATS`]. A format turns rows into records of flat, stable
//! columns and counts what it leaves out and why; [`write_dataset`] lays the records out as a
//! folder that `datasets.load_dataset` opens.
