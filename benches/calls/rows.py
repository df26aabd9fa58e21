"""Writes what `preamble run --export` made as the workload's two files: OUT/sft.jsonl, OUT/pref.jsonl.

    rows.py OUT      reads OUT/trl-sft.jsonl and OUT/trl-preference.jsonl
"""

import json
import sys

OUT = sys.argv[1]


def lines(name):
    with open(f"{OUT}/{name}.jsonl", encoding="utf-8") as file:
        yield from map(json.loads, file)


def write(name, rows):
    with open(f"{OUT}/{name}.jsonl", "w", encoding="utf-8") as file:
        for row in sorted(rows, key=lambda row: row["id"]):
            file.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")


def pair(row):
    # Each order's verdict, as the chosen answer sees it.
    agree = (row["p_ab"] > 0.5) == (row["p_ba"] > 0.5)
    return {
        "id": row["prompt_id"],
        "prompt": row["prompt"][-1]["content"],
        "chosen": row["chosen"][0]["content"],
        "rejected": row["rejected"][0]["content"],
        "agree": agree,
    }


write("sft", ({"id": row["prompt_id"], "messages": row["messages"]} for row in lines("trl-sft")))
write("pref", map(pair, lines("trl-preference")))
