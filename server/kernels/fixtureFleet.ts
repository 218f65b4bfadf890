import { FixtureCore, type FixtureOptions } from '../fixtureCore.ts'
import { CUSTOM_KERNEL_JOB } from '../jobs/jobKinds.ts'
import type { Job } from '../jobs/jobRecords.ts'
import { jobName } from '../jobs/jobRecords.ts'
import { viewJob } from '../jobs/jobView.ts'
import type { FakeTab, FakeTabOptions } from '../placement/fakeTab.ts'
import { doubling } from './fixtureKernel.ts'
import { parseCustomKernel } from './kernelBody.ts'
import { createKernelFlow, MOST_OPEN_KERNEL_JOBS } from './kernelFlow.ts'

/** One tab of each class. */
export const fleet = { spread: { perClass: 1 } }

/** A relay that serves custom kernels. */
export function openFleet({
  store,
  clock,
  mostOpen = MOST_OPEN_KERNEL_JOBS,
}: Pick<FixtureOptions, 'store' | 'clock'> & { mostOpen?: number } = {}): FixtureCore {
  const fixture: FixtureCore = new FixtureCore({
    ...(store && { store }),
    ...(clock && { clock }),
    kinds: [
      {
        name: CUSTOM_KERNEL_JOB,
        mostOpen,
        operationsOf: (spec) => (spec.kind === 'custom' ? (spec.operations ?? 0) : 0),
        refunds: false,
        flow: (body, context) =>
          createKernelFlow({
            core: () => fixture.core,
            readBlob: async () => new Uint8Array(0),
            storeBlob: async (_, sha256) => sha256,
          })(body as never, context),
      },
    ],
  })
  return fixture
}

/** A tab whose contributor lets custom kernels run. */
export const willing = (fixture: FixtureCore, address: string, options: FakeTabOptions = {}): FakeTab =>
  fixture.tab({ address, kernels: ['matmul-i8', 'custom'], ...options })

/** A job for the kernel that doubles four numbers. */
export const submitKernel = (
  fixture: FixtureCore,
  fields: object = {},
  requester: string = 'local',
): Promise<Job> =>
  fixture.submit(parseCustomKernel({ ...doubling, ...fields }), { kind: CUSTOM_KERNEL_JOB, requester })

export async function resultOf(fixture: FixtureCore, job: Job, requester = 'local') {
  await fixture.settle()
  return viewJob(fixture.core, jobName(job), requester, async (_, sha256) => sha256)
}
