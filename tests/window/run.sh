#!/usr/bin/env bash
# The real window under Xvfb, by accessible names: journey.py (the newcomer), journeys.py (the
# others), runs.py (a run that costs money), judges.py (sixty labels by the keyboard alone), kill.py
# (killed while typing).
# Needs `cargo build --features inspection` before it, Xvfb and python3.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -n "${PREAMBLE_OFFLINE:-}" ]; then
  echo "SKIPPED: the window's journey needs the starter model (PREAMBLE_OFFLINE is set)"
  exit 0
fi
folder="$(mktemp -d)"
port=$((20000 + RANDOM % 20000))
display=":$((100 + RANDOM % 400))"
program="${CARGO_TARGET_DIR:-target}/debug/preamble"
finish() {
  kill "${window:-}" "${server:-}" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install msgpack==1.1.2
Xvfb "$display" -screen 0 1600x1000x24 >/dev/null 2>&1 &
server=$!
# As a user would fetch it, before the window is timed.
"$program" models fetch smollm2-135m
export DISPLAY="$display" XDG_DATA_HOME="$folder/data" XDG_CONFIG_HOME="$folder/config"
export PREAMBLE_CONFIG_DIR="$folder/preamble" PREAMBLE_NO_KEYCHAIN=1 LANG=C.UTF-8
EGUI_INSPECTION="127.0.0.1:$port" "$program" >"$folder/log" 2>&1 &
window=$!
for journey in journey journeys; do
  if ! "$folder/venv/bin/python" "tests/window/$journey.py" "$port" "$folder/data" "${1:-}"; then
    echo "the window's own words:"
    cat "$folder/log"
    exit 1
  fi
done
# A run against a provider that the script plays, in a project of its own.
"$folder/venv/bin/python" tests/window/runs.py "$program" "$folder/runs" "${1:-}"
# Labels, one key each.
"$folder/venv/bin/python" tests/window/judges.py "$program" "$folder/judges" "${1:-}"
# Killed while somebody types: what is lost, and whether it is offered again.
kill "$window" 2>/dev/null || true
wait "$window" 2>/dev/null || true
"$folder/venv/bin/python" tests/window/kill.py "$program" "$folder/kills" "${KILL_ROUNDS:-3}"
