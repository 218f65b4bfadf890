import { Command } from 'commander'
import { later } from './laterCommands.ts'
import { modelsImport } from './modelsImport.ts'
import { modelsList } from './modelsList.ts'
import { modelsPull } from './modelsPull.ts'
import { modelsRemove } from './modelsRemove.ts'

/** `opentab models ...` */
export const models = (): Command =>
  new Command('models')
    .description('the models that the relay serves')
    .addCommand(modelsList())
    .addCommand(modelsPull())
    .addCommand(modelsImport())
    .addCommand(modelsRemove())
    .addCommand(later('calibrate', 'models calibrate'))
