// Who may join a conversation, and how the others are turned away: by a status on the upgrade, or by accept and close.
// The vendor has been seen doing both.
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { completeScript, scriptOfAttempt, type CompleteAgentScript } from './agent-script.ts'
import type { SignedUrls } from './signed-urls.ts'

export interface AdmissionDeps {
  readonly apiKey: string | undefined
  readonly refusalStyle: 'http' | 'close'
  /** Instead of the codes that go with the reasons. */
  readonly refusalCode: number | undefined
  /** Whether the key on the upgrade request opens an agent that is private. */
  readonly upgradeKey: 'accepted' | 'ignored'
  readonly branchOnSocket: 'ignored' | 'refused'
  /** Conversations at a time. */
  readonly maxSessions: number
  readonly openSessions: () => number
  readonly signedUrls: SignedUrls
  readonly scriptOf: (agentId: string) => CompleteAgentScript | undefined
  /** Counts it: 1 for the agent's first since it got its script. */
  readonly nextAttempt: (agentId: string) => number
}

export type Admission = {
  readonly agentId: string
  readonly signed: boolean
  /** As a signed URL has fixed it. */
  readonly conversationId?: string
} & (
  | { readonly kind: 'admitted'; readonly script: CompleteAgentScript }
  | { readonly kind: 'refused-by-http'; readonly status: number }
)

export function admit(deps: AdmissionDeps, request: IncomingMessage): Admission {
  const url = new URL(request.url ?? '/', 'http://simulator')
  const signature = url.searchParams.get('conversation_signature')
  const signed = signature !== null
  const claimed = signed ? deps.signedUrls.claim(signature) : undefined
  const agentId = signed ? (claimed?.agentId ?? '') : (url.searchParams.get('agent_id') ?? '')
  const refused = (status: keyof typeof REASONS): Admission => {
    if (deps.refusalStyle === 'http') return { kind: 'refused-by-http', agentId, signed, status }
    const { code, reason } = REASONS[status]
    const refuse = { how: 'close', code: deps.refusalCode ?? code, reason } as const
    return { kind: 'admitted', agentId, signed, script: completeScript({ refuse }) }
  }
  const known = deps.scriptOf(agentId)
  if (url.pathname !== '/v1/convai/conversation') return refused(404)
  if (deps.branchOnSocket === 'refused' && url.searchParams.has('branch_id')) return refused(404)
  if (signed && agentId === '') return refused(401)
  if (agentId === '' || known === undefined) return refused(404)
  const script = scriptOfAttempt(known, deps.nextAttempt(agentId))
  const hasKey = deps.upgradeKey === 'accepted' && request.headers['xi-api-key'] === deps.apiKey
  const isPrivate = script.requiresKey ?? deps.apiKey !== undefined
  if (isPrivate && !signed && !hasKey) return refused(401)
  if (deps.openSessions() >= deps.maxSessions) return refused(429)
  if (script.refuse?.how === 'http') {
    return { kind: 'refused-by-http', agentId, signed, status: script.refuse.status }
  }
  const { conversationId } = claimed ?? {}
  const fixed = conversationId === undefined ? {} : { conversationId }
  return { kind: 'admitted', agentId, signed, script, ...fixed }
}

/** The same by accept and close. */
const REASONS = {
  401: { code: 1008, reason: 'Could not authorize the conversation.' },
  404: { code: 3000, reason: 'The AI agent you are trying to reach does not exist.' },
  429: { code: 1008, reason: 'Too many concurrent conversations.' },
} as const

export function refuseByHttp(socket: Socket, status: number): void {
  const slug = status === 429 ? 'concurrent_limit_exceeded' : 'refused'
  const body = JSON.stringify({ detail: { status: slug, message: STATUS_CODES[status] } })
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n` +
      'Content-Type: application/json\r\nConnection: close\r\n' +
      (status === 429 ? 'Retry-After: 1\r\n' : '') +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
