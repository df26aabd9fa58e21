"""A run through the real window, by accessible names, against a provider of our own: its cap holds,
it is paused, goes on, stops, is resumed, and its failed rows are tried again.

The provider is a small server in this script; what it billed is the referee.
Usage: runs.py PROGRAM FOLDER [PICTURES]
"""

import collections
import http.server
import json
import os
import pathlib
import random
import subprocess
import sys
import threading
import time

from checks import Checks
from window import Window

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
ROWS = 80
# US dollars for a token of either kind, and tokens of each for an answer.
PRICE, TOKENS = 100 / 1e6, 50
CAP = 0.80


class Provider(http.server.BaseHTTPRequestHandler):
    """Answers chats after a moment; refuses two of the prompts until it is mended."""

    protocol_version = "HTTP/1.1"
    asked = collections.Counter()
    answered = collections.Counter()
    is_mended = False
    lock = threading.Lock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        # A question and its seed: the same one twice would be paid twice.
        question = json.loads(body)
        name = json.dumps([question["messages"], question.get("seed")])
        is_bad = not self.is_mended and any(f"case {n}:" in name for n in (3, 17))
        time.sleep(0.15)
        with self.lock:
            self.asked[name] += 1
            if not is_bad:
                self.answered[name] += 1
        if is_bad:
            return self.send(400, {"error": {"message": "this prompt is not allowed", "type": "invalid_request_error"}})
        usage = {"prompt_tokens": TOKENS, "completion_tokens": TOKENS, "total_tokens": 2 * TOKENS}
        answer = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Ask a doctor first."}}
        self.send(200, {"object": "chat.completion", "model": "m", "choices": [answer], "usage": usage})

    def send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    @classmethod
    def billed(cls):
        return sum(cls.answered.values()) * 2 * TOKENS * PRICE


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def run_says(words):
    """The run's line in the list ends so."""
    return lambda: window.find(f"R-0001 critique · First look, {words}", "listItem", contains=True)


server = Server(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, name="provider", daemon=True).start()
FOLDER.mkdir(parents=True)
project = FOLDER / "project"
subprocess.run([PROGRAM, "init", str(project)], check=True, capture_output=True)
prompts = [{"id": f"t{n}", "prompt": f"Is this serious, case {n}: a headache"} for n in range(ROWS)]
(project / "prompts/cases.jsonl").write_text("".join(json.dumps(one) + "\n" for one in prompts))
(project / "preamble.ron").write_text(
    f"""(format: 1, name: "Runs", constitution: "first-look", prompts: "cases", seed: 0,
    models: [(name: "paid", kind: openai, model: "m", base_url: "http://127.0.0.1:{server.server_port}/v1",
        price_in: {PRICE * 1e6}, price_out: {PRICE * 1e6}, stream: false)],
    roles: {{ writer: "paid", critic: "paid", reviser: "paid", judge: "paid", teacher: "paid" }})"""
)
port = random.randrange(20_000, 40_000)
environment = dict(
    os.environ,
    EGUI_INSPECTION=f"127.0.0.1:{port}",
    XDG_DATA_HOME=str(FOLDER / "data"),
    PREAMBLE_CONFIG_DIR=str(FOLDER / "config"),
    PREAMBLE_NO_KEYCHAIN="1",
    OPENAI_API_KEY="sk-for-the-test",
)
with open(FOLDER / "log", "w") as log:
    program = subprocess.Popen([PROGRAM, str(project)], env=environment, stdout=log, stderr=log)
try:
    window = Window(port)
    checks = Checks(window, PICTURES)
    until, picture, there = checks.until, checks.picture, checks.there
    window.resize(1280, 800)
    window.wait("Runs", "tab", seconds=60)
    window.click("Runs", "tab")
    until("a project without runs says what one is", there("No runs yet"))
    window.key("N")
    until("the sheet says what it costs at most", there("At most $"))
    window.click("Spend at most", "checkBox")
    window.click("Spend at most, US dollars", "spinButton")
    window.key("A", command=True)
    window.type(str(CAP))
    window.key("Enter")
    picture("sheet")
    window.key("Enter", command=True)
    until("it is on", there("calls sent"))

    window.key("P")
    until("it is paused", run_says("paused at"))
    time.sleep(0.5)
    before = sum(Provider.asked.values())
    time.sleep(1)
    until("nothing is sent meanwhile", lambda: sum(Provider.asked.values()) == before)
    picture("paused")
    window.key("P")

    until("its cap stops it", run_says("cap reached"))
    until("what was billed is within the cap", lambda: 0 < Provider.billed() <= CAP + 1e-9)
    picture("cap")
    window.click("Raise the cap, R-0001", "button")
    until("raising it leads into its field", lambda: (window.focused() or {}).get("name") == "Spend at most")
    window.key("A", command=True)
    window.type("50")
    window.key("Enter")
    time.sleep(0.3)
    window.key("R")
    until("it goes on", there("of $50.00 cap"))
    window.key("S")
    until("it stops by hand", run_says("stopped"))
    window.key("R")
    until("it is done but for two rows", run_says("done, 2 failed"), seconds=60)
    until("what failed is told by what it says", there("not allowed"))
    until("what was changed is told", there("cap 0.8 → 50 USD"))
    picture("failed rows")
    Provider.is_mended = True
    window.click("Retry failed rows", "button", contains=True)
    until("the failed rows are made", run_says("done"))
    until("none is left that failed", lambda: not run_says("done, 2 failed")() and there(f"{ROWS} of {ROWS} rows")())
    twice = {name: times for name, times in Provider.answered.items() if times > 1}
    until("nothing was paid for twice", lambda: not twice)
    picture("done")
except BaseException:
    print((FOLDER / "log").read_text()[-2000:])
    raise
finally:
    program.terminate()
    program.wait()
    server.shutdown()

print(f"{checks.passed} passed, 0 failed")
