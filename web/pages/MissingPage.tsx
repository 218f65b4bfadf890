import { say, sayParts } from '../text/say.ts'

/** A path that no page has. */
export function MissingPage() {
  return (
    <div class="narrow">
      <h1>{say('missing.title')}</h1>
      <p>{sayParts('missing.text', { link: <a href="/">{say('nav.contribute')}</a> })}</p>
    </div>
  )
}
