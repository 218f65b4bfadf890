import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { createEditor, type Editor } from '../../lab/editor/createEditor.ts'
import type { ProgramMessage } from '../../lab/gpu/labGpuApi.ts'
import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { editorPlace } from './editorPlace.ts'

/** The editor with the compiler's messages. */
export function LabEditor() {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const shown = useSignal(0)
  const { programs } = lab.session.value
  const at = Math.min(shown.value, programs.length - 1)
  const rewritten = lab.rewritten.value
  useEffect(() => {
    if (host.current === null) return
    const words = { label: sayLab('lab.editor', { name: 'WGSL' }), hint: sayLab('lab.editorHint') }
    const made = createEditor(host.current, lab.session.peek().programs[0]?.text ?? '', words, (text) => {
      const { programs: before } = lab.session.peek()
      lab.change({
        programs: before.map((program, index) => (index === shown.peek() ? { ...program, text } : program)),
      })
    })
    editor.current = made
    return () => {
      made.destroy()
      editor.current = null
    }
  }, [])
  useEffect(() => {
    shown.value = 0
  }, [rewritten])
  const show = (program: number): void =>
    editor.current?.show(lab.session.peek().programs[program]?.text ?? '', `${rewritten}.${program}`)
  useEffect(() => show(at), [at, rewritten])
  const messages = lab.messages.value
  const refusals = lab.refusals.value
  useEffect(() => {
    const refused = refusals.map(({ program, line, column, message }) => ({
      program,
      type: 'warning' as const,
      text: message,
      place: { line, column, length: 0 },
    }))
    editor.current?.mark([...messages, ...refused].filter(({ program }) => program === at))
  }, [messages, refusals, at, rewritten])
  const place = editorPlace.value
  useEffect(() => {
    if (place === null) return
    shown.value = place.program
    show(place.program)
    editor.current?.goTo(place.line, place.column)
  }, [place])
  return (
    <section class="card lab-editor" aria-label={sayLab('lab.programs')}>
      {programs.length > 1 && (
        <div class="buttons lab-tabs">
          {programs.map(({ name }, index) => (
            <button
              key={name}
              type="button"
              class="button small"
              aria-pressed={index === at}
              onClick={() => {
                shown.value = index
              }}
            >
              {name}
            </button>
          ))}
        </div>
      )}
      <div ref={host} class="lab-code" />
      <div class="lab-below">
        <Messages
          messages={messages}
          onOpen={({ program, place: found }) => {
            if (found) editorPlace.value = { program, line: found.line, column: found.column }
          }}
        />
        {/* Those who hear the page hear it with the editor. */}
        <p class="quiet note lab-leave" aria-hidden="true">
          {sayLab('lab.editorKeys')}
        </p>
      </div>
    </section>
  )
}

function Messages({
  messages,
  onOpen,
}: {
  messages: readonly ProgramMessage[]
  onOpen: (message: ProgramMessage) => void
}) {
  const placed = messages.filter(({ place }) => place !== null)
  const others = messages.filter(({ place }) => place === null)
  const { programs } = lab.session.value
  if (messages.length === 0) {
    const known = lab.reflected.value.length > 0
    return <p class="quiet note">{sayLab(known ? 'messages.none' : 'messages.waiting')}</p>
  }
  return (
    <div class="lab-messages" role="status">
      <h2>{sayLab('messages.title')}</h2>
      <ul>
        {placed.map((message, at) => (
          <li key={at} data-type={message.type}>
            <button type="button" class="link" onClick={() => onOpen(message)}>
              {programs.length > 1 && `${programs[message.program]?.name} · `}
              {sayLab('messages.at', { line: message.place!.line, column: message.place!.column })}
            </button>{' '}
            <strong>{sayLab('messages.type', { type: message.type })}</strong> {message.text}
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <>
          <h3>{sayLab('messages.nowhere')}</h3>
          <ul>
            {others.map((message, at) => (
              <li key={at} data-type={message.type}>
                <strong>{sayLab('messages.type', { type: message.type })}</strong> {message.text}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
