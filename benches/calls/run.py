#!/usr/bin/env python3
"""Measures how Preamble makes calls, beside other programs, on one machine in the same minutes.

The workload, the mock server and the other programs come from a harness folder beside this
repository (`../shared/bench`, or PREAMBLE_BENCH), which is only read. Nothing of its texts is kept
here: constitution, prompts and templates of the project are made from its own strings at each run,
and the digest of the rows says whether the same conversations were held.

    python3 benches/calls/run.py --mock MOCKLLM --preamble target/release/preamble
    python3 benches/calls/run.py … --only a,b --peers asyncio,curator --repeat 1

Measurements: a: no latency; b: 200 ms, 64 slots; l: lognormal, median 200 ms, sigma 0.8, with 500
and with 2,000 prompts; d: 5 % failures and a limit of 60 requests a second. Prints a Markdown table.
Other programs need BENCH_VENVS (a scratch folder for their virtual environments).
"""

import argparse
import json
import math
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
BENCH = pathlib.Path(os.environ.get("PREAMBLE_BENCH") or HERE.parents[1].parent / "shared/bench")
SLOTS = 64
# The digests that the harness's README gives.
KNOWN = {500: "584b5cd3b339/41401c95e019"}


class Setting:
    """One measurement: how the server behaves, how many prompts, and the least time it could take."""

    def __init__(self, name, title, n, options, service=0.0, rate=0.0, fails=0.0, burst=0):
        self.name, self.title, self.n, self.options = name, title, n, options
        self.service, self.rate, self.fails, self.burst = service, rate, fails, burst

    def ideal(self, calls):
        if self.rate:
            # What failed is asked again, which the limit counts as well.
            return (calls / (1 - self.fails) - self.burst) / self.rate
        return calls * self.service / SLOTS or None


# The mean of a lognormal: its median times exp(sigma² / 2).
LONG_TAIL = 0.2 * math.exp(0.8**2 / 2)
SETTINGS = [
    Setting("a", "no latency", 500, ""),
    Setting("b", "200 ms", 500, "--latency-ms 200", service=0.2),
    Setting("l", "lognormal 200 ms, σ 0.8", 500, "--latency-ms lognormal:200:0.8", service=LONG_TAIL),
    Setting("L", "the same, 2,000 prompts", 2000, "--latency-ms lognormal:200:0.8", service=LONG_TAIL),
    Setting(
        "d",
        "50 ms, 5 % fail, 60 requests/s",
        200,
        "--latency-ms 50 --fail-rate 0.05 --rate-limit 60 --burst 10",
        rate=60,
        fails=0.05,
        burst=10,
    ),
]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mock", required=True, help="the mock server's binary")
    parser.add_argument("--preamble", default=str(HERE.parents[1] / "target/release/preamble"))
    parser.add_argument("--only", default="a,b,l,L,d", help="measurements, of a,b,l,L,d")
    parser.add_argument("--peers", default="asyncio,asyncio:aiohttp" if os.environ.get("BENCH_VENVS") else "",
                        help="other programs of the harness, comma between; empty: none")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each; the table has medians")
    parser.add_argument("--n", type=int, help="another number of prompts for all")
    parser.add_argument("--boost", type=int, default=0, help="passed on to the harness")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one run")
    parser.add_argument("--log", help="appends one JSON line a run to this file")
    return parser.parse_args()


def templates(cai):
    """The project's templates, from the messages that the workload's functions make of marks."""
    marks = {
        "\x01prompt\x02": "conversation",
        "\x01now\x02": "response",
        "\x01critique\x02": "critique",
        "\x01a\x02": "response_a",
        "\x01b\x02": "response_b",
    }
    prompt, now, critique, a, b = marks
    principle = {"critique": "\x01ask critic\x02", "revision": "\x01ask reviser\x02"}

    def source(messages, asks):
        parts = []
        for message in messages:
            if message == {"role": "user", "content": prompt}:
                parts.append("--- conversation ---")
                continue
            text = message["content"]
            for mark, variable in {**marks, **asks}.items():
                text = text.replace(mark, "{{ " + variable + " }}")
            if "\x01" in text or "---" in text:
                sys.exit("the workload's texts have changed: a template can't be made of them")
            parts.append(f"--- {message['role']} ---\n{text}")
        return "\n".join(parts) + "\n"

    return {
        "critique": source(
            cai.critique_msgs(prompt, now, principle), {principle["critique"]: "request"}
        ),
        "revision": source(
            cai.revision_msgs(prompt, now, principle, critique),
            {principle["critique"]: "critique_request", principle["revision"]: "request"},
        ),
        "judge_pairwise": source(cai.judge_msgs(prompt, a, b), {}),
    }


