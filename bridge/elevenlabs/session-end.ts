// How a session's end is told: close codes and HTTP statuses → one of four reasons and words for people. Facts read
// autumn 2026; several codes are not documented by the vendor, so how far the session had come decides.
import type { AgentCloseReason } from '#core/contracts'

export interface SessionEnd {
  readonly reason: Extract<AgentCloseReason, 'agent-ended' | 'refused' | 'dropped'> | 'closed-by-us'
  readonly closeCode: number | null
  readonly detail: string
}

/** How far the session came. */
export interface Progress {
  readonly hadMetadata: boolean
  readonly hadAudio: boolean
}

/** The vendor's close frame: 1005 stands for a frame without a code (RFC 6455 §7.4.1). */
export function endOfClose(code: number, reason: string, progress: Progress): SessionEnd {
  const said = reason === '' ? '' : `: ${vendorText(reason)}`
  const detail = `closed by the vendor with ${code}${CODE_WORDS[code] ?? ''}${said}`
  if (!progress.hadMetadata || code === QUEUE_TIMED_OUT) {
    return { reason: 'refused', closeCode: code, detail }
  }
  if (code === 1000 || code === 1005) return { reason: 'agent-ended', closeCode: code, detail }
  const refused = !progress.hadAudio && REFUSING_CODES.has(code)
  return { reason: refused ? 'refused' : 'dropped', closeCode: code, detail }
}

/** The connection went away without a close frame. */
export function endOfBreak(detail: string, progress: Progress): SessionEnd {
  return { reason: progress.hadMetadata ? 'dropped' : 'refused', closeCode: null, detail }
}

const QUEUE_TIMED_OUT = 4300
/** Override, variable or authorisation: found out only after the metadata, but before the agent speaks. */
const REFUSING_CODES: ReadonlySet<number> = new Set([1008, 3000])

const CODE_WORDS: Readonly<Partial<Record<number, string>>> = {
  1002: ' (a part of the agent failed, or it is misconfigured)',
  1008: ' (not allowed: key, override or dynamic variable)',
  1011: ' (server fault)',
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

/** The vendor's words, short, without query strings and anything that looks like a phone number. */
export function vendorText(text: string): string {
  return text
    .slice(0, MAX_READ_CHARS)
    .replace(/\+?\d[\d\s()./-]{5,}\d/g, '[number]')
    .replace(/(:\/\/[^\s?]*)\?\S*/g, '$1')
    .slice(0, 200)
}
