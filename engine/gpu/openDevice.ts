import { OpentabError } from '../../protocol/errors.ts'

/** What is known of a GPU device: for the choice of a kernel's variant, the device class and the device card. */
export interface DeviceInfo {
  /** Names as the browser gives them; empty where it hides them. */
  vendor: string
  architecture: string
  device: string
  description: string
  /** The adapter is a software one: correct, and slow in its own way. */
  isFallbackAdapter: boolean
  /** Features of the device, sorted. */
  features: readonly string[]
  /** WGSL language features of the browser, sorted. */
  languageFeatures: readonly string[]
  limits: {
    /** Largest tensor that a kernel can bind, bytes. */
    maxStorageBufferBindingSize: number
    /** Largest buffer, bytes. */
    maxBufferSize: number
    /** Workgroup memory of one workgroup, bytes. */
    maxComputeWorkgroupStorageSize: number
    maxComputeInvocationsPerWorkgroup: number
  }
}

export interface OpenedDevice {
  device: GPUDevice
  info: DeviceInfo
}

/** Features that kernels can use; each is asked for where the adapter has it. */
const wantedFeatures: readonly GPUFeatureName[] = ['subgroups', 'shader-f16', 'timestamp-query']

/**
 * Opens the GPU device of this tab, with the largest buffers and workgroups that the adapter allows.
 * @throws OpentabError `no_gpu` when the browser has no WebGPU or gives no adapter, `device_lost` when the adapter
 * gives no device
 */
export async function openDevice(gpu: GPU | undefined = globalThis.navigator?.gpu): Promise<OpenedDevice> {
  if (!gpu) {
    throw new OpentabError('no_gpu', 'This browser has no WebGPU here (navigator.gpu is missing).', {
      fix: 'Use a current Chrome, Edge, Firefox or Safari, over HTTPS or on this machine itself.',
    })
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new OpentabError('no_gpu', 'The browser has WebGPU and gave no adapter.')
  const {
    maxStorageBufferBindingSize,
    maxBufferSize,
    maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup,
  } = adapter.limits
  let device: GPUDevice
  try {
    device = await adapter.requestDevice({
      label: 'opentab',
      requiredFeatures: wantedFeatures.filter((feature) => adapter.features.has(feature)),
      requiredLimits: {
        maxStorageBufferBindingSize,
        maxBufferSize,
        maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup,
      },
    })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpentabError('device_lost', `The GPU adapter gave no device: ${reason}`, { cause })
  }
  const { vendor, architecture, device: deviceName, description, isFallbackAdapter } = adapter.info
  return {
    device,
    info: {
      vendor,
      architecture,
      device: deviceName,
      description,
      isFallbackAdapter,
      features: [...device.features].sort(),
      languageFeatures: [...gpu.wgslLanguageFeatures].sort(),
      limits: {
        maxStorageBufferBindingSize: device.limits.maxStorageBufferBindingSize,
        maxBufferSize: device.limits.maxBufferSize,
        maxComputeWorkgroupStorageSize: device.limits.maxComputeWorkgroupStorageSize,
        maxComputeInvocationsPerWorkgroup: device.limits.maxComputeInvocationsPerWorkgroup,
      },
    },
  }
}
