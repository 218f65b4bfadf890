import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'

/**
 * Keeps the built pages as they are now, so that a relay goes on with those that it started with when others are built: they
 * speak its version of the protocol, and pages that are open still find their files. Costs no space: the files are linked.
 * @param dist folder of the build
 * @param folder where they are kept; what an earlier start kept there goes
 * @returns the folder to serve: `dist` where nothing is built yet, or its files cannot be linked (another disk)
 */
export async function keepPages(dist: string, folder: string): Promise<string> {
  try {
    await rm(folder, { recursive: true, force: true })
    const html = await readFile(join(dist, 'index.html'))
    const assets = await readdir(join(dist, 'assets'), { recursive: true, withFileTypes: true })
    for (const asset of assets) {
      if (!asset.isFile()) continue
      const from = join(asset.parentPath, asset.name)
      const to = join(folder, relative(dist, from))
      await mkdir(dirname(to), { recursive: true })
      await link(from, to)
    }
    // Others may have taken their place meanwhile.
    if (!html.equals(await readFile(join(dist, 'index.html')))) throw new Error('The pages were built anew.')
    await writeFile(join(folder, 'index.html'), html)
    return folder
  } catch {
    await rm(folder, { recursive: true, force: true }).catch(() => {})
    return dist
  }
}
