import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { firstKernel } from '../../lab/firstKernel.ts'
import { fragmentOf } from '../../lab/fragment.ts'
import { fileNameOf, programFileOf, sessionOfFiles } from '../../lab/jobFile.ts'
import { saidBy } from '../../lab/labWords.ts'
import { lab } from '../../lab.ts'
import { sayLab, saySaid } from '../../text/sayLab.ts'
import { saveFile } from '../saveFile.ts'
import { nameAddress } from './labAddress.ts'
import { readBase64 } from './readBase64.ts'

/** Share, export, import. */
export function LabFiles() {
  const before = lab.before.value
  const said = useSignal<string | null>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const session = lab.session.value
  // What was said is of the session as it was.
  useEffect(() => {
    said.value = null
  }, [session])
  const share = async (): Promise<void> => {
    const fragment = await fragmentOf(lab.session.value)
    if (fragment === null) {
      said.value = sayLab('lab.notShareable')
      return
    }
    nameAddress(`/lab${fragment}`)
    try {
      await navigator.clipboard.writeText(location.href)
      said.value = sayLab('lab.shared')
    } catch {
      said.value = sayLab('lab.sharedHere')
    }
  }
  const save = async (): Promise<void> => {
    const session = lab.session.value
    const name = fileNameOf(session.name)
    if (session.passes.length > 1) {
      const file = `${name}.lab.json`
      saveFile(file, 'application/json', JSON.stringify(session, null, 2))
      said.value = sayLab('lab.exportedSession', { file })
      return
    }
    try {
      const job = await lab.jobFile()
      const [file, program] = [`${name}.kernel.json`, programFileOf(session)]
      saveFile(file, 'application/json', `${JSON.stringify(job, null, 2)}\n`)
      saveFile(program, 'text/plain', session.programs[session.passes[0]!.program]!.text)
      said.value = sayLab('lab.exported', { file, program })
    } catch (error) {
      said.value = saySaid(saidBy(error))
    }
  }
  const take = async (files: FileList | null | undefined): Promise<void> => {
    if (!files || files.length === 0) return
    const given = await Promise.all(
      Array.from(files, async (file) => ({
        name: file.name,
        text: await file.text(),
        base64: await readBase64(file),
      })),
    )
    try {
      lab.open(sessionOfFiles(given), { held: true })
      said.value = null
    } catch (error) {
      said.value = saySaid(saidBy(error))
    }
  }
  useEffect(() => {
    const over = (event: DragEvent) => event.preventDefault()
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer?.files.length) return
      event.preventDefault()
      void take(event.dataTransfer.files)
    }
    addEventListener('dragover', over)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', over)
      removeEventListener('drop', drop)
    }
  }, [])
  return (
    <>
      <span class="buttons">
        <button type="button" class="button small" onClick={() => void share()}>
          {sayLab('lab.share')}
        </button>
        <button type="button" class="button small" onClick={() => void save()}>
          {sayLab('lab.export')}
        </button>
        <button type="button" class="button small" onClick={() => chooser.current?.click()}>
          {sayLab('lab.import')}
        </button>
        <button type="button" class="button small" onClick={() => lab.open(firstKernel)}>
          {sayLab('lab.reset')}
        </button>
        {before !== null && (
          <button type="button" class="button small" onClick={() => lab.open(before)}>
            {sayLab('lab.back', { name: before.name })}
          </button>
        )}
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          accept=".wgsl,.json,.npy,.bin"
          onChange={(event) => {
            const chosen = event.currentTarget
            // The same file, mended, may be chosen again.
            void take(chosen.files).finally(() => {
              chosen.value = ''
            })
          }}
        />
      </span>
      <span role="status" class="note quiet lab-said">
        {said.value}
      </span>
    </>
  )
}
