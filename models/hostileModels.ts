import { hostileDeclarations } from './hostile/hostileDeclarations.ts'
import { hostileFiles } from './hostile/hostileFiles.ts'
import type { HostileModel } from './hostile/hostileModel.ts'
import { hostileOperators } from './hostile/hostileOperators.ts'
import { hostileStructure } from './hostile/hostileStructure.ts'
import { hostileShapes, hostileTensors } from './hostile/hostileTensors.ts'

/** Every file that an import must refuse, with what the refusal must say. */
export const hostileModels: readonly HostileModel[] = [
  ...hostileFiles,
  ...hostileDeclarations,
  ...hostileTensors,
  ...hostileStructure,
  ...hostileOperators,
  ...hostileShapes,
]
