import { lab } from '../../lab.ts'
import { sayLab } from '../../text/sayLab.ts'
import { BufferFields } from './BufferFields.tsx'
import { CheckFields } from './CheckFields.tsx'
import { NumberFields } from './NumberFields.tsx'
import { PassFields } from './PassFields.tsx'

/** What the program does not say about itself: numbers, buffers, dispatch, and what is right. */
export function LabSetup() {
  const { passes } = lab.session.value
  return (
    // Half-typed numbers belong to the session that they were typed into.
    <section key={lab.opened.value} class="card lab-setup" aria-labelledby="lab-setup">
      <h2 id="lab-setup">{sayLab('setup.title')}</h2>
      <NumberFields />
      <BufferFields />
      {passes.length === 1 ? (
        <div class="lab-group">
          <h3>{sayLab('setup.pass')}</h3>
          <PassFields at={0} />
        </div>
      ) : (
        passes.map(({ entryPoint }, at) => (
          <details key={at} class="lab-group">
            <summary>{sayLab('setup.passOf', { n: at + 1, entry: entryPoint })}</summary>
            <PassFields at={at} />
          </details>
        ))
      )}
      <CheckFields />
    </section>
  )
}