def prepare(cai, folder):
    """Makes the project; returns its folder, in which only the server's address is missing."""
    project = folder / "project"
    shutil.copytree(HERE / "project", project)
    file = project / "preamble.ron"
    text = file.read_text()
    for mark, name in (("POLICY", cai.POLICY), ("FIRST", cai.CAND1), ("SECOND", cai.CAND2), ("JUDGE", cai.JUDGE)):
        text = text.replace(f"@{mark}@", name)
    file.write_text(text)
    for name, source in templates(cai).items():
        path = project / "templates" / f"{name}.j2"
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")
    quoted = lambda text: json.dumps(text, ensure_ascii=False)
    principles = "".join(
        f"        (id: {quoted(one['id'])}, text: {quoted(one['critique'])}, "
        f"critique_request: {quoted(one['critique'])}, revision_request: {quoted(one['revision'])}),\n"
        for one in cai.PRINCIPLES
    )
    path = project / "constitutions" / "workload.ron"
    path.parent.mkdir()
    path.write_text(f"(\n    format: 1,\n    name: \"Workload\",\n    principles: [\n{principles}    ],\n)\n", encoding="utf-8")
    path = project / "prompts" / "workload.jsonl"
    path.parent.mkdir()
    with path.open("w", encoding="utf-8") as out:
        for one in cai.prompts(1 << 30):
            named = [principle["id"] for principle in cai.principles_for(one["id"])]
            line = {"id": one["id"], "prompt": one["prompt"], "principles": named}
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
    return project


def wrapper(project, preamble, folder):
    """What the harness runs and measures: a copy of the project, the run, the rows as it wants them."""
    path = folder / "measured.sh"
    words = [shlex.quote(str(word)) for word in (project, preamble, HERE / "rows.py")]
    path.write_text(
        """#!/bin/sh
# measured.sh URL PROMPTS CONCURRENCY OUT
set -e
cp -r PROJECT "$4/project"
sed "s|@URL@|$1|" PROJECT/preamble.ron > "$4/project/preamble.ron"
PREAMBLE run "$4/project" --recipe workload --limit "$2" --concurrency "$3" \\
  --drop-band 0 --no-derived-pairs \\
  --export "trl-sft=$4/trl-sft.jsonl" --export "trl-preference=$4/trl-preference.jsonl"
exec python3 -S -E ROWS "$4"
""".replace("PROJECT", words[0]).replace("PREAMBLE", words[1]).replace("ROWS", words[2])
    )
    path.chmod(0o755)
    return path


def measured(options, setting, who, command, log):
    """The harness's figures of one run."""
    start = log.stat().st_size if log.exists() else 0
    words = [sys.executable, str(BENCH / "harness.py"), "--mock", options.mock, "--n", str(setting.n),
             "--concurrency", str(SLOTS), "--repeat", "1", "--label", setting.name, "--log", str(log),
             "--timeout", str(options.timeout), "--boost", str(options.boost), "--quiet",
             "--opts=" + setting.options]
    words += ["--cmd", command] if command else ["--peer", who]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    lines = log.read_text()[start:].splitlines() if log.exists() else []
    if not lines:
        sys.exit(f"{who}, {setting.name}: the harness failed\n{done.stdout}{done.stderr}")
    figures = json.loads(lines[-1])
    if figures["rc"]:
        print(f"{who}, {setting.name}: ended with {figures['rc']}\n{done.stderr}", file=sys.stderr)
    return figures


