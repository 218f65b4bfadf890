"""Vectors of protocol/SAMPLING.md, by a plain reading of its rules:

    python3 samplingVectors.py > samplingVectors.json && npx biome format --write samplingVectors.json

Independent of the TypeScript: the tables come from 60-digit decimals, the order from a full sort, the generator from
Python's integers. Needs Python 3.9 and nothing else.
"""

import base64
import json
import math
import random
import struct
from decimal import Decimal, getcontext

getcontext().prec = 60
LN2 = Decimal(2).ln()
N = float(32 / LN2)
S = float(LN2 / 32)
P = [float((LN2 * (31 - Decimal(k) / 32)).exp()) for k in range(1030)]


def weight(x):  # SW2, SW3
    if not x <= 22.2:
        return 0
    k = math.floor(x * N + 0.5)
    r = x - k * S
    return math.floor(P[k] * (1 - r * (1 - r * (0.5 - r * (1 / 6 - r * (1 / 24))))) + 0.5)


def philox(counter, key):  # SR1
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x0, 0xCD9E8D57 * x2
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ k0, p1 & 0xFFFFFFFF, (p0 >> 32) ^ x3 ^ k1, p0 & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return x0, x1, x2, x3


def draw(seed, position):  # SR2
    high, low = seed
    x0, x1, _, _ = philox((position, 0, 0, 0), (low, high))
    return ((x0 << 21) + (x1 >> 11)) / 2**53


def pick(logits, options, prompt, answer, position, allowed):
    size = len(logits)
    l = list(logits)
    for token, bias in options["logitBias"]:  # SL2
        if token < size:
            l[token] = l[token] + bias
    penalty = options["repetitionPenalty"]
    if penalty != 1:  # SL3
        for token in set(prompt) | set(answer):
            if token < size:
                l[token] = l[token] / penalty if l[token] > 0 else l[token] * penalty
    for token in set(answer):  # SL4
        if token < size:
            l[token] = l[token] - (options["presencePenalty"] + options["frequencyPenalty"] * answer.count(token))
    candidates = [t for t in range(size) if (allowed is None or t in allowed) and l[t] > -math.inf]  # SL6
    temperature = options["temperature"]
    if temperature == 0:  # SG1
        return min(candidates, key=lambda t: (-l[t], t))
    largest = max(l[t] for t in candidates)  # SW1
    weights = {t: weight((largest - l[t]) / temperature) for t in candidates}
    weights = {t: w for t, w in weights.items() if w > 0}
    order = sorted(weights, key=lambda t: (-weights[t], t))  # SK1
    if options["topK"] > 0:  # SK2
        order = order[: options["topK"]]
    if options["minP"] > 0:  # SK3
        order = [t for t in order if weights[t] >= options["minP"] * 2**31]
    if options["topP"] < 1:  # SK4
        least, total, kept = options["topP"] * sum(weights[t] for t in order), 0, []
        for t in order:
            kept.append(t)
            total += weights[t]
            if total >= least:
                break
        order = kept
    place = math.floor(draw(options["seed"], position) * sum(weights[t] for t in order))  # SP1
    total = 0
    for t in sorted(order):
        total += weights[t]
        if total > place:
            return t


def floats(values):
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def rounded(values):
    return list(struct.unpack(f"<{len(values)}f", struct.pack(f"<{len(values)}f", *values)))


def some_logits(rng, size):
    kind = rng.randrange(5)
    if kind == 0:  # flat, many ties
        return rounded([rng.choice([0.0, 0.5, -0.5, 1.0]) for _ in range(size)])
    if kind == 1:  # some are -Infinity
        return rounded([rng.gauss(0, 3) if rng.random() < 0.7 else -math.inf for _ in range(size - 1)] + [1.0])
    spread = [1, 4, 30][kind - 2]
    return rounded([rng.gauss(0, spread) for _ in range(size)])


def some_options(rng):
    half = lambda value, other: value if rng.random() < 0.5 else other
    return {
        "temperature": rng.choice([0, 0.01, 0.3, 0.7, 1, 1, 1.7, 10]),
        "topP": half(1, rng.choice([0.001, 0.1, 0.5, 0.9, 0.95, 0.999])),
        "topK": half(0, rng.choice([1, 2, 5, 40, 1000])),
        "minP": half(0, rng.choice([0.001, 0.05, 0.3, 1])),
        "repetitionPenalty": half(1, rng.choice([0.8, 1.1, 1.3, 50])),
        "presencePenalty": half(0, rng.choice([-2, 0.1, 0.6, 2])),
        "frequencyPenalty": half(0, rng.choice([-1.5, 0.2, 0.7])),
        "logitBias": [[rng.randrange(300), rng.choice([-100, -1, 0.3, 5, 100])] for _ in range(half(0, rng.randrange(6)))],
        "seed": [rng.getrandbits(32), rng.getrandbits(32)],
    }


def cases(count):
    rng = random.Random(20261122)
    for _ in range(count):
        size = rng.choice([1, 2, 33, 70, 130])
        logits, options = some_logits(rng, size), some_options(rng)
        prompt = [rng.randrange(size + 3) for _ in range(rng.randrange(20))]
        answer = [rng.randrange(size + 3) for _ in range(rng.randrange(20))]
        allowed = None
        if rng.random() < 0.3:
            finite = [t for t in range(size) if logits[t] > -math.inf]
            allowed = sorted({rng.choice(finite) for _ in range(rng.randrange(1, 30))})
        yield {
            "logits": floats(logits),
            "options": options,
            "prompt": prompt,
            "answer": answer,
            "position": len(answer),
            "allowed": allowed,
            "id": pick(logits, options, prompt, answer, len(answer), allowed),
        }


def main():
    rng = random.Random(7)
    exponents = [0.0, 1e-300, 1e-9, 0.5, S, S / 2, 1.0, 22.2, 22.180709777918, 22.19] + [rng.random() * 22.2 for _ in range(200)]
    seeds = [([0, 0], 0), ([0, 0], 1), ([0xFFFFFFFF, 0xFFFFFFFF], 0xFFFFFFFF)]
    seeds += [([rng.getrandbits(32), rng.getrandbits(32)], rng.randrange(5000)) for _ in range(30)]
    print("{")
    print('"weights":', json.dumps([[x, weight(x)] for x in exponents]), ",")
    print('"draws":', json.dumps([[seed, position, draw(seed, position)] for seed, position in seeds]), ",")
    print('"picks": [')
    print(",\n".join(json.dumps(case) for case in cases(300)))
    print("]\n}")


main()
