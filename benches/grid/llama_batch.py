#!/usr/bin/env python3
"""llama.cpp inside a process, as well as it can be asked: each prefix that prompts share is computed
once, its cache copied to a sequence for each of them, and their ends are computed as one batch.

    python3 llama_batch.py MODEL.gguf PROMPTS.jsonl

Prompts are conversations, one a line, sorted, so that what begins alike stands together. Prints one
JSON object. Needs the Python package llama-cpp-python."""

import json
import sys
import time

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

# Sequences of one batch.
TOGETHER = 16


def common(lists):
    n = 0
    for tokens in zip(*lists):
        if len(set(tokens)) > 1:
            break
        n += 1
    return n


def grouped(prompts):
    """Prompts of one long beginning, at most as many as fit into a batch."""
    groups = []
    for prompt in prompts:
        if groups and len(groups[-1]) < TOGETHER and common([groups[-1][0], prompt]) > len(prompt) // 2:
            groups[-1].append(prompt)
        else:
            groups.append([prompt])
    return groups


def packed(groups):
    """Groups whose ends go into one batch."""
    packs, room = [], 0
    for group in groups:
        if len(group) > room:
            packs.append([])
            room = TOGETHER
        packs[-1].append(group)
        room -= len(group)
    return packs


class Runner:
    def __init__(self, model):
        self.llm = llama_cpp.Llama(model, n_ctx=256, verbose=False)
        template = self.llm.metadata["tokenizer.chat_template"]
        self.format = Jinja2ChatFormatter(template=template, eos_token="<|im_end|>", bos_token="")
        params = llama_cpp.llama_context_default_params()
        params.n_ctx, params.n_batch, params.n_ubatch = 16384, 4096, 512
        params.n_seq_max, params.kv_unified = 2 * TOGETHER, True
        params.n_threads = params.n_threads_batch = 2
        self.context = llama_cpp.llama_init_from_model(self.llm.model, params)
        self.memory = llama_cpp.llama_get_memory(self.context)
        self.batch = llama_cpp.llama_batch_init(16384, 0, 1)
        self.width = self.llm.n_vocab()

    def tokens(self, messages):
        text = self.format(messages=messages).prompt
        return self.llm.tokenize(text.encode(), add_bos=False, special=True)

    def decode(self, parts):
        """Computes (sequence, first position, tokens, whether the last one's logits are wanted)."""
        batch, n, wanted = self.batch, 0, []
        for sequence, start, tokens, is_wanted in parts:
            for offset, token in enumerate(tokens):
                batch.token[n], batch.pos[n] = token, start + offset
                batch.n_seq_id[n], batch.seq_id[n][0] = 1, sequence
                is_last = is_wanted and offset == len(tokens) - 1
                batch.logits[n] = int(is_last)
                if is_last:
                    wanted.append(n)
                n += 1
        batch.n_tokens = n
        if llama_cpp.llama_decode(self.context, batch) != 0:
            raise SystemExit("llama_decode failed")
        return [llama_cpp.llama_get_logits_ith(self.context, place) for place in wanted]

    def judge(self, pack, letters):
        """P(A) of each prompt of a pack."""
        llama_cpp.llama_memory_clear(self.memory, True)
        prefixes, ends, sequence = [], [], len(pack)
        for number, group in enumerate(pack):
            shared = min(common(group) if len(group) > 1 else 0, min(map(len, group)) - 1)
            prefixes.append((number, 0, group[0][:shared], False))
            for prompt in group:
                ends.append((number, sequence, shared, prompt[shared:]))
                sequence += 1
        self.decode([part for part in prefixes if part[2]])
        for number, own, shared, _ in ends:
            if shared:
                llama_cpp.llama_memory_seq_cp(self.memory, number, own, 0, shared)
        rows = self.decode([(own, shared, tokens, True) for _, own, shared, tokens in ends])
        found = []
        for row in rows:
            a, b = (row[letter] for letter in letters)
            found.append(1 / (1 + 2.718281828459045 ** (b - a)))
        return found


def main():
    model, path = sys.argv[1:]
    runner = Runner(model)
    prompts = [runner.tokens(json.loads(line)) for line in open(path, encoding="utf-8")]
    letters = [runner.llm.tokenize(letter.encode(), add_bos=False)[0] for letter in ("A", "B")]
    packs = packed(grouped(prompts))
    runner.judge(packs[0], letters)
    started = time.perf_counter()
    found = [p for pack in packs for p in runner.judge(pack, letters)]
    seconds = time.perf_counter() - started
    assert len(found) == len(prompts)
    print(json.dumps({"what": "grid", "judgments": len(found), "seconds": seconds,
                      "per_second": len(found) / seconds, "p_a": found}))


main()
