// A carrier that answers each call in another odd way, and writes planted numbers and names wherever a carrier can.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { SipPeer, type Received } from '../gateway/embedded/sip-peer.ts'
import { NUMBERS, WORDS } from './planted.ts'

const NUMBER = NUMBERS.saidByTrunk
const CONTACT = `Contact: "${WORDS.displayName}" <sip:${NUMBER}@127.0.0.1:9>`
const ODD = [
  `Warning: 399 ${NUMBER} "${WORDS.displayName} ${NUMBER}"`,
  `Reason: Q.850;cause=17;text="${NUMBER} ${WORDS.displayName}"`,
  `P-Asserted-Identity: "${WORDS.displayName}" <sip:${NUMBER}@127.0.0.1>`,
  `Error-Info: <sip:${NUMBER}@127.0.0.1>`,
]
const CHALLENGE = `WWW-Authenticate: Digest realm="${NUMBER}", nonce="n0nce", algorithm=MD5, qop="auth"`

type Answer = readonly [status: string, headers?: readonly string[], body?: string]

/** What the INVITEs of one call are answered with, one answer each. */
const CALLS: readonly (readonly Answer[])[] = [
  [[`486 Busy ${NUMBER} ${WORDS.displayName}`, ODD]],
  // A line separator: the library behind our SIP server could not read it, and would print the whole message.
  [[`486 Busy\u2028${NUMBER}`, ODD]],
  [[`302 Moved to ${NUMBER}`, [CONTACT, ...ODD]]],
  [
    [`401 For ${NUMBER}`, [CHALLENGE, ...ODD]],
    [`403 Not ${NUMBER}`, ODD],
  ],
  [[`200 ${NUMBER}`, [CONTACT, 'Content-Type: application/sdp'], `v=0\r\no=${NUMBER}\r\n`]],
  [[`503 ${NUMBER}`, [`Retry-After: ${NUMBER}`, ...ODD]]],
  [[`603 ${NUMBER}`, [`Record-Route: ${NUMBER}`, `Contact: ${NUMBER}`, ...ODD]]],
]

export const RUDE_ANSWERS = CALLS.length

export async function openRudeTrunk(t: Test): Promise<{ readonly domain: string }> {
  const peer = await SipPeer.open(t)
  const open = { isOpen: true }
  t.teardown(() => (open.isOpen = false))
  void answerAll(peer, open)
  return { domain: peer.hostPort }
}

async function answerAll(peer: SipPeer, open: { readonly isOpen: boolean }): Promise<void> {
  const answers = new Map<string, readonly Answer[]>()
  const answered = new Set<string>()
  for (let at = 0; open.isOpen;) {
    await sleep(5)
    for (; at < peer.received.length; at++) {
      const request = peer.received[at]
      if (request === undefined || /^\d|^ACK/.test(request.what)) continue
      const callId = request.headers.get('Call-ID') ?? ''
      if (request.what === 'INVITE' && !answers.has(callId))
        answers.set(callId, CALLS[answers.size % CALLS.length] ?? [])
      const seq = `${callId} ${request.headers.get('CSeq') ?? ''}`
      // A repetition gets nothing new.
      if (answered.has(seq)) continue
      answered.add(seq)
      const times = [...answered].filter((one) => one.startsWith(`${callId} `)).length
      reply(peer, request, answerTo(request, answers.get(callId), times - 1))
    }
  }
}

function answerTo({ what }: Received, invites: readonly Answer[] = [], times: number): Answer {
  if (what === 'REGISTER')
    return times === 0 ? [`401 ${NUMBER}`, [CHALLENGE]] : [`403 Not ${NUMBER}`, ODD]
  if (what === 'INVITE') return invites[times] ?? invites.at(-1) ?? ['500 None']
  return ['200 OK', ODD]
}

function reply(peer: SipPeer, request: Received, [status, headers = [], body = '']: Answer): void {
  peer.reply(request, status, { tag: 'rude', headers: [...headers], body })
}
