// DELETE /api/calls/{id}/recording: the audio of one call, ours and what the agent's vendor gave us of it.
import { Type } from '@fastify/type-provider-typebox'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import type { AuditLog } from '../../access/audit-log.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import { NO_AUDIO_OF_VENDOR, withoutRecordings } from '../../privacy/call-parts.ts'
import { findCall } from '../calls/find-call.ts'

export interface DeleteRecordingDeps {
  readonly calls: CallRepository
  readonly database: Database
  readonly mediaStore: MediaStore
  readonly audit: AuditLog
}

const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}

export function deleteRecordingRoute(app: HttpServer, deps: DeleteRecordingDeps): void {
  const { calls, database, mediaStore, audit } = deps
  const { query } = database
  const schema = {
    tags: ['privacy'],
    summary: 'Delete the recording of a call for good',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    response: {
      204: { description: 'It is deleted', type: 'null' },
      404: problem,
      409: problem,
      503: problem,
    },
  }
  const url = '/api/calls/:call_id/recording'
  // Evidence that nothing brings back: not for everybody who may end a call.
  app.delete(url, { schema, config: { access: 'admin' } }, async (request, reply) => {
    const row = await findCall(calls, request.params.call_id)
    if (row.recording_state === 'recording')
      throw new AppError('STATE_CONFLICT', 'The recording of this call is not finished yet.')
    const ofVendor = await query
      .selectFrom('conversations')
      .select('audio_key')
      .where('call_id', '=', row.call_id)
      .where('audio_key', 'is not', null)
      .execute()
    const keys = [row.recording_key, ...ofVendor.map(({ audio_key: key }) => key)]
    const known = keys.filter((key) => key !== null)
    if (known.length === 0)
      throw new AppError('RECORDING_NOT_FOUND', 'There is no recording of this call.')
    for (const key of known) await mediaStore.delete(key)
    const audio = query.updateTable('conversations').set(NO_AUDIO_OF_VENDOR)
    await database.write([
      ...withoutRecordings(query, [row]),
      audio.where('call_id', '=', row.call_id),
      audit.noted(request.principal, 'recording.deleted', row.call_id),
    ])
    return reply.status(204).send()
  })
}
