import '../styles/lab.css'
import { useEffect } from 'preact/hooks'
import { lab } from '../lab.ts'
import { LabEditor } from '../parts/lab/LabEditor.tsx'
import { LabResult } from '../parts/lab/LabResult.tsx'
import { LabSetup } from '../parts/lab/LabSetup.tsx'
import { LabSpeed } from '../parts/lab/LabSpeed.tsx'
import { LabSweep } from '../parts/lab/LabSweep.tsx'
import { TemplateChoice } from '../parts/lab/TemplateChoice.tsx'
import { sayLab } from '../text/sayLab.ts'

/** A page to write kernels on, with what they do and how fast. */
export function LabPage() {
  useEffect(() => {
    void lab.run()
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      void lab.run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
  return (
    <div class="lab">
      <div class="lab-head">
        <h1>{sayLab('lab.title')}</h1>
        <TemplateChoice />
        <span class="lab-run">
          <label class="check note">
            <input
              type="checkbox"
              checked={lab.auto.value}
              onChange={(event) => lab.setAuto(event.currentTarget.checked)}
            />
            {sayLab('lab.auto')}
          </label>
          <button type="button" class="button primary" onClick={() => void lab.run()}>
            {sayLab('lab.run')} <kbd>{sayLab('lab.keys')}</kbd>
          </button>
        </span>
      </div>
      <div class="lab-columns">
        <div class="lab-side">
          <LabEditor />
          <LabSetup />
        </div>
        <div class="lab-side">
          <LabResult />
          <LabSpeed />
          <LabSweep />
        </div>
      </div>
    </div>
  )
}
