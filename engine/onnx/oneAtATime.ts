/** Runs what it is given in order, each after the last one has ended, whether well or badly. */
export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>

/** A queue of length one at work: ONNX Runtime Web allows one session operation at a time. */
export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
}
