#!/usr/bin/env bash
# Records the journal that the sample project begins with, by really running the starter model on
# the sample's documents: chains with rewards, preference pairs, and a comparison.
#   bash assets/sample/record.sh
# Run it again whenever the sample's documents, recipes or templates change: a test says when.
# Needs sqlite3 and zstd. Takes some minutes; nothing is asked of any model but the starter.
set -euo pipefail
cd "$(dirname "$0")/../.."
program="${PREAMBLE:-}"
if [ -z "$program" ]; then
  cargo build --locked --release --quiet
  program="${CARGO_TARGET_DIR:-target}/release/preamble"
fi
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
project="$folder/sample"
"$program" models fetch smollm2-135m
"$program" init "$project" >/dev/null
"$program" run "$project" --recipe chain+score
"$program" run "$project" --recipe preference --limit 8
"$program" compare "$project" --a first-look --b teaching-tiny --prompts sample
# One file without a log beside it, as small as it gets.
sqlite3 "$project/journal.sqlite" 'PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE; VACUUM;'
zstd -19 --quiet --force "$project/journal.sqlite" -o assets/sample/journal.sqlite.zst
ls -l assets/sample/journal.sqlite.zst
