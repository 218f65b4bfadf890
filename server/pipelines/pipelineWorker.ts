/** Entry of the pipeline thread. */
import { pipelineMethods } from './pipelineMethods.ts'
import { serveMethods } from './serveMethods.ts'

serveMethods(pipelineMethods)
