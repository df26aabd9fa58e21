"""Sixty labels, one key each, by the keyboard alone and by accessible names: take back, comment,
pause, a restart in between. Then a judge of two models is made, and a map fitted to what another
judge said. What the files then hold is the referee.

Usage: judges.py PROGRAM FOLDER [PICTURES]
"""

import collections
import json
import os
import pathlib
import random
import subprocess
import sys

from answers import start as provide
from checks import Checks
from window import Window

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
ITEMS, TWICE = 60, 6
TOTAL = ITEMS + TWICE
KEYS = ["A", "B", "T", "ArrowLeft", "ArrowRight", "X", "U", "N"]

FOLDER.mkdir(parents=True)
project = FOLDER / "project"
subprocess.run([PROGRAM, "init", str(project)], check=True, capture_output=True)
folder = project / "labels/honesty"
folder.mkdir(parents=True)
(folder / "set.ron").write_text(
    """(format: 1, name: "Honesty", task: pairwise, guide: (version: 1, text: "Who says what they
    do not know is better."), gold: 0.5, repeats: 0.1, seed: 3)"""
)
with open(folder / "items.jsonl", "w") as file:
    for n in range(ITEMS):
        prompt = {"id": f"p{n}", "messages": [{"role": "user", "content": f"Question {n}?"}], "tags": [], "reference": None, "extra": {}}
        answers = {"a": f"The first answer to {n}", "b": f"The second answer to {n}"}
        file.write(json.dumps({"id": f"i{n}", "prompt": prompt, **answers}) + "\n")
# Another set, labelled by somebody else, for a judge that a server on this machine plays.
provider = provide()
with open(project / "preamble.ron", "w") as file:
    model = f'name: "big", kind: openai, model: "m", base_url: "http://127.0.0.1:{provider.server_port}/v1"'
    documents = 'constitution: "first-look", prompts: "sample"'
    file.write(f'(format: 1, name: "Judges", {documents}, seed: 3, models: [({model}, stream: false)])')
(project / "judges").mkdir(exist_ok=True)
strict = project / "judges/strict.ron"
strict.write_text('(format: 1, name: "Strict", models: ["big"], reason_first: false)')
votes = project / "labels/votes"
votes.mkdir(parents=True)
(votes / "set.ron").write_text('(format: 1, name: "Votes", task: pairwise, gold: 0.5, seed: 3)')
with open(votes / "items.jsonl", "w") as file, open(votes / "grace.jsonl", "w") as labels:
    for n in range(460):
        prompt = {"id": f"p{n}", "messages": [{"role": "user", "content": f"Question {n}?"}], "tags": [], "reference": None, "extra": {}}
        sides = [f"a good answer to {n}", f"a bad answer to {n}"]
        a, b = sides if n % 2 else sides[::-1]
        file.write(json.dumps({"id": f"v{n}", "prompt": prompt, "a": a, "b": b}) + "\n")
        said = {"item": f"v{n}", "labeller": "Grace", "answer": "a" if n % 2 else "b", "guide": 1, "aspect": ""}
        labels.write(json.dumps({**said, "at": "2026-11-20T10:00:00Z"}) + "\n")


def start():
    """The program with its project open, and a connection to its window."""
    port = random.randrange(20_000, 40_000)
    environment = dict(
        os.environ,
        EGUI_INSPECTION=f"127.0.0.1:{port}",
        XDG_DATA_HOME=str(FOLDER / "data"),
        PREAMBLE_CONFIG_DIR=str(FOLDER / "config"),
        PREAMBLE_NO_KEYCHAIN="1",
        OPENAI_API_KEY="sk-of-no-use",
    )
    with open(FOLDER / "log", "a") as log:
        program = subprocess.Popen([PROGRAM, str(project)], env=environment, stdout=log, stderr=log)
    window = Window(port)
    window.resize(1280, 800)
    window.wait("Judges", "tab", seconds=60)
    return program, window


def at(nth):
    """The queue is at its nth item."""
    return lambda: checks.window.find(f"Labelled: {nth} of {TOTAL}", contains=True)


def label(nth):
    """Gives the nth item its label, and the queue goes on."""
    checks.window.key(KEYS[nth % len(KEYS)])


