import { argmaxSuite } from './argmax/cases.ts'
import { attentionDecodeSuite } from './attention-decode/cases.ts'
import { attentionExactSuite } from './attention-exact/cases.ts'
import { attentionPrefillSuite } from './attention-prefill/cases.ts'
import { conv2dF32Suite } from './conv2d-f32/cases.ts'
import { gatherQ4Suites } from './gather-q4/cases.ts'
import { geluSuite } from './gelu/cases.ts'
import { hashU32Suite } from './hash-u32/cases.ts'
import type { KernelSuite } from './kernelSuite.ts'
import { layernormSuite } from './layernorm/cases.ts'
import { matmulF16Suite } from './matmul-f16/cases.ts'
import { matmulF32Suite } from './matmul-f32/cases.ts'
import { matmulI8Suite } from './matmul-i8/cases.ts'
import { matmulI8RowsSuites } from './matmul-i8-rows/cases.ts'
import { matmulQ4Suites } from './matmul-q4/cases.ts'
import { matvecF32Suite } from './matvec-f32/cases.ts'
import { matvecI8Suites } from './matvec-i8/cases.ts'
import { matvecQ4Suites } from './matvec-q4/cases.ts'
import { mulshiftSuite } from './mulshift/cases.ts'
import { quantizeSuite } from './quantize/cases.ts'
import { reduceSuites } from './reduce/cases.ts'
import { rmsnormSuite } from './rmsnorm/cases.ts'
import { rmsnormExactSuite } from './rmsnorm-exact/cases.ts'
import { ropeSuite } from './rope/cases.ts'
import { ropeExactSuite } from './rope-exact/cases.ts'
import { scanF32Suite, scanI32Suite } from './scan/cases.ts'
import { siluMulSuite } from './silu-mul/cases.ts'
import { siluMulExactSuite } from './silu-mul-exact/cases.ts'
import { softmaxSuite } from './softmax/cases.ts'
import { sortU32Suite } from './sort-u32/cases.ts'
import { topKSuite } from './top-k/cases.ts'
import { transposeSuite } from './transpose/cases.ts'

/** What is right for every kernel of the library, one suite each. */
export const kernelSuites: readonly KernelSuite[] = [
  // Exact integers.
  matmulI8Suite,
  ...matmulI8RowsSuites,
  ...matvecI8Suites,
  mulshiftSuite,
  quantizeSuite,
  rmsnormExactSuite,
  ropeExactSuite,
  siluMulExactSuite,
  attentionExactSuite,
  hashU32Suite,
  // Dense.
  matmulF32Suite,
  matmulF16Suite,
  matvecF32Suite,
  ...matvecQ4Suites,
  ...matmulQ4Suites,
  conv2dF32Suite,
  // Language models.
  rmsnormSuite,
  layernormSuite,
  ropeSuite,
  softmaxSuite,
  siluMulSuite,
  geluSuite,
  ...gatherQ4Suites,
  argmaxSuite,
  topKSuite,
  attentionDecodeSuite,
  attentionPrefillSuite,
  // General.
  ...reduceSuites,
  scanI32Suite,
  scanF32Suite,
  transposeSuite,
  sortU32Suite,
]
