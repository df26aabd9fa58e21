//! The program: parses arguments and chooses a face.

fn main() {}
