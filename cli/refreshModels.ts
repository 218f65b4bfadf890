import { z } from 'zod'
import { CommandError } from './commandError.ts'
import { callAdmin, type Place } from './relayClient.ts'

/**
 * Tells the running relay that its model folder changed. A relay that does not run, or that refuses, is no failure
 * of the command: the files are in place.
 * @param name a model that the relay should serve now
 */
export async function refreshModels(place: Place, name?: string): Promise<{ served: boolean; text: string }> {
  try {
    const document = await callAdmin(place, '/admin/models/refresh', { method: 'POST' })
    const { data } = z.object({ data: z.array(z.string()) }).parse(document)
    if (name === undefined) return { served: true, text: 'The relay knows.' }
    if (data.includes(name)) return { served: true, text: `${place.relayUrl} serves it.` }
    return {
      served: false,
      text: `${place.relayUrl} does not serve it: it may use another data folder than ${place.dataFolder}.`,
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const why = error.unreachable
      ? `No relay answers at ${place.relayUrl} (OPENTAB_RELAY names another one)`
      : `The relay was not told (${error.message})`
    return { served: false, text: `${why}; it counts from the relay's next start.` }
  }
}
