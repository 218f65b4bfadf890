import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../cli/setup/places.mjs'
import { ada, ben, eve, openContribute } from './stage/contributor.ts'
import { openWithout } from './stage/openWithout.ts'
import { useStage } from './stage/useStage.ts'

const stage = useStage()
const SWITCH = 'Run programs that developers send'
const job = join(projectRoot, 'e2e/kernels/scale.kernel.json')

interface Run {
  code: number | null
  stdout: string
  stderr: string
}

/** `opentab kernel run ...` in a process of its own. */
const kernelRun = (...args: string[]): Promise<Run> =>
  new Promise((resolve) => {
    const all = [
      '--import',
      './server/rawText.ts',
      'cli/opentab.ts',
      'kernel',
      'run',
      ...args,
      '--relay',
      stage.relay.url,
    ]
    execFile(process.execPath, all, { cwd: projectRoot }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code as number | null), stdout, stderr }),
    )
  })

const kernelFile = (name: string): string => join(projectRoot, `e2e/kernels/${name}.kernel.json`)

describe('a kernel that means harm', () => {
  it('is refused with line and rule, or ended by its budget; the tab works on and nobody earns', async () => {
    const contributor = await openContribute(await stage.profile())
    await contributor.page.getByLabel(SWITCH).check()
    await contributor.start(eve)
    await contributor.shows('idle')
    const refused = await kernelRun(kernelFile('recursive'), '--json')
    expect(refused).toMatchObject({ code: 1 })
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      code: 'kernel_refused',
      message: expect.stringContaining('Line 3:10 (recursion): down comes to call itself here.'),
    })
    const ended = await kernelRun(kernelFile('endless'), '--fleet', '--json')
    expect(ended).toMatchObject({ code: 1 })
    expect(JSON.parse(ended.stdout).result.matrix).toMatchObject([
      {
        verdict: 'failed',
        message: expect.stringMatching(/^kernel_ended: The kernel used up its \d+ iterations/),
      },
    ])
    expect(await kernelRun(job)).toMatchObject({ code: 0 })
    await contributor.shows('idle')
    const { credits, tasks } = await stage.ask.account(eve)
    expect([credits.pending, credits.settled, tasks.rejected]).toEqual(['0', '0', 0])
    await contributor.button('Stop').click()
    await contributor.shows('stopped')
  })
})

describe('a kernel over the fleet', () => {
  it('runs only where the contributor switched it on; two device classes give two lines; a wrong one shows', async () => {
    const first = await openContribute(await stage.profile())
    await expect(first.page.getByLabel(SWITCH).isChecked()).resolves.toBe(false)
    await first.start(ada)
    await first.shows('idle')
    const nobody = await kernelRun(job, '--wait', '2')
    expect(nobody).toMatchObject({ code: 1 })
    expect(nobody.stderr).toContain('switched them on')

    await first.button('Stop').click()
    await first.shows('stopped')
    await first.page.getByLabel(SWITCH).check()
    await first.start(ada)
    await first.shows('idle')
    const alone = await kernelRun(job, '--json')
    expect(alone).toMatchObject({ code: 0 })
    const { result } = JSON.parse(alone.stdout)
    expect(result.outputs[0].data).toEqual(Array.from({ length: 64 }, (_, i) => 3 * i))
    expect(result.outputs[1].data).toEqual(Array.from({ length: 64 }, (_, i) => i))
    expect(result.matrix).toMatchObject([
      { verdict: 'unverified', timedRuns: 5, timing: 'timestamps', tabs: 1 },
    ])
    expect((await stage.ask.receipts(ada))[0]).toMatchObject({ verdict: 'unverified', microCredits: '0' })

    const second = await openWithout(await stage.profile(), 'subgroups')
    await second.page.getByLabel(SWITCH).check()
    await second.start(ben)
    await second.shows('idle')
    const both = await kernelRun(job, '--fleet')
    expect(both).toMatchObject({ code: 0 })
    expect(both.stdout.split('\n').filter((line) => / agrees /.test(line))).toHaveLength(2)
    expect((await stage.ask.receipts(ben))[0]).toMatchObject({ verdict: 'replica', microCredits: '64' })

    await second.fault('bit-flip')
    const wrong = await kernelRun(job, '--fleet', '--json')
    expect(wrong).toMatchObject({ code: 1 })
    expect(JSON.parse(wrong.stdout).result.matrix).toMatchObject([
      { verdict: 'differs' },
      { verdict: 'differs' },
    ])
  })

  it('runs in the tabs of a contributor who says --kernels on the command line', async () => {
    const args = ['--import', './server/rawText.ts', 'cli/tab.ts', '--relay', stage.relay.url, '--kernels']
    const tabs = spawn(process.execPath, args, { cwd: projectRoot })
    try {
      await new Promise<void>((resolve, reject) => {
        let said = ''
        const hear = (text: Buffer): void => {
          said += text
          if (/ idle: /.test(said)) resolve()
        }
        tabs.stdout.on('data', hear)
        tabs.stderr.on('data', hear)
        tabs.once('exit', () => reject(new Error(said)))
      })
      expect(await kernelRun(job, '--wait', '20')).toMatchObject({ code: 0 })
    } finally {
      tabs.kill('SIGTERM')
    }
  })
})
