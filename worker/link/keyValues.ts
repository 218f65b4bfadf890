/** Small values kept between sessions (IndexedDB in a browser). */
export interface KeyValues {
  get(key: string): Promise<unknown>
  update(key: string, change: (old: unknown) => unknown): Promise<void>
}
