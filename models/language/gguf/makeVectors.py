"""Makes the vectors and sample files that reading, unpacking and packing of weights are tested with.

    python3 -m venv venv && venv/bin/pip install gguf==0.19.0 safetensors==0.8.0
    venv/bin/python models/language/gguf/makeVectors.py blocks > protocol/weights/blockVectors.json
    venv/bin/python models/language/gguf/makeVectors.py gguf models/language/gguf/sample.gguf
    venv/bin/python models/language/gguf/makeVectors.py safetensors models/language/safetensors/sample.safetensors

`blocks`: each entry of `expand` has packed blocks and the f32 bits that gguf-py's dequantisation makes of them: random
bytes as codes, with scales of every kind (normal, negative, denormal, zero, the largest that stays finite), all codes
at their least and at their greatest. Each entry of `pack` has f32 values and the bytes of gguf-py's quantiser, which
is bit-equal to llama.cpp's reference. Everything is base64 of little-endian bytes.

`gguf` and `safetensors`: small files written by the packages of those names, with a value of every metadata type.
"""

import base64
import json
import sys

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType as T, GGUFWriter
from gguf.quants import dequantize, quantize

random = np.random.default_rng(20261122)

# Byte offsets of the f16 fields of a block.
HALVES = {
    "q8_0": [0], "q4_0": [0], "q4_1": [0, 2], "q5_0": [0], "q5_1": [0, 2],
    "q4_k": [0, 2], "q5_k": [0, 2], "q6_k": [208],
}  # fmt: skip

SCALES = np.array(
    [0.0123, -0.0123, 6e-8, -65504, 3.05e-5, -0.0, 65504, -7e-6, 1, 0.0, -1, 6.1e-5, -6e-8, 0.3333, 1024.5, 2e-3],
    dtype=np.float16,
)


