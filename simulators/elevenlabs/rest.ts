// The vendor's REST, as far as a gateway meets it: signed URLs, conversations, agents. Error bodies as the vendor
// writes them (detail.status, detail.message).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EpochMs } from '#core/contracts'
import type { CompleteAgentScript } from './agent-script.ts'
import type { AgentSessionRecord, SignedUrlRequest } from './records.ts'
import type { SignedUrls } from './signed-urls.ts'

export interface RestOptions {
  readonly apiKey: string | undefined
  readonly now: () => EpochMs
  readonly wsUrl: () => string
  readonly signedUrls: SignedUrls
  readonly sessions: readonly AgentSessionRecord[]
  readonly signedUrlRequests: SignedUrlRequest[]
  /** The agent's script; undefined when there is no such agent. */
  readonly scriptOf: (agentId: string) => CompleteAgentScript | undefined
  readonly newConversationId: () => string
  /** A URL for one conversation tells its id. */
  readonly conversationIdInUrl: boolean
  readonly noAudioStatus: number
  /** The scripted failure due for this agent now, if any. */
  readonly nextSignedUrlFailure: (agentId: string) => number | undefined
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

export function handleRest(
  options: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = route(options, request)
  const body = JSON.stringify(answer.body)
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(answer.status === 429 ? { 'retry-after': '1' } : {}),
  })
  response.end(body)
}

function route(options: RestOptions, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? '/', 'http://simulator')
  if (request.method !== 'GET') return problem(405, 'method_not_allowed', 'Method not allowed')
  if (/^\/v1\/convai\/conversation\/get[-_]signed[-_]url$/.test(url.pathname)) {
    return signedUrl(options, request, url.searchParams)
  }
  if (!hasKey(options, request)) return invalidKey()
  if (/^\/v1\/convai\/conversations\/[^/]+\/audio$/.test(url.pathname))
    return problem(options.noAudioStatus, 'audio_not_found', 'There is no audio')
  const conversationId = /^\/v1\/convai\/conversations\/([^/]+)$/.exec(url.pathname)?.[1]
  if (conversationId !== undefined) return conversation(options, conversationId)
  const agentId = /^\/v1\/convai\/agents\/([^/]+)$/.exec(url.pathname)?.[1]
  if (agentId !== undefined) return agent(options, agentId)
  return problem(404, 'not_found', 'Not Found')
}

function signedUrl(options: RestOptions, request: IncomingMessage, asked: URLSearchParams): Answer {
  const agentId = asked.get('agent_id') ?? ''
  const answer = ((): Answer => {
    if (!hasKey(options, request)) return invalidKey()
    if (agentId === '') return problem(422, 'missing_fields', 'agent_id is required')
    const failure = options.nextSignedUrlFailure(agentId)
    if (failure !== undefined) return problem(failure, 'scripted_failure', 'As the script says')
    if (options.scriptOf(agentId) === undefined) return unknownAgent()
    const url = new URL('/v1/convai/conversation', options.wsUrl())
    url.searchParams.set('agent_id', agentId)
    const isForOne = asked.get('include_conversation_id') === 'true'
    const conversation = isForOne ? { conversationId: options.newConversationId() } : {}
    const signature = options.signedUrls.issue({ agentId, ...conversation })
    url.searchParams.set('conversation_signature', signature)
    if (isForOne && options.conversationIdInUrl)
      url.searchParams.set('conversation_id', conversation.conversationId ?? '')
    return { status: 200, body: { signed_url: url.href } }
  })()
  options.signedUrlRequests.push({ at: options.now(), agentId, status: answer.status })
  return answer
}

function conversation(options: RestOptions, id: string): Answer {
  const session = options.sessions.find(({ conversationId }) => conversationId === id)
  if (session === undefined) {
    return problem(404, 'document_not_found', `Document with id ${id} not found.`)
  }
  const end = session.closedAt ?? options.now()
  return {
    status: 200,
    body: {
      agent_id: session.agentId,
      conversation_id: id,
      status: session.closedAt === null ? 'in-progress' : 'done',
      transcript: [],
      metadata: {
        start_time_unix_secs: Math.floor(session.upgradeAt / 1000),
        call_duration_secs: Math.round((end - session.upgradeAt) / 1000),
        authorization_method: session.signed ? 'signed_url' : 'public',
      },
      conversation_initiation_client_data: session.initiation ?? {},
      has_audio: false,
      has_user_audio: false,
      has_response_audio: false,
      has_auxiliary_audio: false,
    },
  }
}

function agent(options: RestOptions, id: string): Answer {
  const script = options.scriptOf(id)
  if (script === undefined) return unknownAgent()
  return {
    status: 200,
    body: {
      agent_id: id,
      name: id,
      conversation_config: {
        asr: { user_input_audio_format: script.inputFormat },
        tts: { agent_output_audio_format: script.outputFormat },
        conversation: {
          client_events: ['audio', 'interruption', 'agent_response', 'user_transcript'],
        },
      },
    },
  }
}

const hasKey = (options: RestOptions, request: IncomingMessage): boolean =>
  options.apiKey === undefined || request.headers['xi-api-key'] === options.apiKey

const invalidKey = (): Answer => problem(401, 'invalid_api_key', 'Invalid API key')

const unknownAgent = (): Answer =>
  problem(404, 'agent_not_found', 'The AI agent you are trying to reach does not exist.')

const problem = (status: number, slug: string, message: string): Answer => ({
  status,
  body: { detail: { status: slug, message } },
})
