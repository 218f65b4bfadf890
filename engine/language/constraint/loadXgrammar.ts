import type * as library from '@mlc-ai/web-xgrammar'

export type Xgrammar = Pick<
  typeof library,
  'Grammar' | 'GrammarCompiler' | 'GrammarMatcher' | 'TokenizerInfo'
>

/**
 * Loads the grammar library, 1.1 MB with its WASM inside: nothing is fetched beside the script.
 *
 * @mlc-ai/web-xgrammar 0.1.27 says that it is an ES module and is a UMD one: imported as it is it puts itself on
 * globalThis; some bundlers make a default export of it. In Node it then wants `require` unless there is a `location`, so it
 * gets one, in this thread alone. Both can go when the package exports what its types say.
 */
export async function loadXgrammar(): Promise<Xgrammar> {
  const scope = globalThis as { location?: { href: string }; xgrammar?: Xgrammar }
  scope.location ??= { href: import.meta.url }
  const module = (await import('@mlc-ai/web-xgrammar')) as Xgrammar & { default?: Xgrammar }
  const loaded = [module, module.default, scope.xgrammar].find((one) => one?.GrammarCompiler)
  if (!loaded) throw new Error('The grammar library has no exports.')
  return loaded
}
