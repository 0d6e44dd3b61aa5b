// The vendor's record of conversations by REST: list, get, delete, audio; with the failures that the script asks for.
import type { EpochMs } from '#core/contracts'
import type { AgentSessionRecord } from './records.ts'
import { problem, type Answer } from './answer.ts'
import { mp3Silence } from './mp3-tones.ts'
import {
  describeConversation,
  secondsOf,
  statusOf,
  summarizeConversation,
  type CompletePostCall,
} from './post-call.ts'

export interface ConversationsDeps {
  readonly now: () => EpochMs
  readonly sessions: readonly AgentSessionRecord[]
  readonly postCallOf: (session: AgentSessionRecord) => CompletePostCall
  /** Of those that were deleted; this module adds to it. */
  readonly deleted: Set<string>
  /** The scripted failure due for a conversation of this agent now, if any. */
  readonly nextFailure: (agentId: string) => number | undefined
  readonly noAudioStatus: number
}

const DEFAULT_PAGE = 30
const MAX_PAGE = 100

export function listConversations(deps: ConversationsDeps, asked: URLSearchParams): Answer {
  const size = Number(asked.get('page_size') ?? DEFAULT_PAGE)
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    return problem(422, 'invalid_page_size', 'page_size must be between 1 and 100')
  const now = deps.now()
  const after = Number(asked.get('call_start_after_unix') ?? -Infinity)
  const before = Number(asked.get('call_start_before_unix') ?? Infinity)
  const agentId = asked.get('agent_id')
  const wanted = asked.get('call_successful')
  const found = deps.sessions
    .filter((session) => isKnown(deps, session))
    .filter((session) => agentId === null || session.agentId === agentId)
    .filter(({ upgradeAt }) => upgradeAt / 1000 >= after && upgradeAt / 1000 <= before)
    .map((session) => summarizeConversation(session, deps.postCallOf(session), now))
    .filter((item) => wanted === null || item['call_successful'] === wanted)
    .toReversed()
  const cursor = asked.get('cursor')
  const last = found.findIndex((item) => item['conversation_id'] === cursor)
  const rest = found.slice(last + 1)
  const page = rest.slice(0, size)
  const hasMore = rest.length > page.length
  const nextCursor = hasMore ? page.at(-1)?.['conversation_id'] : null
  return {
    status: 200,
    body: { conversations: page, next_cursor: nextCursor ?? null, has_more: hasMore },
  }
}

/** GET, DELETE of one, and GET of its audio. */
export function oneConversation(
  deps: ConversationsDeps,
  method: 'GET' | 'DELETE',
  id: string,
  part?: 'audio',
): Answer {
  const session = deps.sessions.find(({ conversationId }) => conversationId === id)
  if (session === undefined || !isKnown(deps, session)) return unknown(id)
  const failure = deps.nextFailure(session.agentId)
  if (failure !== undefined) return problem(failure, slugOf(failure), 'As the script says')
  const postCall = deps.postCallOf(session)
  const now = deps.now()
  if (method === 'DELETE') {
    if (session.closedAt === null) return problem(409, 'in_progress', 'The conversation is running')
    deps.deleted.add(id)
    return { status: 200, body: {} }
  }
  if (part !== 'audio') return { status: 200, body: describeConversation(session, postCall, now) }
  if (!postCall.audio || statusOf(session, postCall, now) !== 'done')
    return problem(deps.noAudioStatus, 'audio_not_found', 'There is no audio')
  return { status: 200, type: 'audio/mpeg', bytes: mp3Silence(secondsOf(session, now)) }
}

function isKnown(deps: ConversationsDeps, session: AgentSessionRecord): boolean {
  const { unknownMs } = deps.postCallOf(session)
  const isLate = session.closedAt !== null && deps.now() < session.closedAt + unknownMs
  return session.httpStatus === 101 && !deps.deleted.has(session.conversationId) && !isLate
}

const unknown = (id: string): Answer =>
  problem(404, 'document_not_found', `Document with id ${id} not found.`)

const slugOf = (status: number): string =>
  status === 429 ? 'too_many_concurrent_requests' : 'scripted_failure'
