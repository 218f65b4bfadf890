// @ts-check

/**
 * Node's flags for a relay, the same in `npm start`, the demo and the benchmarks. A relay makes many small objects that
 * die young: with room for them the collector runs a quarter as often as with 16 MB. Newer V8s take 64 MB by
 * themselves where there is much memory; docs/decisions/relay-memory.md has the figures.
 */
export const relayFlags = ['--max-semi-space-size=64']
