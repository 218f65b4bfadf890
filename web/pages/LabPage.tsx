import '../styles/lab.css'
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { sessionOfFiles } from '../lab/jobFile.ts'
import { type Said, saidBy } from '../lab/labWords.ts'
import { lab } from '../lab.ts'
import { LabDevice } from '../parts/lab/LabDevice.tsx'
import { LabEditor } from '../parts/lab/LabEditor.tsx'
import { LabFiles } from '../parts/lab/LabFiles.tsx'
import { LabFleet } from '../parts/lab/LabFleet.tsx'
import { LabResult } from '../parts/lab/LabResult.tsx'
import { LabSetup } from '../parts/lab/LabSetup.tsx'
import { LabSpeed } from '../parts/lab/LabSpeed.tsx'
import { LabSweep } from '../parts/lab/LabSweep.tsx'
import { badLink, leaveDraft, openAddress } from '../parts/lab/labAddress.ts'
import { TemplateChoice } from '../parts/lab/TemplateChoice.tsx'
import { sayLab, saySaid } from '../text/sayLab.ts'

/** The file of this machine that the page follows (`opentab lab FILE`). */
const followed = signal<string | null>(null)

/** Why that file cannot be opened; null where it can. */
const followTrouble = signal<Said | null>(null)

/** Opens the file that the server shows, and its program anew at every save. */
function follow(): () => void {
  const file = new URLSearchParams(location.search).get('file')
  if (file === null) return () => {}
  const source = new EventSource('/lab/file')
  source.addEventListener('file', (event) => {
    const files: { name: string; text: string }[] = JSON.parse(event.data)
    try {
      const session = sessionOfFiles(files)
      if (followed.value === file) lab.replaceProgram(session.programs[0]!.text)
      else lab.open(session)
      followed.value = file
      followTrouble.value = null
    } catch (error) {
      followTrouble.value = saidBy(error)
    }
  })
  return () => {
    source.close()
    followed.value = null
  }
}

/** A page to write kernels on, with what they do and how fast. */
export function LabPage() {
  useEffect(() => {
    const leave = follow()
    void openAddress()
    const press = (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      void lab.run()
    }
    addEventListener('keydown', press)
    addEventListener('hashchange', openAddress)
    addEventListener('pagehide', leaveDraft)
    return () => {
      leave()
      removeEventListener('keydown', press)
      removeEventListener('hashchange', openAddress)
      removeEventListener('pagehide', leaveDraft)
    }
  }, [])
  return (
    <div class="lab">
      <div class="lab-head">
        <h1>{sayLab('lab.title')}</h1>
        <span class="quiet lab-name">
          <span class="heard">{sayLab('lab.name')}</span> {lab.session.value.name}
        </span>
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
        <div class="lab-files">
          <TemplateChoice />
          <LabFiles />
        </div>
      </div>
      {followed.value !== null && <p class="quiet">{sayLab('lab.following', { name: followed.value })}</p>}
      {followTrouble.value !== null && <p class="warning">{saySaid(followTrouble.value)}</p>}
      {badLink.value && <p class="warning">{sayLab('lab.badLink')}</p>}
      <div class="lab-columns">
        <LabEditor />
        <LabSetup />
        <div class="lab-side">
          <LabResult />
          <LabSpeed />
          <LabSweep />
          <LabFleet />
          <LabDevice />
        </div>
      </div>
    </div>
  )
}
