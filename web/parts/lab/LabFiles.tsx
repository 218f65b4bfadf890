import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { firstKernel } from '../../lab/firstKernel.ts'
import { fragmentOf } from '../../lab/fragment.ts'
import { fileNameOf, programFileOf, sessionOfFiles } from '../../lab/jobFile.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { saveFile } from '../saveFile.ts'

/** Share, export, import. */
export function LabFiles() {
  const said = useSignal<string | null>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const share = async (): Promise<void> => {
    history.replaceState(null, '', `/lab${await fragmentOf(lab.session.value)}`)
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
      saveFile(`${name}.lab.json`, 'application/json', JSON.stringify(session, null, 2))
      return
    }
    try {
      const job = await lab.jobFile()
      saveFile(`${name}.kernel.json`, 'application/json', `${JSON.stringify(job, null, 2)}\n`)
      saveFile(programFileOf(session), 'text/plain', session.programs[session.passes[0]!.program]!.text)
      said.value = null
    } catch (error) {
      said.value = error instanceof Error ? error.message : String(error)
    }
  }
  const take = async (files: FileList | null | undefined): Promise<void> => {
    if (!files || files.length === 0) return
    const texts = await Promise.all(
      Array.from(files, async (file) => ({ name: file.name, text: await file.text() })),
    )
    const session = sessionOfFiles(texts)
    said.value = session ? null : sayLab('lab.importFailed')
    if (session) lab.open(session)
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
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          accept=".wgsl,.json"
          onChange={(event) => void take(event.currentTarget.files)}
        />
      </span>
      <span role="status" class="note quiet lab-said">
        {said.value}
      </span>
    </>
  )
}
