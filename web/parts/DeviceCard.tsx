import type { DeviceReport } from '../../protocol/messages.ts'
import { tab } from '../site.ts'
import { adapterText, backendText, whyText } from '../state/deviceText.ts'
import { formats, say } from '../text/say.ts'

/** The device: adapter, backend and why, what was measured, limits. */
export function DeviceCard() {
  const { device } = tab.snapshot.value
  return (
    <section class="card" aria-labelledby="device-title">
      <h2 id="device-title">{say('device.title')}</h2>
      {device === null ? (
        <p class="quiet">{say('device.empty')}</p>
      ) : (
        <>
          <dl class="facts">
            <Fact name={say('device.adapter')} value={adapterText(device.report)} />
            <Fact name={say('device.backend')} value={backendText(device.report)} />
            <Fact name={say('device.why')} value={whyText(device.report)} />
            <Fact
              name={say('device.kernels')}
              value={device.kernels.length === 0 ? say('device.noKernels') : device.kernels.join(', ')}
            />
            <Fact name={say('device.class')} value={device.deviceClass || say('value.none')} />
            <Fact name={say('device.browser')} value={String(device.report.browserMajor)} />
          </dl>
          <Features report={device.report} />
          <Limits limits={device.limits} />
        </>
      )}
    </section>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

function Features({ report }: { report: DeviceReport }) {
  if (report.features.length === 0) return null
  return (
    <details>
      <summary>{say('device.features', { n: report.features.length })}</summary>
      <ul class="plain mono">
        {report.features.map((feature) => (
          <li key={feature}>{feature}</li>
        ))}
      </ul>
    </details>
  )
}

function Limits({ limits }: { limits: Record<string, number> }) {
  const names = Object.keys(limits).sort()
  if (names.length === 0) return null
  return (
    <details>
      <summary>{say('device.limits', { n: names.length })}</summary>
      <dl class="facts mono">
        {names.map((name) => (
          <Fact key={name} name={name} value={formats.number(limits[name] ?? 0)} />
        ))}
      </dl>
    </details>
  )
}
