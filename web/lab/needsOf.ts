import type { LabPlan } from './planSession.ts'

/** What a kernel asks of a device beyond WebGPU's defaults. */
export interface KernelNeeds {
  /** Names of device features, from `enable` directives. */
  features: readonly string[]
  /** Names of WGSL language features, from `requires` directives. */
  languageFeatures: readonly string[]
  /** Names of limits over their defaults. */
  limits: readonly string[]
}

/** Device feature behind each extension that `enable` names. */
const featureOf: Readonly<Record<string, string>> = { f16: 'shader-f16', subgroups: 'subgroups' }

/** Reads directives from the texts; limits from what the plan binds and dispatches. */
export function needsOf(
  plan: LabPlan | null,
  programs: readonly string[],
  defaults: Readonly<Record<string, number>>,
): KernelNeeds {
  const named = (directive: string): string[] => {
    const pattern = new RegExp(`^\\s*${directive}\\s+([\\w\\s,]+);`, 'gm')
    return programs.flatMap((text) =>
      [...text.matchAll(pattern)].flatMap((match) => match[1]!.split(',').map((name) => name.trim())),
    )
  }
  const over: string[] = []
  const check = (limit: string, value: number): void => {
    if (value > (defaults[limit] ?? Number.POSITIVE_INFINITY) && !over.includes(limit)) over.push(limit)
  }
  for (const { bytes } of plan?.buffers ?? []) {
    check('maxStorageBufferBindingSize', bytes)
    check('maxBufferSize', bytes)
  }
  for (const { bindings, dispatch } of plan?.passes ?? []) {
    check('maxStorageBuffersPerShaderStage', bindings.filter(({ space }) => space !== 'uniform').length)
    check('maxBindGroups', Math.max(0, ...bindings.map(({ group }) => group + 1)))
    check('maxComputeWorkgroupsPerDimension', Math.max(...dispatch))
  }
  return {
    features: [...new Set(named('enable').map((name) => featureOf[name] ?? name))],
    languageFeatures: [...new Set(named('requires'))],
    limits: over,
  }
}
