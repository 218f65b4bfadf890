/** Where progress is shown: stderr, or what a test gives. */
export interface ProgressOutput {
  isTTY?: boolean
  write(text: string): unknown
}

export interface ProgressBar {
  /** @param what where the bytes come from or what is done with them; a new one begins a new bar */
  show(bytesDone: number, bytesTotal: number, what: string): void
  /** Ends the line that a bar stands on. */
  end(): void
}

const CELLS = 24
const MEGABYTE = 1e6

/** A bar that is drawn over itself on a terminal; a line at each tenth where the output is a file or a pipe. */
export function progressBar(output: ProgressOutput = process.stderr): ProgressBar {
  let current = ''
  let said = ''
  let isOpen = false
  const end = (): void => {
    if (isOpen) output.write('\n')
    isOpen = false
  }
  return {
    end,
    show(bytesDone, bytesTotal, what) {
      const share = bytesTotal > 0 ? Math.min(1, bytesDone / bytesTotal) : 1
      const total = (bytesTotal / MEGABYTE).toFixed(1)
      if (what !== current) end()
      current = what
      const full = Math.floor(share * CELLS)
      const line = output.isTTY
        ? `[${'█'.repeat(full)}${'░'.repeat(CELLS - full)}] ${(bytesDone / MEGABYTE).toFixed(1)} of ${total} MB, ${what}`
        : `${Math.floor(share * 10) * 10} % of ${total} MB, ${what}`
      if (line === said) return
      said = line
      output.write(output.isTTY ? `\r\u001b[2K${line}` : `${line}\n`)
      isOpen = output.isTTY === true
    },
  }
}
