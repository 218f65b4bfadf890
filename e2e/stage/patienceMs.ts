/**
 * Longest wait for one condition, ms: a busy machine is slow. `E2E_PATIENCE_MS` shortens it for whoever puts in a fault to
 * see a story fail.
 */
export const patienceMs = Number(process.env.E2E_PATIENCE_MS ?? 90_000)
