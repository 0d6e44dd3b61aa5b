// The vendor's REST, as far as a gateway meets it: signed URLs, conversations, agents. Error bodies as the vendor
// writes them (detail.status, detail.message).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CompleteAgentScript } from './agent-script.ts'
import { getAgent, listAgents } from './agents.ts'
import { problem, send, type Answer } from './answer.ts'
import { listConversations, oneConversation, type ConversationsDeps } from './conversations.ts'
import type { SignedUrlRequest } from './records.ts'
import type { SignedUrls } from './signed-urls.ts'

export interface RestOptions extends ConversationsDeps {
  readonly apiKey: string | undefined
  readonly wsUrl: () => string
  readonly signedUrls: SignedUrls
  readonly signedUrlRequests: SignedUrlRequest[]
  /** The agent's script; undefined when there is no such agent. */
  readonly scriptOf: (agentId: string) => CompleteAgentScript | undefined
  readonly newConversationId: () => string
  /** Of agents with a script. */
  readonly agentIds: () => readonly string[]
  /** A URL for one conversation tells its id. */
  readonly conversationIdInUrl: boolean
  /** The scripted failure due for this agent now, if any. */
  readonly nextSignedUrlFailure: (agentId: string) => number | undefined
}

export function handleRest(
  options: RestOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  send(response, route(options, request))
}

const CONVERSATION = /^\/v1\/convai\/conversations\/([^/]+)$/
const AUDIO = /^\/v1\/convai\/conversations\/([^/]+)\/audio$/
const AGENT = /^\/v1\/convai\/agents\/([^/]+)$/

function route(options: RestOptions, request: IncomingMessage): Answer {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulator')
  const conversationId = CONVERSATION.exec(pathname)?.[1]
  const { method } = request
  if (method === 'DELETE' && conversationId !== undefined)
    return hasKey(options, request)
      ? oneConversation(options, 'DELETE', conversationId)
      : invalidKey()
  if (method !== 'GET') return problem(405, 'method_not_allowed', 'Method not allowed')
  if (/^\/v1\/convai\/conversation\/get[-_]signed[-_]url$/.test(pathname))
    return signedUrl(options, request, searchParams)
  if (!hasKey(options, request)) return invalidKey()
  if (pathname === '/v1/convai/conversations') return listConversations(options, searchParams)
  if (pathname === '/v1/convai/agents') return listAgents(options.agentIds(), searchParams)
  const audioOf = AUDIO.exec(pathname)?.[1]
  if (audioOf !== undefined) return oneConversation(options, 'GET', audioOf, 'audio')
  if (conversationId !== undefined) return oneConversation(options, 'GET', conversationId)
  const agentId = AGENT.exec(pathname)?.[1]
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

function agent(options: RestOptions, id: string): Answer {
  const script = options.scriptOf(id)
  if (script === undefined) return unknownAgent()
  return getAgent(id, script, script.requiresKey ?? options.apiKey !== undefined)
}

const hasKey = (options: RestOptions, request: IncomingMessage): boolean =>
  options.apiKey === undefined || request.headers['xi-api-key'] === options.apiKey

const invalidKey = (): Answer => problem(401, 'invalid_api_key', 'Invalid API key')

const unknownAgent = (): Answer =>
  problem(404, 'agent_not_found', 'The AI agent you are trying to reach does not exist.')