def text(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def blocks_of(name):
    elements, size = GGML_QUANT_SIZES[T[name.upper()]]
    count = 18 if elements == 32 else 5
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    blocks[-2] = 0
    blocks[-1] = 255
    for nth, at in enumerate(HALVES[name]):
        for i in range(count):
            scale = SCALES[(i * (nth * 2 + 1) + nth) % len(SCALES)]
            blocks[i, at : at + 2] = np.frombuffer(scale.tobytes(), dtype=np.uint8)
    return blocks


def expand_entry(name, packed):
    values = dequantize(packed, T[name.upper()]).astype(np.float32).reshape(-1)
    assert np.isfinite(values).all(), name
    return {"format": name, "packed": text(packed), "bits": text(values)}


def rounding_block(divisor, offset):
    while True:
        block = random.normal(0, 1, 32).astype(np.float32)
        least = block.min() if divisor == 15 else np.float32(0)
        extreme = block.max() - least if divisor == 15 else block[np.abs(block).argmax()]
        d = np.float32((np.abs(extreme) if divisor == 127 else extreme) / np.float32(divisor))
        rounded = (block - least) * (np.float32(1) / d)
        exact = ((block - least).astype(np.float64) * (1 / np.float64(d))).astype(np.float32)
        codes = [np.floor(np.abs(x) + np.float32(0.5)) if divisor == 127 else np.trunc(x + np.float32(offset)) for x in (rounded, exact)]
        if (codes[0] != codes[1]).any() and (divisor != 15 or codes[0].max() <= 15):
            return block


def pack_values():
    blocks = [random.normal(0, 0.05, 32) for _ in range(12)]
    blocks.append(np.zeros(32))
    blocks.append(np.full(32, -0.75))
    blocks.append(np.linspace(-8, 8, 32))
    blocks.append(np.linspace(0, 31, 32))
    blocks.append(random.normal(0, 1e-7, 32))
    blocks.append(random.normal(0, 1e4, 32))
    # Codes exactly half way between two integers.
    blocks.append(np.concatenate([[127.0], np.arange(31) - 15.5]))
    # Two extremes of equal size and opposite sign: the first one decides.
    blocks.append(np.concatenate([[0.5, -0.5], random.normal(0, 0.1, 30)]))
    blocks.append(np.concatenate([[-0.5, 0.5], random.normal(0, 0.1, 30)]))
    # Blocks whose codes differ when the inverse of the scale is not rounded to f32.
    for divisor, offset in [(127, 0), (-8, 8.5), (15, 0.5)]:
        blocks.append(rounding_block(divisor, offset))
    return np.concatenate(blocks).astype(np.float32)


def write_gguf(path):
    writer = GGUFWriter(path, "llama")
    writer.add_uint8("sample.u8", 200)
    writer.add_int8("sample.i8", -100)
    writer.add_uint16("sample.u16", 60000)
    writer.add_int16("sample.i16", -30000)
    writer.add_uint32("sample.u32", 4000000000)
    writer.add_int32("sample.i32", -2000000000)
    writer.add_uint64("sample.u64", 2**63 + 1)
    writer.add_int64("sample.i64", -(2**40))
    writer.add_float32("sample.f32", 0.1)
    writer.add_float64("sample.f64", 0.1)
    writer.add_bool("sample.bool", True)
    writer.add_string("sample.text", "\ufeffgrüße, 世界 🌍")
    writer.add_array("sample.texts", ["", "a", "▁b"])
    writer.add_array("sample.numbers", [1, -2, 3])
    writer.add_array("sample.floats", [0.5, -0.25])
    writer.add_array("sample.flags", [True, False])
    writer.add_tensor("norm", np.arange(5, dtype=np.float32))
    writer.add_tensor("half", np.arange(6, dtype=np.float16).reshape(2, 3))
    packed = np.arange(3 * 2 * 40, dtype=np.uint8).reshape(3, 2, 40)
    writer.add_tensor("packed", packed, raw_dtype=T.Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_safetensors(path):
    from safetensors.numpy import save_file

    tensors = {
        "norm": np.arange(5, dtype=np.float32),
        "half": np.arange(6, dtype=np.float16).reshape(2, 3),
    }
    save_file(tensors, path, metadata={"format": "pt"})


def write_blocks():
    expand = [expand_entry(name, blocks_of(name)) for name in HALVES]
    halves = np.concatenate([
        np.arange(0, 40, dtype=np.uint16), np.arange(0x3F0, 0x410, dtype=np.uint16), np.arange(0x7BF0, 0x7C01, dtype=np.uint16),
        np.arange(0x8000, 0x8020, dtype=np.uint16), np.arange(0xFBF0, 0xFC01, dtype=np.uint16),
        random.integers(0, 0x7C00, 60, dtype=np.uint16), random.integers(0x8000, 0xFC00, 60, dtype=np.uint16),
    ])  # fmt: skip
    floats = halves.view(np.float16).astype(np.float32)
    expand.append({"format": "f16", "packed": text(halves), "bits": text(floats)})
    brains = random.integers(0, 0x7F80, 200, dtype=np.uint16)
    brains[100:] |= 0x8000
    expand.append({"format": "bf16", "packed": text(brains), "bits": text(dequantize(brains.view(np.uint8), T.BF16))})
    values = pack_values()
    expand.append({"format": "f32", "packed": text(values[:64]), "bits": text(values[:64])})

    # For f16 and bf16 also values that lie half way between two neighbours, and the neighbours of those.
    exact = halves[np.abs(floats) < 65000][::2].view(np.float16)
    ups = np.nextafter(exact, np.float16(65504)).astype(np.float32)
    middles = (exact.astype(np.float32) + ups) / 2
    ties = np.concatenate([middles, np.nextafter(middles, np.float32(1e9)), np.nextafter(middles, np.float32(-1e9))])
    ties = np.concatenate([ties, random.normal(0, 1e-7, 64)]).astype(np.float32)
    brain_ties = (random.integers(0, 0x7F7F, 64, dtype=np.uint32) << 16 | 0x8000).view(np.float32)
    pack = [
        {"format": name, "values": text(given), "packed": text(quantize(given, T[name.upper()]))}
        for name, given in [
            ("f16", ties), ("bf16", np.concatenate([ties, brain_ties])),
            ("q8_0", values), ("q4_0", values), ("q4_1", values),
        ]  # fmt: skip
    ]
    json.dump({"madeWith": "gguf 0.19.0", "expand": expand, "pack": pack}, sys.stdout, indent=1)
    print()


if sys.argv[1] == "blocks":
    write_blocks()
elif sys.argv[1] == "gguf":
    write_gguf(sys.argv[2])
else:
    write_safetensors(sys.argv[2])
