import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import {
  bracketMatching,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language'
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import type { ProgramMessage } from '../gpu/labGpuApi.ts'
import { wgsl } from './wgslLanguage.ts'

export interface EditorWords {
  /** Accessible name of the text field. */
  label: string
  /** Read with it: how to leave the field by keyboard. */
  hint: string
}

/** A CodeMirror editor for WGSL. */
export interface Editor {
  /**
   * Puts another text in, without a change being told. Texts with different keys have an undo history each; a key whose
   * text was changed elsewhere begins a new one.
   */
  show(text: string, key: string): void
  /** Marks what the compiler says. */
  mark(messages: readonly Omit<ProgramMessage, 'program'>[]): void
  /** Sets the cursor on a line, from 1, and the focus in the editor. */
  goTo(line: number, column: number): void
  destroy(): void
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--code-keyword)' },
  { tag: [tags.typeName, tags.meta], color: 'var(--code-type)' },
  { tag: [tags.standard(tags.name), tags.standard(tags.variableName)], color: 'var(--code-function)' },
  { tag: [tags.number, tags.bool, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--quiet)', fontStyle: 'italic' },
])

const look = EditorView.theme({
  '&': { fontSize: '0.875rem', background: 'var(--surface)', color: 'var(--text)', height: '100%' },
  // The place around it has the ring: the gutter would cover one in here.
  '&.cm-focused': { outline: '0' },
  '.cm-scroller': {
    fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace',
    lineHeight: '1.55',
  },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { background: 'var(--sunken)', color: 'var(--quiet)', border: '0' },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'var(--line-wash)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-tooltip, .cm-panels': {
    background: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--edge)',
  },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-panels input, .cm-panels button': { font: 'inherit', fontSize: '0.8125rem' },
  '.cm-matchingBracket': { background: 'var(--accent-wash)', outline: '1px solid var(--accent)' },
  '.cm-selectionMatch': { background: 'var(--accent-wash)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--warning)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--edge)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--warning)',
    textUnderlineOffset: '0.25em',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline dotted var(--edge)',
    textUnderlineOffset: '0.25em',
  },
})

/**
 * Makes an editor inside `host`, in a shadow root: there its styles are adopted sheets, which the page's policy allows,
 * where those of a document would be an inline element, which it forbids.
 */
export function createEditor(
  host: HTMLElement,
  text: string,
  words: EditorWords,
  onChange: (text: string) => void,
): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const extensions = [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    drawSelection(),
    history(),
    bracketMatching(),
    closeBrackets(),
    indentOnInput(),
    indentUnit.of('  '),
    autocompletion(),
    search({ top: true }),
    highlightSelectionMatches(),
    lintGutter(),
    wgsl(),
    syntaxHighlighting(colours),
    look,
    keymap.of([
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...searchKeymap,
      ...historyKeymap,
      // Ctrl+Enter runs the kernel: the page's shortcut, not a blank line.
      ...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'),
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({
      'aria-label': words.label,
      'aria-description': words.hint,
      tabindex: '0',
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString())
    }),
  ]
  const stateOf = (doc: string) => EditorState.create({ doc, extensions })
  const view = new EditorView({ root, parent: root, state: stateOf(text) })
  /** States of the texts that are not shown, with their histories. */
  const others = new Map<string, EditorState>()
  let shown = ''
  return {
    show(next, key) {
      if (key === shown && view.state.doc.toString() === next) return
      others.set(shown, view.state)
      const kept = others.get(key)
      shown = key
      view.setState(kept?.doc.toString() === next ? kept : stateOf(next))
    },
    mark(messages) {
      const diagnostics = messages.flatMap((message) => diagnosticOf(view.state, message))
      view.dispatch(setDiagnostics(view.state, diagnostics))
    },
    goTo(line, column) {
      const at = positionOf(view.state, line, column)
      view.dispatch({ selection: { anchor: at }, scrollIntoView: true })
      view.focus()
    },
    destroy: () => view.destroy(),
  }
}

/** Place of a compiler's line and column (UTF-16 units from 1) in the document, which counts the same units from 0. */
function positionOf(state: EditorState, line: number, column: number): number {
  const found = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines))
  return Math.min(found.from + column - 1, found.to)
}

function diagnosticOf(state: EditorState, message: Omit<ProgramMessage, 'program'>): Diagnostic[] {
  const { place, text, type } = message
  if (place === null) return []
  const at = positionOf(state, place.line, place.column)
  const line = state.doc.lineAt(at)
  // A message of no length, and one at the end of a line, still needs a letter to stand under.
  const from = at === line.to && at > line.from ? at - 1 : at
  const to = Math.min(Math.max(from + Math.max(place.length, 1), from + 1), state.doc.length)
  return [{ from, to: Math.max(from, to), severity: type, message: text }]
}
