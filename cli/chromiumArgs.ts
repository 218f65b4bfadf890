/** Flags for a Chromium that runs tabs: quiet on the network, with WebGPU also on software adapters. */
export const chromiumArgs: readonly string[] = [
  // Chromium's sandbox refuses to start as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  // Software WebGPU is hidden without it.
  '--enable-unsafe-webgpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
