/** `.wgsl?raw` imports give the program's text: Vite does it in pages, `server/rawText.ts` in Node. */
declare module '*.wgsl?raw' {
  const text: string
  export default text
}
