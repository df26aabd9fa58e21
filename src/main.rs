//! The program: parses arguments and chooses a face.

fn main() -> anyhow::Result<()> {
    preamble::app::run(std::env::args_os().nth(1).map(std::path::PathBuf::from))
}
