import { isLabAlone } from '../site.ts'
import { say, sayParts } from '../text/say.ts'

/** A path that no page has. */
export function MissingPage() {
  const lab = <a href="/lab">{say('nav.lab')}</a>
  const contribute = <a href="/">{say('nav.contribute')}</a>
  const chat = <a href="/chat">{say('nav.chat')}</a>
  return (
    <div class="narrow">
      <h1>{say('missing.title')}</h1>
      <p>
        {isLabAlone
          ? sayParts('missing.textLab', { lab })
          : sayParts('missing.text', { contribute, chat, lab })}
      </p>
    </div>
  )
}
