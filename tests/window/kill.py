"""Kills the real window while somebody types, and looks what is lost: at most a second of typing.

Each round types numbered words into a principle, kills the program (SIGKILL) at a random moment,
starts it again, keeps what it offers to recover, and reads the document's file.
Usage: kill.py PROGRAM FOLDER [ROUNDS]; ROUNDS is 5, or what KILL_ROUNDS says. The program must be
built with the feature `inspection`; DISPLAY names a display, such as Xvfb's.
"""

import os
import pathlib
import random
import subprocess
import sys
import time

from window import Window

PROGRAM, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
ROUNDS = int(sys.argv[3] if len(sys.argv) > 3 else os.environ.get("KILL_ROUNDS", "5"))
PORT = int(os.environ.get("KILL_PORT", str(random.randrange(20000, 40000))))
MOST_LOST = 1.0
random.seed(os.environ.get("KILL_SEED"))


def start():
    environment = dict(
        os.environ,
        EGUI_INSPECTION=f"127.0.0.1:{PORT}",
        XDG_DATA_HOME=str(FOLDER / "data"),
        XDG_CONFIG_HOME=str(FOLDER / "config"),
        PREAMBLE_CONFIG_DIR=str(FOLDER / "preamble"),
        PREAMBLE_NO_KEYCHAIN="1",
        LANG="C.UTF-8",
    )
    log = open(FOLDER / "log", "ab")
    process = subprocess.Popen([PROGRAM], env=environment, stdout=log, stderr=log)
    window = Window(PORT)
    window.wait("Constitution", "tab", seconds=60)
    return process, window


def document():
    found = list(FOLDER.rglob("constitutions/first-look.ron"))
    return found[0] if found else None


FOLDER.mkdir(parents=True, exist_ok=True)
lost_most, offered = 0.0, 0
for round_number in range(ROUNDS):
    process, window = start()
    if round_number == 0:
        window.resize(1280, 800)
        window.click("Constitution", "tab")
        window.click("P1", "listItem", contains=True)
    window.click("Text", "multilineTextInput")
    window.key("End", command=True)
    typed = []
    end = time.monotonic() + random.uniform(0.2, 3.5)
    count = 0
    while time.monotonic() < end:
        word = f"w{round_number}x{count}z"
        window.events({"Text": f" {word}"})
        typed.append((time.monotonic(), word))
        count += 1
        time.sleep(random.choice([0.01, 0.05, 0.12, 0.4]))
    killed = time.monotonic()
    process.kill()
    process.wait()
    window.socket.close()

    process, window = start()
    # The offer comes when the project is open, which takes its time on a busy machine.
    patience = time.monotonic() + 8
    while time.monotonic() < patience and typed[-1][1] not in document().read_text():
        if window.find("Keep recovered changes", "button"):
            offered += 1
            window.click("Keep recovered changes", "button")
            time.sleep(2)
            break
        time.sleep(0.2)
    text = document().read_text()
    missing = [at for at, word in typed if word not in text]
    lost = killed - min(missing) if missing else 0.0
    lost_most = max(lost_most, lost)
    print(f"round {round_number}: {count} words typed, {len(missing)} lost, {lost:.2f} s", flush=True)
    if lost > MOST_LOST:
        sys.exit(f"more than {MOST_LOST} s of typing was lost")
    process.kill()
    process.wait()
    window.socket.close()
print(f"{ROUNDS} kills: at most {lost_most:.2f} s of typing lost; edits were offered {offered} times")
