import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../server/config.ts'
import { withConfigurationTable } from './configurationTable.ts'
import { errorDocs } from './errorDocs.ts'
import { stateMachineDocs } from './stateMachineDocs.ts'

/** Writes the pages of docs/ that follow from the code: `npm run docs`. */
const path = (name: string): string => join(projectRoot, 'docs', name)
writeFileSync(path('errors.md'), errorDocs())
writeFileSync(path('state-machine.md'), stateMachineDocs())
writeFileSync(path('operating.md'), withConfigurationTable(readFileSync(path('operating.md'), 'utf8')))
