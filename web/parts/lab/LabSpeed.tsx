import type { Roofline } from '../../lab/gpu/labGpuApi.ts'
import { isSameKernel } from '../../lab/isSameKernel.ts'
import { lab, measure } from '../../lab.ts'
import type { Measured } from '../../state/labMeasure.ts'
import { labFormats } from '../../text/labFormats.ts'
import { sayLab, saySaid } from '../../text/sayLab.ts'
import { LabPair } from './LabPair.tsx'
import { RooflineView } from './RooflineView.tsx'

/** How fast the kernel is on this device, beside what the device can do. */
export function LabSpeed() {
  const busy = measure.busy.value
  const measured = measure.measured.value
  const roof = measure.roofline.value
  return (
    <section class="card" aria-labelledby="lab-speed">
      <div class="card-head">
        <h2 id="lab-speed">{sayLab('speed.title')}</h2>
        <button
          type="button"
          class="button small"
          disabled={busy !== null}
          onClick={() => void measure.time()}
        >
          {sayLab(busy === 'time' ? 'speed.measuring' : 'speed.measure')}
        </button>
      </div>
      <div role="status" class="lab-status">
        <Trouble />
        {measured === null && measure.trouble.value === null && (
          <p class="quiet note">{sayLab('speed.none')}</p>
        )}
        {measured !== null && <Figures measured={measured} roof={roof} />}
      </div>
      {measured !== null && !isSameKernel(measured.session, lab.session.value) && (
        <p class="quiet note">{sayLab('speed.older')}</p>
      )}
      {measured !== null && roof !== null && <RooflineView measured={measured} roof={roof} />}
      <LabPair />
    </section>
  )
}

function Trouble() {
  const trouble = measure.trouble.value
  if (trouble === null) return null
  const own = typeof trouble === 'object' && trouble.key.startsWith('speed.')
  return (
    <p class="warning">{own ? saySaid(trouble) : sayLab('speed.failed', { reason: saySaid(trouble) })}</p>
  )
}

function Figures({ measured, roof }: { measured: Measured; roof: Roofline | null }) {
  const { timing, operations, bytes, right } = measured
  const gflops = operations === null ? null : operations / (timing.medianMs * 1e6)
  const bandwidth = bytes / (timing.medianMs * 1e6)
  const rate = (name: 'speed.gflops' | 'speed.bandwidth', value: number, peak: number | undefined) => (
    <div>
      <dt>
        {sayLab(name)}
        {peak !== undefined && <>, {sayLab('speed.ofPeak', { share: labFormats.share(value / peak) })}</>}
      </dt>
      <dd class="figure">{labFormats.number(value)}</dd>
    </div>
  )
  return (
    <>
      <dl class="figures">
        <div>
          <dt>{sayLab('speed.median')}</dt>
          <dd class="figure">{labFormats.time(timing.medianMs)}</dd>
        </div>
        <div>
          <dt>{sayLab('speed.mad')}</dt>
          <dd class="figure">{labFormats.time(timing.madMs)}</dd>
        </div>
        <div>
          <dt>{sayLab('speed.n')}</dt>
          <dd class="figure">{timing.n}</dd>
        </div>
        {gflops !== null && rate('speed.gflops', gflops, roof?.gflops)}
        {rate('speed.bandwidth', bandwidth, roof?.gigabytesPerSecond)}
      </dl>
      <p class="quiet note">{sayLab('speed.method', { method: timing.method, runs: timing.runsEach })}</p>
      {right === null && <p class="warning note">{sayLab('speed.unchecked')}</p>}
    </>
  )
}
