// Post-call webhooks as the vendor sends them: signed with HMAC-SHA256 over `t.body` (ElevenLabs-Signature: t=…,v0=…,
// read autumn 2026), or badly, as the script says.
import { createHmac } from 'node:crypto'
import type { EpochMs } from '#core/contracts'
import { mp3Silence } from './mp3-tones.ts'
import { describeConversation, secondsOf, type CompletePostCall } from './post-call.ts'
import type { AgentSessionRecord, WebhookRecord } from './records.ts'
import type { Timers } from './timers.ts'

export interface WebhookTarget {
  readonly url: string
  /** Starts with `wsec_` at the vendor; used as it is. */
  readonly secret: string
}

export interface WebhookSenderDeps {
  readonly now: () => EpochMs
  readonly target: WebhookTarget
  readonly timers: Timers
  readonly sent: WebhookRecord[]
}

const TOLERANCE_SECONDS = 30 * 60
const LATE_MS = 1000
const TIMEOUT_MS = 5000

export const signatureOf = (secret: string, unixSeconds: number, body: string): string => {
  const v0 = createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')
  return `t=${unixSeconds},v0=${v0}`
}

/** To be called when a conversation is over. */
export function sendPostCall(
  deps: WebhookSenderDeps,
  session: AgentSessionRecord,
  postCall: CompletePostCall,
): void {
  const { webhook, processingMs, audioWebhook, audio } = postCall
  if (webhook === 'none') return
  const once = (): void => {
    const data = describeConversation(session, postCall, deps.now())
    void post(deps, session, webhook, { type: 'post_call_transcription', data })
    if (!audioWebhook || !audio) return
    const sound = mp3Silence(secondsOf(session, deps.now())).toString('base64')
    const { agentId: agent_id, conversationId: conversation_id } = session
    const told = { agent_id, conversation_id, full_audio: sound }
    void post(deps, session, webhook, { type: 'post_call_audio', data: told })
  }
  const delayMs = processingMs + (webhook === 'late' ? LATE_MS : 0)
  deps.timers.after(delayMs + 1, once)
  if (webhook === 'twice') deps.timers.after(delayMs + 100, once)
}

async function post(
  { now, target, sent }: WebhookSenderDeps,
  { conversationId }: AgentSessionRecord,
  how: CompletePostCall['webhook'],
  event: { readonly type: string; readonly data: unknown },
): Promise<void> {
  const at = now()
  const unixSeconds = Math.floor(at / 1000) - (how === 'stale' ? TOLERANCE_SECONDS + 60 : 0)
  const body = JSON.stringify({ ...event, event_timestamp: unixSeconds })
  const secret = how === 'forged' ? `${target.secret}x` : target.secret
  const record: WebhookRecord = { at, type: event.type, conversationId, status: null }
  sent.push(record)
  try {
    const response = await fetch(target.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'elevenlabs-signature': signatureOf(secret, unixSeconds, body),
      },
      // In chunks, as the vendor sends what is large.
      body: new Blob([body]).stream(),
      duplex: 'half',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    record.status = response.status
    await response.body?.cancel()
  } catch {
    record.status = 0 // Nobody was there: as a test may want it.
  }
}
