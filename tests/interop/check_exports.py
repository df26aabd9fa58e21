"""Loads exported data sets with `datasets` and trains one step on each with TRL.

    python check_exports.py FOLDER [--no-train]

FOLDER holds exported data sets, one folder each (any depth): each is recognised by its columns.
Nothing is fetched: model and tokenizer are made here, with random weights.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_OFFLINE", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("WANDB_DISABLED", "true")

from datasets import load_dataset  # noqa: E402

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tiny_model(folder: Path) -> Path:
    """A llama of two small layers and a byte-level tokenizer with ChatML, saved to a folder."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    special = ["<|pad|>", "<|im_start|>", "<|im_end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate(special + letters)}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(special)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<|pad|>",
        eos_token="<|im_end|>",
        bos_token="<|im_start|>",
    )
    tokenizer.chat_template = CHATML
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=1024,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
    )
    path = folder / "model"
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def dataset_folders(root: Path) -> list[Path]:
    return sorted({card.parent for card in root.rglob("README.md") if (card.parent / "data").is_dir()})


def load(folder: Path, scratch: Path):
    """Loads with a cache of its own: `datasets` answers an old folder of the same name from it."""
    cache = Path(tempfile.mkdtemp(dir=scratch))
    return load_dataset(str(folder), split="train", cache_dir=str(cache))


def check_messages(name: str, rows) -> None:
    for row in rows:
        for message in row:
            assert set(message) == {"role", "content"}, f"{name}: {message}"
            assert message["role"] in {"system", "user", "assistant", "tool"}, name
            assert isinstance(message["content"], str), name


def check_columns(name: str, data) -> list[str]:
    """What the rows must hold to be trained on; gives the trainers that take them."""
    columns = set(data.column_names)
    if "provenance" in columns:
        # Whole rows are for scripts: what a row has nothing for is absent, so types may vary.
        return []
    for column, feature in data.features.items():
        assert "null" not in str(feature), f"{name}: {column} has no type"
    if {"prompt", "chosen", "rejected"} <= columns:
        for column in ("prompt", "chosen", "rejected"):
            check_messages(name, data[column])
        for row in data:
            assert row["prompt"][-1]["role"] in {"user", "tool"}, name
            assert row["chosen"] != row["rejected"], name
            assert len(row["chosen"]) == len(row["rejected"]) == 1, name
            assert row["p"] is None or 0.5 < row["p"] <= 1.0, name
        return ["dpo", "reward"]
    if "messages" in columns:
        check_messages(name, data["messages"])
        assert all(row[-1]["role"] == "assistant" for row in data["messages"]), name
        return ["sft"]
    if {"prompt", "completion"} <= columns:
        check_messages(name, data["prompt"])
        check_messages(name, data["completion"])
        return ["sft"]
    if "reward" in columns:
        assert all(isinstance(reward, float) for reward in data["reward"]), name
        assert all(row["criteria"] for row in data), name
        return []
    if "prompt" in columns:
        check_messages(name, data["prompt"])
        return []
    return []


def train(kind: str, data, model: Path, scratch: Path) -> float:
    """One step of one trainer on the rows as they are, further columns and all."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    common = dict(
        output_dir=tempfile.mkdtemp(dir=scratch),
        max_steps=1,
        per_device_train_batch_size=2,
        report_to=[],
        use_cpu=True,
        bf16=False,
        save_strategy="no",
        disable_tqdm=True,
        logging_steps=1,
    )
    tokenizer = AutoTokenizer.from_pretrained(model)
    if kind == "sft":
        from trl import SFTConfig, SFTTrainer

        trainer = SFTTrainer(
            model=str(model), args=SFTConfig(**common), train_dataset=data, processing_class=tokenizer
        )
    elif kind == "dpo":
        from trl import DPOConfig, DPOTrainer

        trainer = DPOTrainer(
            model=str(model), args=DPOConfig(**common), train_dataset=data, processing_class=tokenizer
        )
    else:
        from trl import RewardConfig, RewardTrainer

        judge = AutoModelForSequenceClassification.from_pretrained(model, num_labels=1)
        judge.config.pad_token_id = tokenizer.pad_token_id
        trainer = RewardTrainer(
            model=judge, args=RewardConfig(**common), train_dataset=data, processing_class=tokenizer
        )
    loss = trainer.train().training_loss
    assert loss == loss and abs(loss) < 1e6, f"the loss is {loss}"
    return loss


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-train", action="store_true", help="load and check only")
    arguments = parser.parse_args()
    folders = dataset_folders(arguments.folder)
    if not folders:
        print(f"no exported data set (README.md beside data/) under {arguments.folder}")
        return 1
    failures = 0
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        model = None
        for folder in folders:
            name = str(folder.relative_to(arguments.folder))
            try:
                data = load(folder, scratch)
                kinds = check_columns(name, data)
                done = [f"{len(data)} rows"]
                for kind in [] if arguments.no_train else kinds:
                    model = model or tiny_model(scratch)
                    done.append(f"{kind} loss {train(kind, data, model, scratch):.4f}")
                print(f"ok      {name}: {', '.join(done)}", flush=True)
            except Exception as error:  # noqa: BLE001: every folder is reported
                failures += 1
                print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
