// GET /api/calls/{id}/recording/peaks: how loud both sides were, for drawing a recording without decoding it.
import { Type } from '@fastify/type-provider-typebox'
import type { CallId, MediaStore } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { PeakDesk } from '../../calls/peaks/peak-desk.ts'
import type { Peaks } from '../../calls/peaks/peak-scan.ts'
import {
  MOST_POINTS,
  peaksSchema,
  renderPeaks,
  USUAL_POINTS,
} from '../../calls/peaks/peaks-view.ts'
import { timesOf } from '../../calls/timeline-view.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { CallRow } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { contentTypeOf } from '../../storage/media-key.ts'
import { problem } from '../problem.ts'
import { findCall } from './find-call.ts'
import { findRecording } from './find-recording.ts'
import { noRecording } from './stored-audio.ts'

export interface PeaksRouteDeps {
  readonly calls: CallRepository
  readonly mediaStore: MediaStore
  readonly peaks: PeakDesk
  readonly logger: Logger
}

export function peaksRoute(app: HttpServer, deps: PeaksRouteDeps): void {
  const schema = {
    operationId: 'getRecordingPeaks',
    tags: ['calls'],
    summary: 'How loud both sides of a recording are, in slices of time: for drawing it',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    querystring: Type.Object(
      {
        points: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: MOST_POINTS,
            description: `As many for each side at most, and no more than 200 a second; ${USUAL_POINTS} unless told`,
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: {
      200: {
        description: 'Both sides',
        content: { 'application/json': { schema: peaksSchema } },
      },
      '4xx': problem,
      503: problem,
    },
  }
  const url = '/api/calls/:call_id/recording/peaks'
  const options = { schema, exposeHeadRoute: false, config: { access: 'viewer' } } as const
  app.get(url, options, async (request, reply) => {
    const row = await findCall(deps.calls, request.params.call_id)
    const peaks = await readPeaks(deps, row)
    const offsetMs = await offsetOf(deps.calls, row)
    const { points = USUAL_POINTS } = request.query
    const text = await renderPeaks(peaks, { points, offsetMs })
    return (
      reply
        .header('content-type', 'application/json; charset=utf-8')
        // How somebody spoke stays in no cache, as their voice does not.
        .header('cache-control', 'private, no-store')
        .send(text)
    )
  })
}

const MP3 =
  'The recording of this call is MP3, as a vendor made it: how loud both sides were is not read from it.'

/** @throws AppError `RECORDING_NOT_FOUND`, `TOO_MANY_REQUESTS`, `STORAGE_UNAVAILABLE`. */
export async function readPeaks(
  { calls, mediaStore, peaks, logger }: PeaksRouteDeps,
  row: CallRow & { readonly call_id: CallId },
): Promise<Peaks> {
  const name = await findRecording(mediaStore, row)
  if (contentTypeOf(name.key) === 'audio/mpeg') throw noRecording(MP3)
  const found = await peaks.peaksOf(name)
  // It may have been deleted while it was read: then nobody is told, and nothing is kept.
  try {
    await findRecording(mediaStore, await findCall(calls, row.call_id))
  } catch (error) {
    peaks.forget(name.key)
    throw error
  }
  if (found !== undefined) return found
  logger.warn({ callId: row.call_id }, 'a recording is not in our own format')
  throw noRecording('The recording of this call is no sound that we can read.')
}

/** When the first sample was taken; with `always`, which is nearly at the answer, if nobody knows any more. */
async function offsetOf(
  calls: CallRepository,
  row: CallRow & { readonly call_id: CallId },
): Promise<number> {
  const started = await calls.firstEvent(row.call_id, 'recording.started')
  return timesOf(row.created_at, started?.at ?? row.answered_at ?? row.created_at).offset_ms
}