def warm_up(peers):
    """Makes the other programs' environments, so that no measurement has to."""
    for peer in peers:
        script = BENCH / "peers" / peer.partition(":")[0] / "run.sh"
        subprocess.run([str(script), "--help"], capture_output=True, check=False)


def row(setting, who, runs, digest):
    """A line of the table, with the medians."""
    middle = lambda of: statistics.median(of(run) for run in runs)
    calls, span = middle(lambda run: run["calls_ok"]), middle(lambda run: run["span_s"])
    requests = middle(lambda run: run["server"]["requests"])
    refused = middle(lambda run: run["server"]["status"].get("429", 0))
    # Who gave rows up was done early.
    is_whole = all(run["sft"] == run["pref"] == setting.n for run in runs)
    ideal = setting.ideal(setting.n * 9) if is_whole else None
    rows = f"{runs[-1]['sft']}/{runs[-1]['pref']}"
    same = {run["digest"] for run in runs} == {digest} if digest else None
    occupancy = middle(lambda run: run["server"]["slot_occupancy"])
    return [
        setting.title, who, f"{calls / span:,.0f}" if span else "-",
        f"{middle(lambda run: run['cpu_per_1k']):.3f}", f"{middle(lambda run: run['peak_mb']):.0f}",
        f"{middle(lambda run: run['cold_start_s']):.2f}", f"{span:.1f}",
        f"{span / ideal:.3f}" if ideal else "-", f"{occupancy:.1%}" if setting.service else "-",
        f"{refused / requests:.1%}" if requests else "-",
        f"{rows}{'' if same is None else ', same' if same else ', OTHER'}",
        f"{runs[-1]['load1']:.0f}",
    ]


HEAD = ["server", "client", "calls/s", "CPU-s per 1,000", "peak MB", "cold start s", "first to last s",
        "of ideal", "slots busy", "429", "rows", "load"]


def main():
    options = arguments()
    if not (BENCH / "harness.py").is_file():
        sys.exit(f"{BENCH} is no harness folder; name one in PREAMBLE_BENCH")
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(BENCH / "workload"))
    import cai

    peers = [peer for peer in options.peers.split(",") if peer]
    if peers and not os.environ.get("BENCH_VENVS"):
        sys.exit("set BENCH_VENVS to a scratch folder for the other programs' virtual environments")
    chosen = [setting for setting in SETTINGS if setting.name in options.only.split(",")]
    failed = False
    warm_up(peers)
    with tempfile.TemporaryDirectory(prefix="preamble-calls-") as scratch:
        folder = pathlib.Path(scratch)
        for name in ("PREAMBLE_CONFIG_DIR", "PREAMBLE_MODELS_DIR"):
            os.environ.setdefault(name, str(folder / name.lower()))
        script = wrapper(prepare(cai, folder), pathlib.Path(options.preamble).resolve(), folder)
        command = f"{shlex.quote(str(script))} {{url}} {{n}} {{c}} {{out}}"
        log = pathlib.Path(options.log) if options.log else folder / "log.jsonl"
        digests = dict(KNOWN)
        print("| " + " | ".join(HEAD) + " |\n|" + " --- |" * len(HEAD), flush=True)
        for setting in chosen:
            setting.n = options.n or setting.n
            if setting.n not in digests:
                # The rows of a run without trouble, by another program where one is there.
                easy = Setting("ref", "", setting.n, "")
                who, how = (peers[0], None) if peers else ("preamble", command)
                digests[setting.n] = measured(options, easy, who, how, log)["digest"]
            runs = {who: [] for who in ["preamble", *peers]}
            for _ in range(options.repeat):
                for who, list_of in runs.items():
                    list_of.append(measured(options, setting, who, command if who == "preamble" else None, log))
                    time.sleep(0.2)
            for who, list_of in runs.items():
                print("| " + " | ".join(row(setting, who, list_of, digests[setting.n])) + " |", flush=True)
            failed |= any(run["digest"] != digests[setting.n] for run in runs["preamble"])
    if failed:
        sys.exit("Preamble's rows are not those of the workload")


if __name__ == "__main__":
    main()
