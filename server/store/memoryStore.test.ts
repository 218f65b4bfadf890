import { storeContract } from './contractSuite.ts'
import { MemoryStore } from './memoryStore.ts'

storeContract('MemoryStore', () => new MemoryStore())
