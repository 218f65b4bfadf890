import { Command } from 'commander'
import { CommandError } from '../commandError.ts'

const names = ['ledger'] as const

/** Commands that a later version brings: known, so that they are not taken for a typing mistake. */
export const laterCommands = (): Command[] => names.map((name) => later(name, name))

/** @param path what a person types, e.g. `models calibrate` */
export const later = (name: string, path: string): Command =>
  new Command(name)
    .argument('[rest...]')
    .allowUnknownOption()
    .helpOption(false)
    .description('comes with a later version')
    .action(() => {
      throw new CommandError(`opentab ${path} comes with a later version.`, { exitCode: 2 })
    })
