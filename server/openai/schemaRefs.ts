import { refuseValue } from './textFields.ts'

/** @throws OpentabError `invalid_value` when a reference leads nowhere in the schema `root` */
export function refuseBrokenRef(ref: string, root: object, place: string): void {
  if (ref === '#') return
  const match = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref)
  if (!match) refuseValue(place, 'must be `#` or `#/$defs/NAME`')
  const [, group, name] = match as unknown as [string, string, string]
  const defs: unknown = Reflect.get(root, group)
  if (typeof defs !== 'object' || defs === null || !Object.hasOwn(defs, name) || /[~%]/.test(name))
    refuseValue(place, `leads nowhere: there is no ${ref.slice(0, 100)}`)
}

/** A reference that leads to itself through references alone says nothing, for ever. */
export function refuseEndlessRefs(root: Readonly<Record<string, unknown>>, param: string): void {
  const next = (schema: unknown): unknown[] => {
    if (typeof schema !== 'object' || schema === null) return []
    const { $ref, anyOf } = schema as { $ref?: string; anyOf?: unknown[] }
    if (anyOf) return anyOf
    if ($ref === undefined) return []
    if ($ref === '#') return [root]
    const [, group, name] = $ref.split('/') as [string, string, string]
    return [(root[group] as Record<string, unknown>)[name]]
  }
  const starts = [root, ...['$defs', 'definitions'].flatMap((group) => Object.values(root[group] ?? {}))]
  const finished = new Set<unknown>()
  const visit = (schema: unknown, above: Set<unknown>): void => {
    if (finished.has(schema)) return
    if (above.has(schema)) refuseValue(param, 'has a reference that leads back to itself')
    above.add(schema)
    for (const step of next(schema)) visit(step, above)
    above.delete(schema)
    finished.add(schema)
  }
  for (const start of starts) visit(start, new Set())
}
