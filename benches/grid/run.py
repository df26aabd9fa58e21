#!/usr/bin/env python3
"""Judgments a second of the embedded model beside llama.cpp: same model file, machine and minutes.

    cargo bench --bench grid --no-run
    python3 -m venv VENV && VENV/bin/pip install 'llama-cpp-python[server]'
    python3 benches/grid/run.py --python VENV/bin/python --model MODEL.gguf [--repeat 3]

MODEL.gguf is the starter model's file as shipped (`preamble models list` says where it lies). Each
round measures in turn: Preamble; a llama-cpp-python server asked naively over HTTP (pair by pair, both
orders in turn, log-probabilities of one token); the same server with its prompt cache, asked in the
order of shared beginnings; and llama.cpp in a process, which computes each shared prefix once and the
ends as a batch. Prints the medians as a Markdown table, with the ratios that count. All are asked the
same conversations, which Preamble's round writes down."""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PORT = 8971


def preamble(prompts):
    command = ["cargo", "bench", "--quiet", "--bench", "grid", "--", "--prompts", str(prompts)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"the benchmark failed: {done.stderr[-2000:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {(line["what"], line.get("chains")): line for line in lines}


def in_turn(lines):
    """As a plain loop asks: for each pair and principle one order, then the other."""
    by_message = {}
    for line in lines:
        text = json.loads(line)[-1]["content"]
        by_message.setdefault(text.split("Response A:")[0], []).append(line)
    found = []
    for group in by_message.values():
        half = len(group) // 2
        for one, other in zip(group[:half], group[half:]):
            found += [one, other]
    assert sorted(found) == sorted(lines)
    return found


class Server:
    def __init__(self, python, model, cached):
        command = [
            python, "-m", "llama_cpp.server", "--model", model, "--n_ctx", "4096", "--port", str(PORT),
            "--n_threads", "2", "--n_threads_batch", "2", "--logits_all", "true",
            "--cache", "true" if cached else "false", "--verbose", "false",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/v1/models", timeout=1).read()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.5)
        self.close()
        sys.exit("the server does not start; try its command by hand: " + " ".join(command))

    def ask(self, messages):
        body = {"messages": messages, "max_tokens": 1, "temperature": 0, "logprobs": True,
                "top_logprobs": 20}
        request = urllib.request.Request(
            f"http://127.0.0.1:{PORT}/v1/chat/completions", json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        reply = json.load(urllib.request.urlopen(request, timeout=600))
        return reply["choices"][0]["logprobs"]

    def close(self):
        self.process.kill()
        self.process.wait()


def asked_over_http(python, model, lines, cached):
    server = Server(python, model, cached)
    try:
        server.ask([{"role": "user", "content": "Hello"}])
        started = time.perf_counter()
        for line in lines:
            server.ask(json.loads(line))
        return len(lines) / (time.perf_counter() - started)
    finally:
        server.close()


def in_batches(python, model, prompts):
    done = subprocess.run(
        [python, HERE / "llama_batch.py", model, prompts], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"llama_batch.py failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])["per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--python", required=True, help="a Python with llama-cpp-python[server]")
    parser.add_argument("--model", required=True, help="the starter model's GGUF as shipped")
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        prompts = pathlib.Path(folder) / "prompts.jsonl"
        for number in range(arguments.repeat):
            ours = preamble(prompts)
            lines = prompts.read_text(encoding="utf-8").splitlines()
            figures = {
                "preamble": ours["grid", None]["per_second"],
                "naive": asked_over_http(arguments.python, arguments.model, in_turn(lines), False),
                "cached": asked_over_http(arguments.python, arguments.model, lines, True),
                "batch": in_batches(arguments.python, arguments.model, prompts),
                "one": ours["decode", 1]["per_second"],
                "sixteen": ours["decode", 16]["per_second"],
            }
            print(f"round {number + 1}: {json.dumps(figures)}", file=sys.stderr)
            for name, value in figures.items():
                found.setdefault(name, []).append(value)
    middle = {name: statistics.median(values) for name, values in found.items()}
    spread = {name: f"{min(values):.2f}–{max(values):.2f}" for name, values in found.items()}
    print(f"\n{len(lines)} judgments a round, medians of {arguments.repeat} (lowest–highest)\n")
    print("| | judgments a second | Preamble is | bar |")
    print("|---|---|---|---|")
    print(f"| Preamble, embedded | {middle['preamble']:.2f} ({spread['preamble']}) | | |")
    for name, title, bar in [
        ("naive", "llama-cpp-python server, asked naively", "10"),
        ("cached", "the same with its prompt cache, in prefix order", "3.5"),
        ("batch", "llama.cpp in process, shared prefix, batch of 16", "1"),
    ]:
        times = middle["preamble"] / middle[name]
        print(f"| {title} | {middle[name]:.2f} ({spread[name]}) | {times:.2f} times | {bar} |")
    print("\n| decoding | tokens a second | times one | bar |")
    print("|---|---|---|---|")
    print(f"| one chain | {middle['one']:.1f} ({spread['one']}) | | |")
    times = middle["sixteen"] / middle["one"]
    print(f"| 16 chains together | {middle['sixteen']:.1f} ({spread['sixteen']}) | {times:.2f} | 3 |")


main()
