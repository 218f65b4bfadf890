import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { NetworkDocument } from '../../../protocol/network.ts'
import type { LabDevice as Device } from '../../lab/gpu/labGpuApi.ts'
import { type KernelNeeds, needsOf } from '../../lab/needsOf.ts'
import { planSession } from '../../lab/planSession.ts'
import { fleet, lab } from '../../lab.ts'
import { relay } from '../../site.ts'
import { formats } from '../../text/say.ts'
import { sayLab } from '../../text/sayLab.ts'
import { webgpuDefaults } from './webgpuDefaults.ts'

/** The adapter beside WebGPU's defaults, and beside the connected fleet. */
export function LabDevice() {
  const device = lab.device.value
  const { programs } = lab.session.value
  const planned = lab.reflected.value.length > 0 ? planSession(lab.session.value, lab.reflected.value) : null
  const texts = programs.map(({ text }) => text)
  const needs = needsOf(planned?.plan ?? null, texts, webgpuDefaults)
  return (
    <section class="card" aria-labelledby="lab-device">
      <h2 id="lab-device">{sayLab('device.title')}</h2>
      {device === null ? <p class="quiet note">{sayLab('device.none')}</p> : <About device={device} />}
      <Needs needs={needs} />
      <Fleet device={device} needs={needs} />
    </section>
  )
}

function About({ device }: { device: Device }) {
  const { vendor, architecture, description, limits, features, languageFeatures } = device
  const name = [vendor, architecture, description].filter((part) => part !== '').join(' ')
  const all = [...features, ...languageFeatures]
  return (
    <>
      <p>{sayLab('device.name', { name })}</p>
      {device.isFallbackAdapter && <p class="quiet note">{sayLab('device.software')}</p>}
      <details class="table-behind">
        <summary>{sayLab('device.limits')}</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">{sayLab('device.limit')}</th>
              <th scope="col">{sayLab('device.here')}</th>
              <th scope="col">{sayLab('device.default')}</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(webgpuDefaults).map(([limit, usual]) => (
              <tr key={limit}>
                <td>{limit}</td>
                <td>{limits[limit] === undefined ? '' : formats.number(limits[limit])}</td>
                <td>{formats.number(usual)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <details>
        <summary>{sayLab('device.features', { n: all.length })}</summary>
        <p class="mono note lab-words">{all.join(', ')}</p>
      </details>
    </>
  )
}

function Needs({ needs: { features, languageFeatures, limits } }: { needs: KernelNeeds }) {
  const names = [...features, ...languageFeatures]
  if (names.length === 0 && limits.length === 0) return <p class="note">{sayLab('device.needsNothing')}</p>
  return (
    <p class="note">
      {names.length > 0 && sayLab('device.needs', { names: names.join(', ') })}{' '}
      {limits.length > 0 && sayLab('device.overLimits', { names: limits.join(', ') })}
    </p>
  )
}

/** The device classes of the tabs that are connected now. What they have is known only to a run, where the kernel asks for more than the defaults. */
function Fleet({ device, needs }: { device: Device | null; needs: KernelNeeds }) {
  const network = useSignal<NetworkDocument | 'unknown' | null>(null)
  useEffect(() => {
    const ask = () =>
      relay.network().then(
        (document) => {
          network.value = document
        },
        () => {
          network.value = 'unknown'
        },
      )
    void ask()
    // Tabs come and go while a person is elsewhere, for one to start them.
    addEventListener('focus', ask)
    return () => removeEventListener('focus', ask)
    // A run over the fleet has just met its tabs.
  }, [fleet.rows.value])
  if (network.value === null) return null
  if (network.value === 'unknown') return <p class="quiet note">{sayLab('device.fleetUnknown')}</p>
  const counts = new Map<string, number>()
  for (const { deviceClass } of network.value.tabs) {
    counts.set(deviceClass, (counts.get(deviceClass) ?? 0) + 1)
  }
  const plain = needs.features.length + needs.languageFeatures.length + needs.limits.length === 0
  const able = (deviceClass: string): boolean => plain && !/^(?:none|unknown)\//.test(deviceClass)
  const like = (deviceClass: string): boolean =>
    device !== null && deviceClass.startsWith(`${device.vendor}/${device.architecture}/`)
  const runs = [...counts.keys()].filter(able).length
  return (
    <div class="lab-group">
      <h3>{sayLab('device.fleet')}</h3>
      {counts.size === 0 ? (
        <p class="quiet note">{sayLab('device.noFleet')}</p>
      ) : (
        <>
          <p>{sayLab('device.runsOn', { able: runs, all: counts.size })}</p>
          <ul class="note lab-classes">
            {[...counts].map(([deviceClass, n]) => (
              <li key={deviceClass}>
                <code>{deviceClass}</code> {sayLab('device.tabs', { n })},{' '}
                {sayLab(able(deviceClass) ? 'device.able' : 'device.unknown')}
                {like(deviceClass) && `, ${sayLab('device.same')}`}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
