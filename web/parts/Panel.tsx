import { useEffect, useRef } from 'preact/hooks'
import { tab } from '../site.ts'
import { INTENSITY_STEP } from '../state/settings.ts'
import { formats, say } from '../text/say.ts'
import { AddressField } from './AddressField.tsx'
import { StateLine } from './StateLine.tsx'

/** The form and the buttons. What is under the pointer stays where it is when Start is pressed. */
export function Panel() {
  const running = tab.running.value
  return (
    <section class="card panel" aria-labelledby="panel-title">
      <h2 id="panel-title">{say('panel.title')}</h2>
      <form
        class="panel-form"
        noValidate
        onSubmit={async (event) => {
          event.preventDefault()
          await tab.start()
          if (tab.addressTrouble.value !== null) document.getElementById('address')?.focus()
        }}
      >
        <AddressField />
        <Intensity />
        <label class="check">
          <input
            type="checkbox"
            checked={tab.settings.value.onBattery}
            onChange={(event) => tab.setOnBattery(event.currentTarget.checked)}
          />
          {say('panel.onBattery')}
        </label>
        <CustomKernels />
        <Buttons />
      </form>
      <StateLine />
      <p class="quiet hint">{say(running ? 'panel.buttonsHint' : 'panel.startHint')}</p>
    </section>
  )
}

function CustomKernels() {
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={tab.settings.value.customKernels}
          aria-describedby="custom-kernels-hint"
          onChange={(event) => tab.setCustomKernels(event.currentTarget.checked)}
        />
        {say('panel.customKernels')}
      </label>
      <p class="quiet hint" id="custom-kernels-hint">
        {say('panel.customKernelsHint')}
      </p>
    </>
  )
}

function Intensity() {
  const { intensity } = tab.settings.value
  const spoken = say('panel.intensityValue', { share: formats.percent(intensity / 100) })
  return (
    <div class="field">
      <div class="field-row">
        <label for="intensity">{say('panel.intensity')}</label>
        <span class="figure quiet" aria-hidden="true">
          {spoken}
        </span>
      </div>
      <input
        id="intensity"
        type="range"
        min={10}
        max={100}
        step={INTENSITY_STEP}
        value={intensity}
        aria-valuetext={spoken}
        onInput={(event) => tab.setIntensity(event.currentTarget.valueAsNumber)}
      />
    </div>
  )
}

function Buttons() {
  const running = tab.running.value
  const row = useRef<HTMLDivElement>(null)
  const was = useRef(running)
  useEffect(() => {
    // The pressed button is gone: the focus goes to what stands in its place.
    if (was.current !== running && document.activeElement === document.body) {
      const buttons = row.current?.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')
      buttons?.item(buttons.length - 1).focus({ preventScroll: true })
    }
    was.current = running
  }, [running])
  return (
    <div class="buttons" ref={row}>
      {running ? <WorkButtons /> : <StartButton />}
    </div>
  )
}

const StartButton = () => (
  <button type="submit" class="button primary" key="start" aria-describedby="consent">
    {say('panel.start')}
  </button>
)

function WorkButtons() {
  const { state } = tab.snapshot.value
  const pausedByYou = state.name === 'paused' && state.reason === 'you'
  const settingUp = state.name === 'starting' && state.step === 'device'
  return (
    <>
      {pausedByYou ? (
        <button type="button" class="button primary" key="resume" onClick={() => tab.resume()}>
          {say('panel.resume')}
        </button>
      ) : (
        <button
          type="button"
          class="button"
          key="pause"
          // A second click of a double click on Start lands here.
          disabled={settingUp || state.name === 'finishing'}
          onClick={() => tab.pause()}
        >
          {say('panel.pause')}
        </button>
      )}
      <button
        type="button"
        class="button"
        key="finish"
        disabled={settingUp || state.name === 'finishing'}
        onClick={() => tab.finish()}
      >
        {say('panel.finish')}
      </button>
      <button type="button" class="button stop" key="stop" onClick={() => tab.stop()}>
        {say('panel.stop')}
      </button>
    </>
  )
}
