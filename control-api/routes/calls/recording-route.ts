// GET and HEAD /api/calls/{id}/recording: the audio as we recorded it.
import { Type } from '@fastify/type-provider-typebox'
import type { MediaStore } from '#core/contracts'
import type { CallRepository } from '../../calls/repository.ts'
import type { HttpServer } from '../../http-server.ts'
import { contentTypeOf } from '../../storage/media-key.ts'
import { findCall } from './find-call.ts'
import { findRecording } from './find-recording.ts'
import {
  audioHeaders,
  audioResponses,
  describeAudio,
  sendAudio,
  type StoredAudio,
} from './stored-audio.ts'

export interface RecordingRouteDeps {
  readonly calls: CallRepository
  readonly mediaStore: MediaStore
}

export function recordingRoute(app: HttpServer, deps: RecordingRouteDeps): void {
  const schema = {
    tags: ['calls'],
    summary:
      'The recording of a call: stereo WAV, the caller left, the agent right; MP3 where a vendor recorded it (voximplant)',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    headers: audioHeaders,
    response: audioResponses('audio/wav', 'audio/mpeg'),
  }
  const url = '/api/calls/:call_id/recording'
  app.get(url, { schema, exposeHeadRoute: false }, async (request, reply) => {
    const recording = await findAudio(deps, request.params.call_id)
    return sendAudio(deps.mediaStore, recording, request, reply)
  })
  // Range has no meaning here (RFC 9110 §14.2): the answer tells of the whole.
  app.head(url, { schema: { ...schema, hide: true } }, async (request, reply) => {
    const recording = await findAudio(deps, request.params.call_id)
    return describeAudio(reply, recording).header('content-length', recording.totalBytes).send()
  })
}

/** @throws AppError `NOT_FOUND`, `RECORDING_NOT_FOUND`, `STORAGE_UNAVAILABLE`. */
async function findAudio(deps: RecordingRouteDeps, callId: string): Promise<StoredAudio> {
  const row = await findCall(deps.calls, callId)
  const { key, sha256, totalBytes } = await findRecording(deps.mediaStore, row)
  const isMp3 = contentTypeOf(key) === 'audio/mpeg'
  const fileName = `${row.call_id}.${isMp3 ? 'mp3' : 'wav'}`
  const contentType = isMp3 ? 'audio/mpeg' : 'audio/wav'
  return { key, etag: `"${sha256}"`, totalBytes, contentType, fileName }
}
