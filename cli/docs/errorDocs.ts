import { type AfterClose, closeCodes } from '../../protocol/closeCodes.ts'
import { type ErrorCode, errorCatalogue } from '../../protocol/errors.ts'

/** Text of `docs/errors.md`: the error catalogue as a table. */
export function errorDocs(): string {
  const rows = (Object.keys(errorCatalogue) as ErrorCode[]).map((code) => {
    const { status, type, retryable, meaning, fix } = errorCatalogue[code]
    return `| \`${code}\` | ${status} | ${type} | ${retryable ? 'yes' : 'no'} | ${meaning} | ${fix} |`
  })
  const closes = Object.values(closeCodes).map(
    ({ code, error, after }) => `| ${code} | \`${error}\` | ${actions[after]} |`,
  )
  return `# Errors

Written by \`npm run docs\` from \`protocol/errors.ts\` and \`protocol/closeCodes.ts\`; a test keeps them equal.

Every HTTP error has the body \`{"error": {"message", "type", "param", "code"}}\` and the header \`x-request-id\`;
where a retry helps, \`retry-after\` says after how many seconds. \`message\` names the values at fault, \`param\` the field.
A browser that asks for a page that is not there (\`accept: text/html\`) gets a page instead, outside of the paths of the API.

| code | HTTP | type | retry | what happened | what to do |
|---|---|---|---|---|---|
${rows.join('\n')}

## Close codes of a tab's socket

| close code | error | what the tab does |
|---|---|---|
${closes.join('\n')}
`
}

const actions: Record<AfterClose, string> = {
  reconnect: 'connects again after a pause',
  reload: 'stops and asks for a reload',
  stop: 'stops and says why',
}
