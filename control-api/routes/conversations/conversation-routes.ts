// GET /api/calls/{id}/conversation and its audio: what the agent's vendor says of a call, beside what we say.
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import type { CallRepository } from '../../calls/repository.ts'
import { callSchema, viewCall } from '../../calls/call-view.ts'
import type { CallRow } from '../../db/schema.ts'
import type { ConversationRow, ConversationStore } from '../../elevenlabs/conversation-store.ts'
import type { HttpServer } from '../../http-server.ts'
import { findCall } from '../calls/find-call.ts'
import {
  audioHeaders,
  audioResponses,
  noRecording,
  sendAudio,
  type StoredAudio,
} from '../calls/stored-audio.ts'
import { nullable, viewTime } from '../../view-parts.ts'

export interface ConversationRoutesDeps {
  readonly calls: CallRepository
  readonly store: ConversationStore
  readonly mediaStore: MediaStore
}

const strict = { additionalProperties: false }
const asSent = { description: 'As the vendor sent it' }

const conversationSchema = Type.Object(
  {
    conversation_id: Type.String(),
    vendor: Type.String(),
    agent_id: nullable(Type.String()),
    state: Type.Enum(['pending', 'done', 'failed', 'missing', 'erased'], {
      description:
        'pending: the vendor is not done with it; missing: it knows none; erased: on somebody’s demand',
    }),
    vendor_status: nullable(Type.String()),
    started_at: nullable(Type.String({ format: 'date-time' })),
    duration_seconds: nullable(Type.Number()),
    termination_reason: nullable(Type.String({ description: 'In the vendor’s words' })),
    successful: nullable(Type.String({ description: 'success, failure or unknown' })),
    summary: nullable(Type.String()),
    analysis: nullable(Type.Record(Type.String(), Type.Unknown(), asSent)),
    transcript: nullable(Type.Array(Type.Unknown(), asSent)),
    cost: Type.Object(
      {
        credits: nullable(Type.Number()),
        usd: nullable(Type.Number()),
        charging: nullable(Type.Record(Type.String(), Type.Unknown(), asSent)),
      },
      strict,
    ),
    has_audio: Type.Boolean({ description: 'Kept here: only where our own recording failed' }),
    fetched_at: nullable(Type.String({ format: 'date-time' })),
  },
  strict,
)

const schema = {
  operationId: 'getCallConversation',
  tags: ['vendor'],
  summary: 'What the agent’s vendor says of a call, beside our own record of it',
  params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
  response: {
    200: Type.Object(
      {
        call_id: Type.String(),
        ours: Type.Object(
          {
            agent: callSchema.properties.agent,
            cost: callSchema.properties.cost,
            has_transcript: Type.Boolean(),
            has_recording: Type.Boolean(),
          },
          strict,
        ),
        items: Type.Array(conversationSchema, {
          description: 'One an attempt at which the agent spoke to us; mostly one',
        }),
      },
      strict,
    ),
    404: {
      description: 'No such call, or none with an agent',
      content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
    },
  },
}

export function conversationRoutes(app: HttpServer, deps: ConversationRoutesDeps): void {
  const { calls, store, mediaStore } = deps
  app.get('/api/calls/:call_id/conversation', { schema }, async (request) => {
    const rows = await store.ofCall(request.params.call_id)
    // Read after them: what they tell, and what it costs, was written at once.
    const call = await findCall(calls, request.params.call_id)
    if (rows.length === 0) throw new AppError('NOT_FOUND', whyNone(call))
    const { agent, cost, has_transcript, has_recording } = viewCall(call)
    return {
      call_id: call.call_id,
      ours: { agent, cost, has_transcript, has_recording },
      items: rows.map(viewConversation),
    }
  })
  const audioSchema = {
    operationId: 'getCallConversationAudio',
    tags: ['vendor'],
    summary: 'The vendor’s own recording of a call, MP3, where ours could not be kept',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    headers: audioHeaders,
    response: audioResponses('audio/mpeg'),
  }
  app.get(
    '/api/calls/:call_id/conversation/audio',
    { schema: audioSchema, exposeHeadRoute: false },
    async (request, reply) =>
      sendAudio(mediaStore, await findAudio(deps, request.params.call_id), request, reply),
  )
}

/** Of the last attempt that has any. */
async function findAudio(deps: ConversationRoutesDeps, text: string): Promise<StoredAudio> {
  const call = await findCall(deps.calls, text)
  const rows = await deps.store.ofCall(call.call_id)
  const row = rows.findLast(({ audio_key: key }) => key !== null)
  const [key, sha256] = [row?.audio_key ?? null, row?.audio_sha256 ?? null]
  if (key === null || sha256 === null) throw noRecording('Nothing of the vendor’s is kept here.')
  const totalBytes = await deps.mediaStore.size(key)
  if (totalBytes === undefined) throw noRecording('The vendor’s recording was deleted here.')
  const fileName = `${call.call_id}.mp3`
  return { key, etag: `"${sha256}"`, totalBytes, contentType: 'audio/mpeg', fileName }
}

function whyNone(call: CallRow): string {
  return call.agent_opened_at === null
    ? 'No agent was opened on this call.'
    : 'The agent of this call told no conversation of its own.'
}

const viewConversation = (row: ConversationRow): Static<typeof conversationSchema> => ({
  conversation_id: row.conversation_id,
  vendor: row.vendor,
  agent_id: row.agent_id,
  state: row.state,
  vendor_status: row.vendor_status,
  started_at: viewTime(row.started_at),
  duration_seconds: row.duration_seconds,
  termination_reason: row.termination_reason,
  successful: row.successful,
  summary: row.summary,
  analysis: parsed(row.analysis) as Record<string, unknown> | null,
  transcript: parsed(row.transcript) as unknown[] | null,
  cost: {
    credits: row.cost_credits,
    usd: row.cost_usd,
    charging: parsed(row.charging) as Record<string, unknown> | null,
  },
  has_audio: row.audio_key !== null,
  fetched_at: viewTime(row.fetched_at),
})

/** We wrote it ourselves, so its shape is taken on trust. */
const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json))
