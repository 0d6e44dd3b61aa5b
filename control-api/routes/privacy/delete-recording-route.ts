// DELETE /api/calls/{id}/recording: the audio of one call, ours and what the agent's vendor gave us of it.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { CallRepository } from '../../calls/repository.ts'
import type { HttpServer } from '../../http-server.ts'
import { deleteRecording, type DeleteRecordingDeps } from '../../privacy/delete-recording.ts'
import { findCall } from '../calls/find-call.ts'
import { problem } from '../problem.ts'

export interface DeleteRecordingRouteDeps extends DeleteRecordingDeps {
  readonly calls: CallRepository
}

export function deleteRecordingRoute(app: HttpServer, deps: DeleteRecordingRouteDeps): void {
  const { calls } = deps
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
    if (!(await deleteRecording(deps, row, request.principal)))
      throw new AppError('RECORDING_NOT_FOUND', 'There is no recording of this call.')
    return reply.status(204).send()
  })
}
