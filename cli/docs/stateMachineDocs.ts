import { jobStateRules, taskMoves, taskStates } from '../../protocol/job.ts'

/** Text of `docs/state-machine.md`: the states of tasks and jobs and the moves between them. */
export function stateMachineDocs(): string {
  const ends = taskStates.filter((state) => !taskMoves.some((move) => move.from === state))
  return `# States

Written by \`npm run docs\` from \`protocol/job.ts\`; a test keeps them equal.

## Tasks

\`\`\`mermaid
stateDiagram-v2
  [*] --> ${taskStates[0]}
${taskMoves.map(({ from, event, to }) => `  ${from} --> ${to}: ${event.replaceAll(':', ',')}`).join('\n')}
${ends.map((state) => `  ${state} --> [*]`).join('\n')}
\`\`\`

| from | event | to |
|---|---|---|
${taskMoves.map(({ from, event, to }) => `| ${from} | ${event} | ${to} |`).join('\n')}

A lease carries the generation of its task. A result counts only while the task is leased under that same generation, so
a late or repeated result changes nothing.

## Jobs

A job's state is never stored beside its tasks' states: it follows from them.

| state | when |
|---|---|
${jobStateRules.map(({ state, when }) => `| ${state} | ${when} |`).join('\n')}
`
}
