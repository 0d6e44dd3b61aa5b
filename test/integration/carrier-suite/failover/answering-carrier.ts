// A carrier in this process that answers each number as it is told, and notes who was rung. UDP, no retransmissions:
// the line is a loopback.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Test } from 'tap'

export interface CarrierAnswer {
  readonly before?: '180' | '183' | 'nothing'
  /** Absent: it rings until it is taken back. */
  readonly status?: number
  readonly headers?: readonly string[]
}

export interface AnsweringCarrier {
  readonly domain: string
  /** Numbers whose phone an INVITE came for, in order. */
  readonly rung: readonly string[]
}

const SDP = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0']
const BODY = [...SDP, 'm=audio 4000 RTP/AVP 0', ''].join('\r\n')

export async function startAnsweringCarrier(
  t: Test,
  answerTo: (number: string) => CarrierAnswer,
): Promise<AnsweringCarrier> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const rung: string[] = []
  const seen = new Set<string>()
  const invites = new Map<string, string>()
  socket.on('message', (bytes, { port }) => {
    const text = bytes.toString('latin1')
    const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? ''
    if (text.startsWith('CANCEL')) {
      socket.send(response(text, 200, [], ''), port, '127.0.0.1')
      socket.send(response(invites.get(callId) ?? text, 487, [], ''), port, '127.0.0.1')
    }
    const number = /^INVITE sip:(\+\d+)@/.exec(text)?.[1]
    const [branch = ''] = /branch=[^;\s]+/.exec(text) ?? []
    if (number === undefined || seen.has(branch)) return
    seen.add(branch)
    invites.set(callId, text)
    rung.push(number)
    answer(socket, port, text, answerTo(number))
  })
  return { domain: `127.0.0.1:${socket.address().port}`, rung }
}

function answer(socket: Socket, port: number, invite: string, wanted: CarrierAnswer): void {
  const { before = 'nothing', status, headers = [] } = wanted
  const send = (code: number, extra: readonly string[], body = ''): void =>
    socket.send(response(invite, code, extra, body), port, '127.0.0.1')
  if (before === '180') send(180, [])
  if (before === '183') send(183, ['Content-Type: application/sdp'], BODY)
  if (status !== undefined) send(status, headers)
}

function response(invite: string, status: number, extra: readonly string[], body: string): string {
  const copied = invite
    .split('\r\n')
    .filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line))
    .map((line) => (/^To:/i.test(line) ? `${line};tag=carrier` : line))
  const contact = 'Contact: <sip:carrier@127.0.0.1>'
  const length = `Content-Length: ${body.length}`
  return [`SIP/2.0 ${status} Answer`, ...copied, contact, ...extra, length, '', body].join('\r\n')
}
