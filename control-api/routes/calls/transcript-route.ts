// GET /api/calls/{id}/transcript: what was said, and how much of it was heard.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import type { CallRepository } from '../../calls/repository.ts'
import { transcriptSchema, viewTranscript } from '../../calls/transcript/transcript-view.ts'
import type { CallRow } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { findCall } from './find-call.ts'

export function transcriptRoute(
  app: HttpServer,
  { calls }: { readonly calls: CallRepository },
): void {
  const schema = {
    operationId: 'getTranscript',
    tags: ['calls'],
    summary:
      'What both sides of a call said, and how much of it was really heard; live calls so far',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    response: {
      200: transcriptSchema,
      404: {
        description:
          'No such call, nobody has said anything on it, or it was deleted: the detail says why',
        content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
      },
    },
  }
  app.get('/api/calls/:call_id/transcript', { schema }, async (request) => {
    const row = await findCall(calls, request.params.call_id)
    const turns = await calls.transcript(row)
    if (turns.length === 0) throw new AppError('TRANSCRIPT_NOT_FOUND', whyNone(row))
    return viewTranscript(row, turns)
  })
}

/** Its talk goes between two vendors: one of them tells afterwards what was said. */
const whyNoneOfVendor = ({ conversation_id: id }: CallRow): string =>
  id === null
    ? 'Nobody has told of a conversation with an agent on this call.'
    : 'The transcript of this call is not here yet, or nobody said anything.'

function whyNone(row: CallRow): string {
  if (row.transcript_deleted_at !== null) return 'The transcript of this call was deleted.'
  const isOver = row.status === 'ended'
  if (row.answered_at === null)
    return isOver ? 'The call was not answered.' : 'The call is not answered yet.'
  if (row.provider === 'voximplant') return whyNoneOfVendor(row)
  if (!isOver) return 'Nobody has said anything yet.'
  return row.agent_opened_at === null
    ? 'The call was answered, but no agent was there to hear or say anything.'
    : 'Nobody said anything.'
}
