"""More journeys through the real window, by accessible names: the designer's, the engineer's, the
researcher's, and the habits of a desktop program.

Runs after journey.py, on the project that it left. Usage: journeys.py PORT DATA_FOLDER [PICTURES]
"""

import pathlib
import re
import sys
import time

from checks import Checks
from window import Window

PORT, DATA = int(sys.argv[1]), pathlib.Path(sys.argv[2])
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None

window = Window(PORT)
checks = Checks(window, PICTURES)
until, picture, there, gone = checks.until, checks.picture, checks.there, checks.gone
window.resize(1280, 800)
window.key("Escape")
project = list(DATA.rglob("first-look.ron"))[0].parent.parent

# The designer: pinned cases beside the principle, a named version, what changed since.
window.click("Constitution", "tab")
window.click("P2 Be warm, 2 of 3", "listItem")
until("the pinned case is beside the principle", there("Run case 1", "button"))
window.key("Enter", command=True)
until("the case begins", there("Stop", "button"))
until("the case ends", gone("Stop", "button"), seconds=600)
picture("cases")
window.key("S", command=True)
until("versions open", there("Name", "textInput"))
window.click("Name (optional)", "textInput")
window.type("before the change")
window.key("Enter")
until("a version is kept", there("before the change"))
picture("versions")
window.key("Escape")
window.key("Escape")

# The engineer: a pilot, then all, with what the journal has for nothing; a row dropped; an export
# that says so.
window.click("Runs", "tab")
until("the recorded runs are listed", there("R-0003", "listItem"))
window.key("N")
window.click("Pilot 10 first", "button")
until("the pilot says how it went", there("The pilot is done"), seconds=600)
picture("pilot")
window.key("Enter", command=True)
until("the run of all ends", there("is done: 12 rows"), seconds=600)
picture("runs")
window.click("Data", "tab")
until("its rows are there", there("Keep row 12", "checkBox"))
window.key("Space")
until("a row is dropped", there("1 dropped by hand"))
picture("data")
window.key("E", command=True)
until("the export leaves it out by name", there("1 left out: dropped by hand"))
picture("export-data")
window.key("Escape")

# The researcher: the recorded comparison opens by itself, with a result in words.
window.click("Compare", "tab")
until("the recorded comparison says what came out", there("Too few prompts to tell"))
picture("compare")

# Habits: palette, find, history, keys, glossary, notices, themes.
window.key("K", command=True)
until("the palette opens", there("Results", "listBox"))
window.type("glossary")
until("it finds a command", there("lossary", "listBoxOption"))
picture("palette")
window.key("Escape")
window.key("Escape")
until("it closes", gone("Results", "listBox"))
window.key("F", command=True, shift=True)
time.sleep(0.5)
window.type("concise")
until(
    "find everywhere counts the principles with the word",
    lambda: any(re.fullmatch(r"Principles [1-9]\d*", n["name"] or "") for n in window.nodes().values()),
)
picture("find")
window.key("Escape")
window.key("Escape")
window.key("F1")
time.sleep(0.5)
picture("keys")
window.key("Escape")
for number, area in [(1, "Home"), (2, "Constitution"), (3, "Rubric"), (4, "Try"), (5, "Compare"), (7, "Runs"), (8, "Data")]:
    window.key(f"Num{number}", command=True)
    until(f"Ctrl+{number} shows {area}", lambda: any(n["role"] == "tab" and n["name"] == area and n.get("toggled") == "true" for n in window.nodes().values()))

print(f"{checks.passed} passed, 0 failed")
