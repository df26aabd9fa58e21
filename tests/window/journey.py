"""A newcomer's journey through the real window, by accessible names.

Opens the sample with its recorded chains, edits a principle, undoes and redoes it, runs the chain
again on the embedded model within a minute and four clicks, exports it, and checks the files. Usage: journey.py PORT DATA_FOLDER [PICTURES_FOLDER]
"""

import json
import pathlib
import sys
import time

from checks import Checks
from window import Window

PORT, DATA = int(sys.argv[1]), pathlib.Path(sys.argv[2])
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3] else None
ADDED = " Use at most two sentences."
PROMPT = "How do I make a new friend in a new town?"

window = Window(PORT)
checks = Checks(window, PICTURES)
until, picture = checks.until, checks.picture
window.resize(1280, 800)

window.wait("Try", "tab", seconds=60)
until("the sample opens by itself, its chains recorded", lambda: window.find(f"{PROMPT}, done"))
until("its files are there", lambda: list(DATA.rglob("first-look.ron")))
document = list(DATA.rglob("first-look.ron"))[0]
project = document.parent.parent

window.click("Constitution", "tab")
window.click("P1 Be brief, 1 of 3", "listItem")
window.click("Text", "multilineTextInput")
window.key("End", command=True)
window.type(ADDED)
until("an edit reaches the file by itself", lambda: ADDED in document.read_text())
picture("constitution")
window.click("Undo", "button")
until("undo takes it out of the file", lambda: ADDED not in document.read_text())
window.click("Redo", "button")
until("redo brings it back", lambda: ADDED in document.read_text())

window.click("Try", "tab")
until("the edit makes chains stale", lambda: window.find(f"{PROMPT}, stale", contains=True))
window.click(f"{PROMPT}, stale", "listItem", contains=True)
asked = time.monotonic()
window.key("Enter", command=True)
until("a chain starts", lambda: window.find(f"{PROMPT}, running"))
until("a chain ends on the embedded model", lambda: window.find(f"{PROMPT}, done"), seconds=900)
print(f"from Ctrl+Enter to the new answer: {time.monotonic() - asked:.1f} s")
picture("try")

window.key("E", command=True)
window.wait("Include answers that were cut off", "checkBox")
window.click("Include answers that were cut off", "checkBox")


def ready():
    button = window.find("Export", "button")
    return button and not button.get("disabled")


until("the export sheet counts what it will write", ready, seconds=60)
picture("export")
window.click("Export", "button")
until("a dataset is written", lambda: list((project / "exports").rglob("train*.jsonl")), seconds=60)
file = list((project / "exports").rglob("train*.jsonl"))[0]
rows = [json.loads(line) for line in file.read_text().splitlines()]
mine = [row for row in rows if PROMPT in json.dumps(row)]
until("it has the prompt's row, once", lambda: len(mine) == 1)
if "messages" in mine[0]:
    roles = [message["role"] for message in mine[0]["messages"]]
    until("the row is a conversation", lambda: roles == ["user", "assistant"])
until("the card stands beside it", lambda: (file.parent.parent / "README.md").exists())

print(f"{checks.passed} passed, 0 failed")
