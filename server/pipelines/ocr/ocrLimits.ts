/** Every number of the OCR pipeline that means something, with its unit and its reason. */

/** Most pixels of a picture that is decoded: a 40-megapixel photograph. More is a decompression bomb. */
export const MAX_PICTURE_PIXELS = 40_000_000
/** Longest side of a picture, pixels. */
export const MAX_PICTURE_SIDE = 16_384
/** Pixels that are kept in memory for cutting lines out; larger pictures are scaled down to it. */
export const WORKING_PIXELS = 16_000_000
/** A decoder that works longer than this is stopped, seconds. */
export const DECODE_LIMIT_SECONDS = 20

/** Longest side of the picture that the detection graph sees, pixels. PaddleOCR's `det_limit_side_len`. */
export const DETECTION_SIDE = 960
/** The detection graph halves its input five times. */
export const DETECTION_MULTIPLE = 32
/** Means and deviations of the three channels (blue, green, red, as PaddleOCR trained them) for pixels in 0..1. */
export const DETECTION_MEAN = [0.485, 0.456, 0.406] as const
export const DETECTION_DEVIATION = [0.229, 0.224, 0.225] as const

/** A pixel of the probability map above this belongs to text. PaddleOCR's `det_db_thresh`. */
export const PIXEL_THRESHOLD = 0.3
/** A box whose mean probability is below this is dropped. PaddleOCR's `det_db_box_thresh`. */
export const BOX_THRESHOLD = 0.6
/** How far a shrunk box grows back: distance = area * ratio / perimeter. PaddleOCR's `det_db_unclip_ratio`. */
export const UNCLIP_RATIO = 1.5
/** Shortest side of a box on the map, pixels: before growing, and two more after it. */
export const MIN_BOX_SIDE = 3
/** Shortest side of a box in the upright picture, pixels; nothing smaller can be read. */
export const MIN_LINE_SIDE = 4
/** Most lines that are read of one picture; the largest ones win. */
export const MAX_LINES = 1000

/** Height of a line that the orientation and recognition graphs see, pixels. */
export const LINE_HEIGHT = 48
/** Width that the orientation graph sees, pixels: longer lines are squeezed into it, as in training. */
export const ORIENTATION_WIDTH = 192
/** A line is turned when the classifier is surer than this that it stands on its head. PaddleOCR's `cls_thresh`. */
export const TURN_THRESHOLD = 0.9
/** A box this many times as high as wide holds a line that runs downwards. */
export const VERTICAL_RATIO = 1.5
/**
 * A line is cut out longer than its box at both ends by this share of its height: the full stop at a line's end was
 * lost now and then without it.
 */
export const LINE_MARGIN = 0.2
/** Lines of one `orient` task. */
export const ORIENTATION_BATCH = 8

/**
 * Widths to which lines are padded for recognition, pixels: few, so that a GPU compiles few shapes. 320 is the width
 * that the graph was trained on; longer lines than the last are squeezed into it.
 */
export const LINE_WIDTHS = [320, 480, 640, 800, 960, 1280, 1600, 2080, 2560, 3200] as const
/** Columns of pixels of one `recognise` task: about 3 lines of a page, so that a page of 15 lines makes 5 tasks. */
export const RECOGNITION_COLUMNS = 2560
/** Most lines of one `recognise` task. */
export const RECOGNITION_BATCH = 4

/** Lines that were read with less confidence are dropped. PaddleOCR's `drop_score`. */
export const MIN_CONFIDENCE = 0.5
/**
 * The recognition graph, trained on Chinese, is shy of spaces. One is put between two characters when the space's
 * probabilities over the blank steps between them add up to this. Measured on five fonts: errors in 407 characters
 * fell from 8-30 to 2-9, and no space appeared where none was.
 */
export const SPACE_THRESHOLD = 0.03