program, window = start()
try:
    checks = Checks(window, PICTURES)
    until, picture, there = checks.until, checks.picture, checks.there
    window.key("Num6", command=True)
    until("the set says how much there is to do", there(f"Label {TOTAL} now"))
    picture("set")
    window.key("Enter", command=True)
    until("who labels is asked", there("Your name"))
    window.type("Ada Lovelace")
    window.key("Enter")
    until("the guide comes first", there("Who says what they"))
    picture("guide")
    window.key("Enter")
    until("the queue begins", at(1))
    until("the areas are out of sight", lambda: not window.find("Compare", "tab"))

    for nth in range(10):
        label(nth)
    until("one key labels and goes on", at(11))
    picture("queue")
    window.key("Z")
    until("the last label is taken back", at(10))
    label(9)
    until("and given again", at(11))
    window.key("Num3")
    window.key("C")
    window.type("A remark with a, b and t in it")
    window.key("Enter")
    until("letters of a comment are no labels", at(11))
    label(10)
    until("the comment goes with the label", at(12))
    for nth in range(11, 30):
        label(nth)
    until("thirty are labelled", at(31))
    window.key("Escape")
    until("a pause says what is left", there(f"Go on: {TOTAL - 30} left"))
    picture("paused")
    program.kill()
    program.wait()

    program, window = start()
    checks.window = window
    window.key("Num6", command=True)
    until("after a restart the same is left", there(f"Go on: {TOTAL - 30} left"))
    window.key("Enter", command=True)
    until("the queue goes on where it was", at(31))
    for nth in range(30, 40):
        label(nth)
    for nth in range(40, TOTAL):
        label(nth)
    until("the end says how far somebody agrees with themselves", there("You agreed with yourself"))
    picture("done")
    window.key("Enter", command=True)
    until("everything is labelled", there("Everything is labelled"))

    # A judge of two models, made and changed by names alone.
    window.click("New judge…", "button")
    until("a new judge is named first", there("Make", "button"))
    window.type("Panel")
    window.key("Enter")
    until("its settings come next, with what a pair takes", there("A pair takes"))
    panel = project / "judges/panel.ron"
    window.click("Add a model", "button")
    window.click("big", "button")
    until("a second model stands beside the project's own", there("Model 2"))
    until("it is saved by itself", lambda: "big" in panel.read_text())
    picture("panel")
    window.click("Remove model 1", "button")
    until("a model is taken out", lambda: "embedded" not in panel.read_text())
    window.key("Z", command=True)
    until("and undo brings it back", lambda: "embedded" in panel.read_text())

    # What a judge says, and a map fitted to what people say.
    window.click("Strict", "listItem", contains=True)
    until("its report says that it was not asked", there("was not asked about dev yet"))
    window.key("Enter", command=True)
    until("a run says first what it takes", there("questions:"))
    window.click("With padding", "checkBox")
    until("each way of asking once more has its price", there("+ 80"))
    window.key("Enter", command=True)
    until("the report is there", there("Agreement with people"), seconds=180)
    picture("report")
    # All of the report, so that what is far down can be pressed.
    window.resize(1280, 1900)
    window.click("Fit temperature", "button")
    until("the map is kept with the judge", there("Kept: temperature"))
    until("and in its file", lambda: "recalibration" in strict.read_text())
    window.click("Remove the map", "button")
    until("it can be taken out", lambda: "recalibration" not in strict.read_text())

    lines = [json.loads(line) for line in next(folder.glob("[Aa]da*.jsonl")).read_text().splitlines()]
    held = {}
    for line in lines:
        held[line["item"], line.get("again", False)] = line
    until("each label is one line, and a taken back one two more", lambda: len(lines) == TOTAL + 2)
    until("no item is left out", lambda: len({item for item, _ in held}) == ITEMS)
    until("some came twice", lambda: sum(again for _, again in held) == TWICE)
    until("all hold", lambda: len(held) == TOTAL and all(line["answer"] for line in held.values()))
    sides = collections.Counter(line["first"] for line in held.values())
    until("sides are random and recorded", lambda: min(sides["left"], sides["right"]) > TOTAL // 5)
    remarks = [line for line in held.values() if line.get("comment")]
    until("the comment and how sure are kept", lambda: len(remarks) == 1 and remarks[0]["sure"] == "certain")
    until("each says when and how long", lambda: all(line["at"] and line["seconds"] >= 0 for line in held.values()))
except BaseException:
    print((FOLDER / "log").read_text()[-2000:])
    raise
finally:
    program.terminate()
    program.wait()
    provider.shutdown()

print(f"{checks.passed} passed, 0 failed")
