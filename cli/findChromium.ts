import { statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readSetUpRecord } from './setup/missingParts.mjs'

const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome']

/** Places outside the path where installers put Chrome or Chromium. */
const places = [
  '/usr/bin',
  '/usr/local/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** Every Chrome or Chromium that is installed on this machine, by path; not all of them need to start. */
export function installedChromiums(): string[] {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...places]
  const candidates = folders.flatMap((folder) => [folder, ...names.map((name) => join(folder, name))])
  return [...new Set(candidates)].filter(
    (path) => /chrom/i.test(path.split(/[\\/]/).at(-1) ?? '') && isFile(path),
  )
}

/**
 * Path of the browser to run tabs in: `OPENTAB_CHROMIUM`, else the one that set-up saw start, else an installed one.
 * Undefined when there is none: set-up gets one.
 */
export function findChromium(): string | undefined {
  const configured = process.env.OPENTAB_CHROMIUM
  if (configured && isFile(configured)) return configured
  const { browser } = readSetUpRecord()
  if (browser !== undefined && isFile(browser)) return browser
  return installedChromiums()[0]
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true
