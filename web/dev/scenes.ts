import type { TabSnapshot, TabState, TaskLogEntry } from '../../worker/link/tabApi.ts'

/** Snapshots for pictures of the pages in every state. Never in the shipped bundle. */

const receipt = (n: number) => `r_${(n * 2654435761).toString(36).padStart(10, '0').slice(0, 10)}`

function taskRow(n: number, now: number): TaskLogEntry {
  const at = now - n * 7_300
  const base = { task: 9_000 - n, at, reason: null, receipt: receipt(n) }
  const kinds = [
    { kind: 'infer', subject: 'pp-ocrv4', graph: 'recognise', computeMs: 812, microCredits: '1204311' },
    { kind: 'infer', subject: 'all-minilm-l6-v2', graph: 'main', computeMs: 94, microCredits: '702115' },
    { kind: 'kernel', subject: 'matmul-i8', graph: null, computeMs: 1240, microCredits: '2147484' },
    { kind: 'infer', subject: 'pp-ocrv4', graph: 'detect', computeMs: 233, microCredits: '9120044' },
  ] as const
  const verdicts = ['unsampled', 'recomputed', 'freivalds', 'unsampled'] as const
  const row = { ...base, ...kinds[n % 4]!, verdict: verdicts[n % 4]! }
  if (n === 0) return { ...row, verdict: null, microCredits: '0', receipt: null }
  if (n === 3) {
    return {
      ...row,
      verdict: 'rejected',
      microCredits: '0',
      reason: 'Output 0 differs at element 118: 0.25 here, 0.75 at the relay.',
    }
  }
  if (n === 6)
    return {
      ...row,
      verdict: 'failed',
      microCredits: '0',
      receipt: null,
      reason: 'The device has no memory left.',
    }
  return row
}

/** A tab in the given state after a quarter of an hour of work. */
export function sceneSnapshot(state: TabState, now: number): TabSnapshot {
  return {
    state,
    tab: 't_4f1c',
    relay: { name: 'opentab-1f2e3d4c', version: '0.1.0' },
    device: {
      report: {
        vendor: 'google',
        architecture: 'swiftshader',
        description: '',
        browserMajor: 156,
        features: ['bgra8unorm-storage', 'core-features-and-limits', 'subgroups', 'timestamp-query'],
        fallbackAdapter: true,
        webgpu: true,
        onnxBackend: 'wasm',
        wasmThreads: 2,
        probe: { wasmMs: 12.4, webgpuMs: 480 },
      },
      kernels: ['matmul-f32', 'matmul-i8'],
      limits: { maxBufferSize: 1_073_741_824, maxComputeInvocationsPerWorkgroup: 256 },
      deviceClass: 'google-swiftshader-156',
    },
    credits: { pending: '412903118', escrow: '0', settled: '12847220001' },
    session: { microCredits: '412903118', completed: 214, rejected: 1, startedAt: now - 900_000 },
    current: { kind: 'infer', subject: 'pp-ocrv4', graph: 'recognise', startedAt: now - 400 },
    tasks: Array.from({ length: 40 }, (_, n) => taskRow(n, now)),
    throughput: Array.from({ length: 150 }, (_, n) => ({
      at: now - (149 - n) * 5_000,
      gflops: n < 8 ? 0 : 3.4 + 1.6 * Math.sin(n / 9) + 0.5 * Math.sin(n * 1.7),
      tasks: n < 8 ? 0 : (n * 7) % 4,
    })),
    models: [
      { hash: 'a'.repeat(64), id: 'pp-ocrv4', bytes: 16_100_000, storedBytes: 16_100_000, ready: true },
      {
        hash: 'b'.repeat(64),
        id: 'all-minilm-l6-v2',
        bytes: 22_900_000,
        storedBytes: 14_000_000,
        ready: false,
      },
    ],
    storage: { usedBytes: 30_100_000, allowedBytes: 1e9 },
  }
}

/** Whole scenes that are more than a state. */
export const scenes: Record<string, (now: number) => TabSnapshot> = {
  fresh: (now) => ({
    ...sceneSnapshot({ name: 'idle', since: now - 65_000 }, now),
    credits: { pending: '0', escrow: '0', settled: '0' },
    session: { microCredits: '0', completed: 0, rejected: 0, startedAt: now - 65_000 },
    current: null,
    tasks: [],
    throughput: Array.from({ length: 13 }, (_, n) => ({ at: now - (12 - n) * 5_000, gflops: 0, tasks: 0 })),
  }),
  'no-webgpu': (now) => {
    const scene = sceneSnapshot({ name: 'working' }, now)
    const { report } = scene.device!
    const none = { vendor: '', architecture: '', features: [], fallbackAdapter: false, webgpu: false }
    const probe = { wasmMs: 12.4, webgpuMs: null }
    const device = { ...scene.device!, deviceClass: 'none-156', kernels: [], limits: {} }
    return { ...scene, device: { ...device, report: { ...report, ...none, probe } } }
  },
  programs: (now) => {
    const scene = sceneSnapshot({ name: 'working' }, now)
    const program = { kind: 'custom', subject: '592880ec1443', graph: null } as const
    const verdicts = ['replica', 'unverified', 'failed', 'reference'] as const
    const reason = 'Line 12 (work): 1048576 invocations of up to 8192 steps do not fit the time budget.'
    const tasks = scene.tasks.slice(0, 8).map((task, n) => {
      const verdict = n === 0 ? null : verdicts[n % 4]!
      const paid = verdict === 'replica' || verdict === 'reference'
      const more = { verdict, microCredits: paid ? '412007' : '0', receipt: paid ? receipt(n) : null }
      return { ...task, ...program, ...more, reason: verdict === 'failed' ? reason : null }
    })
    return {
      ...scene,
      credits: { pending: '412903118', escrow: '80044117', settled: '12847220001' },
      current: { ...program, startedAt: now - 400 },
      tasks,
    }
  },
}

/** Every state that the page has a sentence for. */
export const sceneStates: Record<string, (now: number) => TabState> = {
  'starting-device': () => ({ name: 'starting', step: 'device' }),
  connecting: () => ({ name: 'starting', step: 'connecting' }),
  loading: () => ({ name: 'loading', model: 'all-minilm-l6-v2', bytes: 14_000_000, ofBytes: 22_900_000 }),
  idle: (now) => ({ name: 'idle', since: now - 125_000 }),
  working: () => ({ name: 'working' }),
  paused: () => ({ name: 'paused', reason: 'you', until: null }),
  battery: () => ({ name: 'paused', reason: 'battery', until: null }),
  'device-lost': (now) => ({ name: 'paused', reason: 'device-lost', until: now + 40_000 }),
  finishing: () => ({ name: 'finishing' }),
  offline: (now) => ({ name: 'disconnected', reason: 'offline', retryAt: now + 3_000 }),
  restarting: (now) => ({ name: 'disconnected', reason: 'relay-restarting', retryAt: now + 3_000 }),
  error: () => ({
    name: 'stopped',
    error: {
      code: 'device_lost',
      message: 'GPUDevice was lost: VK_ERROR_DEVICE_LOST (reason: unknown).',
      fix: 'Restart the browser.',
    },
  }),
}
