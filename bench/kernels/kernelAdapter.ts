/** Which adapter a run is for: the software one, a real GPU, or whatever the browser gives. */
export type KernelAdapter = 'any' | 'software' | 'hardware'

/** Flags that make headless Chromium take that adapter. */
export const adapterFlags: Readonly<Record<KernelAdapter, readonly string[]>> = {
  any: [],
  software: ['--use-webgpu-adapter=swiftshader'],
  // Headless Chromium on Linux takes no GPU without these.
  hardware: [
    '--use-angle=vulkan',
    '--enable-features=Vulkan',
    '--disable-vulkan-surface',
    '--ignore-gpu-blocklist',
  ],
}
