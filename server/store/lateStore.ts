import { MemoryStore } from './memoryStore.ts'
import type { Batch } from './store.ts'

/** A memory store that tells of its commits later than they are kept, as one does that commits in a thread: for tests. */
export class LateStore extends MemoryStore {
  override commit(batch: Batch): Promise<void> {
    super.commit(batch)
    return Promise.resolve()
  }
}
