// GET /api/calls/{id}/silences: when nothing was heard on a call, and whose that was.
import { Type } from '@fastify/type-provider-typebox'
import type { CallEvent, CallId } from '#core/contracts'
import { decodeCallEvent } from '../../calls/repository.ts'
import { findSilences } from '../../calls/silence/find-silences.ts'
import type { HeardLevels } from '../../calls/silence/silence.ts'
import { silencesSchema, viewSilences } from '../../calls/silence/silences-view.ts'
import { speechOfLevels } from '../../calls/silence/speech-of-levels.ts'
import { firstOf, recordedIn } from '../../calls/silence/talk.ts'
import type { CallRow } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { findCall } from './find-call.ts'
import { readPeaks, type PeaksRouteDeps } from './peaks-route.ts'

export function silencesRoute(app: HttpServer, deps: PeaksRouteDeps): void {
  const schema = {
    operationId: 'listSilences',
    tags: ['calls'],
    summary: 'When nothing was heard on a call, whose that was and why; and who was heard when',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    response: {
      200: silencesSchema,
      404: {
        description: 'No such call',
        content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
      },
    },
  }
  const options = { schema, exposeHeadRoute: false, config: { access: 'viewer' } } as const
  app.get('/api/calls/:call_id/silences', options, async (request) => {
    const row = await findCall(deps.calls, request.params.call_id)
    const events = (await deps.calls.events(row.call_id)).map(decodeCallEvent)
    return viewSilences(row.created_at, findSilences(events, await levelsOf(deps, row, events)))
  })
}

/** What the recording says; without one, and when it cannot be read just now, the events say what they can. */
async function levelsOf(
  deps: PeaksRouteDeps,
  row: CallRow & { readonly call_id: CallId },
  events: readonly CallEvent[],
): Promise<HeardLevels | undefined> {
  const started = firstOf(events, 'recording.started')
  if (row.recording_state !== 'stored' || started === undefined) return undefined
  try {
    const peaks = await readPeaks(deps, row)
    const lengthMs = (peaks.samples * 1000) / peaks.sampleRate
    const recording = { from: started.at, to: started.at + lengthMs }
    return await speechOfLevels(peaks, recording, recordedIn(events, recording))
  } catch (error) {
    deps.logger.info({ callId: row.call_id, err: error }, 'silences without the recording')
    return undefined
  }
}
