import { snapshotAtRest } from '../../worker/link/snapshotAtRest.ts'
import type { TabApi, TabSnapshot } from '../../worker/link/tabApi.ts'
import { sceneSnapshot, sceneStates, scenes } from './scenes.ts'

/**
 * A tab that shows one scene as soon as it is started; put in the place of `worker/tab.ts` by e2e/pictures. The scene's
 * name comes from the session storage.
 */
export function createTab(): TabApi {
  let listener: (snapshot: TabSnapshot) => void = () => {}
  const show = (name: string) => {
    const now = Date.now()
    const state = sceneStates[name]?.(now)
    const scene = state === undefined ? scenes[name]?.(now) : sceneSnapshot(state, now)
    if (scene !== undefined) listener(scene)
  }
  return {
    subscribe: async (listen) => {
      listener = listen
      listen(snapshotAtRest(1e9))
    },
    start: async () => show(sessionStorage.getItem('scene') ?? 'working'),
    pause: async () => show('paused'),
    resume: async () => show('working'),
    finish: async () => show('finishing'),
    stop: async () =>
      listener({ ...sceneSnapshot({ name: 'stopped', error: null }, Date.now()), current: null }),
    change: async () => {},
    deleteModel: async () => {},
  }
}
