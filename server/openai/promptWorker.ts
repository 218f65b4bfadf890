/** Entry of the thread that makes prompts: chat templates and tokenizers. */
import { serveMethods } from '../pipelines/serveMethods.ts'
import { promptMethods } from './promptMethods.ts'

serveMethods(promptMethods)
