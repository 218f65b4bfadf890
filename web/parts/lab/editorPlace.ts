import { signal } from '@preact/signals'

/** A place in a program, from 1. */
export interface EditorPlace {
  program: number
  line: number
  column: number
}

/** The place that something on the page asks the editor to show. */
export const editorPlace = signal<EditorPlace | null>(null)
