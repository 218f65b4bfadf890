import { useSignal } from '@preact/signals'
import type { TaskLogEntry } from '../../worker/link/tabApi.ts'
import { tab } from '../site.ts'
import { accountPath } from '../state/route.ts'
import { kindWord, troubleOf, verdictWords } from '../state/taskWords.ts'
import { formats, say } from '../text/say.ts'
import { Credits } from './Credits.tsx'

/** Rows shown before “Show more”. */
const FIRST_ROWS = 12

/** What this tab did, newest first: what, when, how long, how it was checked, what it earned. */
export function TaskLog() {
  const all = useSignal(false)
  const { tasks, session } = tab.snapshot.value
  const shown = all.value ? tasks : tasks.slice(0, FIRST_ROWS)
  const { completed, rejected } = session
  return (
    <section class="card task-log" aria-labelledby="tasks-title">
      <div class="card-head">
        <h2 id="tasks-title">{say('tasks.title')}</h2>
        {completed + rejected > 0 && (
          <p class="quiet figure">{say('tasks.count', { completed, rejected })}</p>
        )}
      </div>
      {tasks.length === 0 ? (
        <p class="quiet">{say('tasks.empty')}</p>
      ) : (
        <ol class="rows tasks">
          {shown.map((entry) => (
            <TaskRow key={`${entry.task} ${entry.at}`} entry={entry} />
          ))}
        </ol>
      )}
      {tasks.length > shown.length && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            all.value = true
          }}
        >
          {say('tasks.more', { n: tasks.length - shown.length })}
        </button>
      )}
    </section>
  )
}

function TaskRow({ entry }: { entry: TaskLogEntry }) {
  const { word, why } = verdictWords(entry.verdict)
  const trouble = troubleOf(entry)
  return (
    <li data-verdict={entry.verdict ?? 'pending'}>
      <div class="row-main">
        <span class="row-what">
          {entry.subject}
          {entry.graph !== null && entry.graph !== 'main' && <span class="quiet"> {entry.graph}</span>}
        </span>
        {entry.microCredits !== '0' && <Credits microCredits={entry.microCredits} earned />}
      </div>
      <div class="row-more">
        <span class="tag">{kindWord(entry.kind)}</span>
        <time class="figure" dateTime={new Date(entry.at).toISOString()}>
          {formats.time(entry.at)}
        </time>
        <span class="figure">{formats.computeTime(entry.computeMs)}</span>
        <span class={trouble === null ? 'verdict' : 'verdict warning'} title={why}>
          {word}
        </span>
        {entry.receipt !== null && (
          <a
            href={accountPath(tab.settings.value.address, entry.receipt)}
            aria-label={say('tasks.receiptLabel', { id: entry.receipt })}
          >
            {say('tasks.receipt')}
          </a>
        )}
      </div>
      {trouble !== null && <p class="warning note">{trouble}</p>}
    </li>
  )
}
