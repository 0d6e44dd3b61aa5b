// POST /api/voximplant/calls/{id}/sync…: transcript and audio of one call, fetched when somebody asks.
import { Type } from '@fastify/type-provider-typebox'
import type { CallRepository } from '../../calls/repository.ts'
import type { HttpServer } from '../../http-server.ts'
import {
  syncCallData,
  type CallDataDeps,
  type DataPart,
} from '../../voximplant/media/call-data-desk.ts'
import { fetchedSchema } from '../../voximplant/media/fetched.ts'
import { findCall } from '../calls/find-call.ts'
import { failures, tags } from './route-words.ts'

export interface CallDataRoutesDeps extends CallDataDeps {
  readonly calls: CallRepository
}

interface DataRoute {
  readonly part: DataPart
  readonly path: string
  readonly operationId: string
  readonly summary: string
}

const ROUTES: readonly DataRoute[] = [
  {
    part: 'transcript',
    path: 'sync-transcript',
    operationId: 'syncVoximplantTranscript',
    summary: 'Fetch the transcript of a call from ElevenLabs; one that is here stays as it is',
  },
  {
    part: 'audio',
    path: 'sync-audio',
    operationId: 'syncVoximplantAudio',
    summary:
      'Fetch the audio of a call from ElevenLabs, else from Voximplant; also where the application does not record by itself',
  },
  {
    part: 'call',
    path: 'sync',
    operationId: 'syncVoximplantCall',
    summary: 'Read a call once more from the history, and fetch its transcript and audio',
  },
]

const strict = { additionalProperties: false }
const params = Type.Object({ call_id: Type.String({ maxLength: 64 }) })
const maybeFetched = Type.Union([fetchedSchema, Type.Null()], {
  description: 'Null: it was not asked for',
})
const response = {
  200: Type.Object({ transcript: maybeFetched, audio: maybeFetched }, strict),
  ...failures,
}
const TIMEOUT_MS = 180_000

export function callDataRoutes(app: HttpServer, deps: CallDataRoutesDeps): void {
  for (const { part, path, operationId, summary } of ROUTES) {
    const schema = { operationId, tags, summary, params, response }
    app.post(`/api/voximplant/calls/:call_id/${path}`, { schema }, async (request) => {
      const call = await findCall(deps.calls, request.params.call_id)
      const { keyId } = request.principal
      return syncCallData(deps, call, { part, keyId, signal: AbortSignal.timeout(TIMEOUT_MS) })
    })
  }
}
