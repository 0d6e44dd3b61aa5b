// How a session's end is told, and whether a second attempt follows: close codes and HTTP statuses → one of four
// reasons, words for people, and a pause. Facts read autumn 2026; several codes are not documented by the vendor, so
// how far the session had come decides too.
//
//   what ended the first attempt                       before the agent's first audio        after it
//   ------------------------------------------------   -----------------------------------   -----------
//   close 1002, 1011, 3000; 1001, 1012, 1013, 1014     second attempt after 250 ms           dropped
//     … with words of key, right, quota, no such agent   refused (1002, 1011 …: dropped)     dropped
//   connection broken, no close frame                  second attempt after 250 ms           dropped
//   upgrade refused with 5xx                           second attempt after 250 ms           –
//   upgrade refused with 429                           second attempt after 1 s              –
//   upgrade refused with any other status              refused                               –
//   close 1008                                         refused                               dropped
//   close 4300 (queue timed out)                       refused                               refused
//   close 1000, or without a code                      agent-ended (refused before metadata) agent-ended
//   any other code                                     dropped (refused before metadata)     dropped
//   unknown audio format                               refused, closed by us with 1000       –
//   no metadata in 30 s, no upgrade in 10 s, silence   dropped (refused before metadata)     dropped
//   more sent than can be heard (message-budget.ts)    dropped (refused before metadata)     dropped
//   close()                                            closed-by-us                          closed-by-us
//   dropped as above, after it had hung up             agent-ended                           agent-ended
//
// A second attempt is made once, within 10 s of `open`, with a new signed URL, and only when the first socket is
// destroyed; what cannot be retried, or fails again, ends as it would after it: dropped, or refused before metadata.
// The signed URL itself is asked for a second time on 429 (after 1 s), 5xx or a broken connection (250 ms), and so is
// a connection that failed: neither is an attempt, for nothing billable was asked.
import type { AgentCloseReason } from '#core/contracts'

export interface SessionEnd {
  readonly reason: Extract<AgentCloseReason, 'agent-ended' | 'refused' | 'dropped'> | 'closed-by-us'
  readonly closeCode: number | null
  readonly detail: string
}

/** The end of one attempt. */
export interface AttemptEnd extends SessionEnd {
  /** A second attempt may help, after this pause and before the agent was heard; null when it would not. */
  readonly retryAfterMs: number | null
  /** All conversations that the vendor allows are taken. */
  readonly isBusy?: boolean
}

/** How far the session came. */
export interface Progress {
  readonly hadMetadata: boolean
  readonly hadAudio: boolean
}

export const RETRY_PAUSE_MS = 250
/** A rate limiter's slot: asking sooner is asking for another refusal. */
export const BUSY_PAUSE_MS = 1000

/** The vendor's close frame: 1005 stands for a frame without a code (RFC 6455 §7.4.1). */
export function endOfClose(code: number, reason: string, progress: Progress): AttemptEnd {
  const said = reason === '' ? '' : `: ${vendorText(reason)}`
  return {
    reason: reasonOf(code, progress),
    closeCode: code,
    detail: `closed by the vendor with ${code}${CODE_WORDS[code] ?? ''}${said}`,
    retryAfterMs: PASSING_CODES.has(code) && !LASTING_WORDS.test(reason) ? RETRY_PAUSE_MS : null,
  }
}

function reasonOf(code: number, { hadMetadata, hadAudio }: Progress): SessionEnd['reason'] {
  if (!hadMetadata || code === QUEUE_TIMED_OUT) return 'refused'
  if (code === 1000 || code === 1005) return 'agent-ended'
  return !hadAudio && REFUSING_CODES.has(code) ? 'refused' : 'dropped'
}

/** The upgrade was answered with something else than 101. */
export function endOfUpgrade(httpStatus: number): AttemptEnd {
  return {
    reason: 'refused',
    closeCode: null,
    detail: describeRefusal('the agent socket', httpStatus),
    ...(httpStatus === 429 ? { isBusy: true } : {}),
    retryAfterMs: httpStatus === 429 ? BUSY_PAUSE_MS : httpStatus >= 500 ? RETRY_PAUSE_MS : null,
  }
}

/** The connection went away without a close frame. */
export function endOfBreak(detail: string, progress: Progress): AttemptEnd {
  return { ...endOfWait(detail, progress), retryAfterMs: RETRY_PAUSE_MS }
}

/** Something did not come in time: the caller has waited long enough. */
export function endOfWait(detail: string, progress: Progress): AttemptEnd {
  const reason = progress.hadMetadata ? 'dropped' : 'refused'
  return { reason, closeCode: null, detail, retryAfterMs: null }
}

const QUEUE_TIMED_OUT = 4300
/** Override, variable or authorisation: found out only after the metadata, but before the agent speaks. */
const REFUSING_CODES: ReadonlySet<number> = new Set([1008, 3000])
/** A part of the agent failed, or (RFC 6455 §7.4.1 and its registry) the server goes, restarts or is too busy. */
const PASSING_CODES: ReadonlySet<number> = new Set([1001, 1002, 1011, 1012, 1013, 1014, 3000])
/** Words of the vendor that no second attempt will change. */
const LASTING_WORDS =
  /authori[sz]|permission|forbidden|api.?key|quota|credit|does not exist|not found|override|dynamic variable/i

const CODE_WORDS: Readonly<Partial<Record<number, string>>> = {
  1001: ' (the server goes away)',
  1002: ' (a part of the agent failed, or it is misconfigured)',
  1008: ' (not allowed: key, override or dynamic variable)',
  1011: ' (server fault)',
  1012: ' (the server restarts)',
  1013: ' (the server is too busy)',
  3000: ' (not authorised, or no such agent)',
  4300: ' (the wait in the queue timed out)',
}

/** Words for an HTTP status that stands where something else was asked for. */
export function describeRefusal(what: string, httpStatus: number): string {
  return `${what} was refused with HTTP ${httpStatus}${STATUS_WORDS[httpStatus] ?? ''}`
}

const STATUS_WORDS: Readonly<Partial<Record<number, string>>> = {
  401: ': check ELEVENLABS_API_KEY',
  403: ': the key may not use this agent, or the agent has an allowlist',
  404: ': no such agent at this address; check the agent id and ELEVENLABS_BASE_URL',
  429: ': too many conversations at once for this workspace',
}

/** Cut before the patterns run: on megabytes they would take minutes. */
const MAX_READ_CHARS = 1000

/** As the vendor writes its keys: a complaint about one may repeat it. */
const KEY = /\b(?:sk_\w{16,}|[0-9a-f]{32,})\b/g

/** The vendor's words, short, without query strings, keys and anything that looks like a phone number. */
export function vendorText(text: string): string {
  return text
    .slice(0, MAX_READ_CHARS)
    .replace(KEY, '[key]')
    .replace(/\+?\d[\d\s()./-]{5,}\d/g, '[number]')
    .replace(/(:\/\/[^\s?]*)\?\S*/g, '$1')
    .slice(0, 200)
}
