"""Makes tokenizerVectors.json, what ggufTokenizer is tested with.

    venv/bin/pip install gguf==0.19.0 tokenizers==0.23.3 sentencepiece==0.2.3
    venv/bin/python makeTokenizerVectors.py SMOLLM2.gguf GREEDY.json > models/language/gguf/tokenizerVectors.json

`byteLevel`: the part of SmolLM2's vocabulary that the reference prompts use (GREEDY.json, ids by llama.cpp), the byte
tokens, and ids of more texts for each `pre`, by Hugging Face's Rust tokenizers with the rules of the models' own
tokenizer.json. `sentencePiece`: two small models trained here, and ids by SentencePiece itself, one with and one
without a space put before a text. Lists are joined by spaces, texts' ids by commas, to keep the file small.
"""

import io
import json
import sys

import sentencepiece
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

TEXTS = [
    "What is the capital of France?",
    "  two spaces, then   three ",
    "\n\nline\n\n\n x\r\n\r\ny\t\tz \n",
    "don't DON'T we'LL I'D it’s",
    "12345678 3.14 a1b22 ٣٤٥ １２３ ⅷ½²",
    "e\u0301 é ﬁ naïve grüße",
    "日本語のテキスト、中文。한국어",
    "🌍👩‍👧 x",
    "\u00a0nbsp\u2003em\u200bzw\ufeffbom\u0085nel",
    "$x+y<=3^~|a$ `code` foo(bar[0]);",
    "<|im_start|>user\nHi<|im_end|>",
]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
NEWER = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
RULES = {
    "smollm": [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)],
    "qwen2": [split(NEWER % r"\p{N}"), BYTES],
    "llama-bpe": [split(NEWER % r"\p{N}{1,3}"), BYTES],
    "gpt-2": [pre_tokenizers.ByteLevel(add_prefix_space=False)],
    # No tokenizer.json has this rule: it is llama.cpp's for files that name none.
    "default": [split(r"[\p{P}$+<=>^~|]+"), split(GPT2), split(r"\p{N}+"), split(r"[0-9][0-9][0-9]"), BYTES],
}  # fmt: skip


def ids_text(ids):
    return ",".join(map(str, ids))


def byte_level(gguf_path, greedy_path):
    reader = GGUFReader(gguf_path)

    def strings(name):
        field = reader.fields[f"tokenizer.ggml.{name}"]
        return [bytes(field.parts[i]).decode() for i in field.data]

    tokens, merges = strings("tokens"), strings("merges")
    prompts = json.load(open(greedy_path))["prompts"]
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces = {piece for p in prompts for piece, _ in bytes_only.pre_tokenize_str(p["prompt"])}
    all_pieces = "\n".join(pieces)
    merges = [merge for merge in merges if merge.replace(" ", "") in all_pieces]
    # SmolLM2 merges no digits; with these the rules that keep digits together show. "Ġspaces" no merge makes.
    added = ["1 2", "12 3", "123 4", "4 5", "7 8", "1 4"]
    kept = {"<|endoftext|>", "<|im_start|>", "<|im_end|>", *pre_tokenizers.ByteLevel.alphabet()}
    kept |= {merge.replace(" ", "") for merge in merges}
    kept_ids = [i for i, token in enumerate(tokens) if token in kept]
    new_id = {old: new for new, old in enumerate(kept_ids)}
    tokens = [tokens[i] for i in kept_ids]
    # Not every byte is a token of SmolLM2.
    tokens += sorted(set(pre_tokenizers.ByteLevel.alphabet()) - set(tokens))
    tokens += [merge.replace(" ", "") for merge in added] + ["Ġspaces"]
    merges += added
    vocab = {token: i for i, token in enumerate(tokens)}
    ids = {}
    for pre, rule in RULES.items():
        pairs = [tuple(merge.split(" ")) for merge in merges]
        tokenizer = Tokenizer(models.BPE(vocab, pairs, ignore_merges=pre == "llama-bpe"))
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(rule)
        tokenizer.decoder = decoders.ByteLevel()
        if pre == "qwen2":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.add_special_tokens([AddedToken(t, normalized=False) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")])
        ids[pre] = [ids_text(tokenizer.encode(text).ids) for text in TEXTS]
    return {
        "tokens": " ".join(tokens),
        "merges": "  ".join(merges),
        "prompts": [{"text": p["prompt"], "ids": ids_text(new_id[i] for i in p["prompt_ids"])} for p in prompts],
        "texts": TEXTS,
        "ids": ids,
    }


def sentence_piece(prefix):
    out = io.BytesIO()
    text = [line for t in [__doc__, *TEXTS[:5] * 3] for line in t.splitlines() if line.strip()]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_writer=out, model_type="bpe", vocab_size=380, byte_fallback=True,
        add_dummy_prefix=prefix, remove_extra_whitespaces=False, normalization_rule_name="identity",
        user_defined_symbols=["<turn>"], character_coverage=0.98, minloglevel=2, num_threads=1,
    )  # fmt: skip
    sp = sentencepiece.SentencePieceProcessor(model_proto=out.getvalue())
    size = sp.get_piece_size()

    def kind(i):
        if sp.is_unknown(i):
            return 2
        if sp.is_control(i):
            return 3
        if sp.is_byte(i):
            return 6
        return 4 if sp.id_to_piece(i) == "<turn>" else 1

    texts = TEXTS + ([] if prefix else ["<turn>user\nwhat<turn> is it"])
    return {
        "addSpacePrefix": prefix,
        "tokens": " ".join(sp.id_to_piece(i) for i in range(size)),
        "scores": " ".join(f"{sp.get_score(i):g}" for i in range(size)),
        "kinds": "".join(str(kind(i)) for i in range(size)),
        "texts": texts,
        "ids": [ids_text(sp.encode(text)) for text in texts],
    }


json.dump(
    {"byteLevel": byte_level(*sys.argv[1:3]), "sentencePiece": [sentence_piece(True), sentence_piece(False)]},
    sys.stdout,
    ensure_ascii=False,
    indent=1,
)
print()
