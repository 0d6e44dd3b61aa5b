// What a test call is told from: packets counted, reports read, sounds made, messages put in a line.
import alawmulaw from 'alawmulaw'
import t from 'tap'
import { compileConfig } from '../../core/config/index.ts'
import {
  epochMs,
  newCallId,
  termination,
  type CallEvent,
  type CallEventData,
  type SipMessage,
  type TerminationReason,
  type TerminationResult,
} from '../../core/contracts/index.ts'
import { HELP, readArguments } from '../../doctor/arguments.ts'
import { judgeAudio } from '../../doctor/call/judge-audio.ts'
import { judgeCall } from '../../doctor/call/judge-call.ts'
import {
  describeMessage,
  familyOf,
  identityOf,
  renderStep,
  type LadderStep,
} from '../../doctor/call/ladder.ts'
import { levelDb, toneFrames } from '../../doctor/call/line-sound.ts'
import { readRtp, Reception } from '../../doctor/call/reception.ts'
import { readFarReport } from '../../doctor/call/sender-report.ts'
import { explainStatus } from '../../doctor/call/sip-words.ts'
import type { LineReport } from '../../doctor/call/test-line.ts'
import { namesOf } from '../../doctor/trunk/trunk-names.ts'

function packet(sequence: number, more: { ssrc?: number; timestamp?: number } = {}) {
  const { ssrc = 7, timestamp = sequence * 160 } = more
  const bytes = Buffer.alloc(12 + 160)
  bytes[0] = 0x80
  bytes.writeUInt16BE(sequence & 0xffff, 2)
  bytes.writeUInt32BE(timestamp >>> 0, 4)
  bytes.writeUInt32BE(ssrc, 8)
  return readRtp(bytes)!
}

t.test('packets are counted over a wrap, in any order, and lost ones found', async (t) => {
  const reception = new Reception(1000)
  const order = [65_533, 65_534, 65_536, 65_535, 65_538, 65_539] // 65,537 is lost.
  for (const [at, sequence] of order.entries()) reception.note(packet(sequence), 1010 + at * 20)
  t.match(reception.report(), { packets: 6, lost: 1, firstAfterMs: 10 })
})

t.test('jitter is that of RFC 3550: none of an even stream, some of an uneven one', async (t) => {
  const jitterOf = (lateMs: (at: number) => number): number => {
    const reception = new Reception(0)
    for (let at = 0; at < 400; at += 1) reception.note(packet(at), at * 20 + lateMs(at))
    return reception.report().jitterMs
  }
  t.ok(jitterOf(() => 0) < 0.01)
  // Every difference is 10 ms: the estimate goes there.
  const uneven = jitterOf((at) => (at % 2) * 10)
  t.ok(Math.abs(uneven - 10) < 0.1, `${uneven}`)
})

t.test('a sender that begins anew is a new stream, not a loss', async (t) => {
  const reception = new Reception(0)
  for (const sequence of [1, 2, 4]) reception.note(packet(sequence), sequence * 20)
  for (const sequence of [9000, 9001]) reception.note(packet(sequence, { ssrc: 8 }), 200)
  t.match(reception.report(), { packets: 5, lost: 1 })
})

t.test('what is no RTP is not taken for it', async (t) => {
  const rtcp = Buffer.alloc(28)
  rtcp.set([0x80, 200], 0)
  const stun = Buffer.alloc(20)
  const padded = Buffer.from([0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200])
  const extended = Buffer.from([0x90, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
  for (const bytes of [rtcp, stun, padded, extended, Buffer.alloc(0)])
    t.equal(readRtp(bytes), undefined)
})

t.test('the far end’s report about us is read, and about others not', async (t) => {
  const report = Buffer.alloc(32)
  report.set([0x81, 201], 0)
  report.writeUInt16BE(7, 2)
  report.writeUInt32BE(42, 8)
  report.writeIntBE(5, 13, 3)
  report.writeUInt32BE(80, 20)
  t.same(readFarReport(report, 42), { lost: 5, jitterMs: 10 })
  t.equal(readFarReport(report, 43), undefined)
  for (let length = 0; length < report.length; length += 1)
    t.equal(readFarReport(report.subarray(0, length), 42), undefined, 'cut off')
})

t.test('the tone is soft, and both codecs say the same of it as another library', async (t) => {
  const { mulaw, alaw } = alawmulaw
  for (const [codec, library] of [
    ['PCMU', mulaw],
    ['PCMA', alaw],
  ] as const) {
    const frames = toneFrames(codec)
    t.equal(frames.length, 100)
    const heard = library.decode(Buffer.concat(frames))
    const wanted = (at: number): number => 1000 * Math.sin((2 * Math.PI * 440 * at) / 8000)
    const off = Array.from({ length: 3200 }, (_, at) => Math.abs(heard[at]! - wanted(at)))
    t.ok(Math.max(...off) < 40, `${codec} is ${Math.max(...off)} off`)
    t.ok(levelDb(frames[50]!, codec)! < -70, 'then silence')
    t.ok(Math.abs(levelDb(frames[3]!, codec)! + 33.3) < 0.5)
  }
})

const message = (text: string, direction: SipMessage['direction'] = 'received'): SipMessage => ({
  at: epochMs(1020),
  direction,
  protocol: 'udp',
  local: '127.0.0.1:5060',
  remote: '203.0.113.5:5060',
  text: text.replaceAll('\n', '\r\n'),
})
const lineOf = (text: string): string => renderStep(describeMessage(message(text), 1000))

t.test(
  'a line of the ladder: no number, no escape sequence, all that telephony wants',
  async (t) => {
    const failure = lineOf(
      'SIP/2.0 403 Not for +49 30 9988776\u001b[2J\nCSeq: 1 INVITE\n' +
        'Reason: Q.850;cause=21;text="x"\nWarning: 399 host "caller 4930998877 is not yours"\n\n',
    )
    t.match(
      failure,
      /^ +\+20 ms {2}voicegate ◀── carrier {2}403 Forbidden “Not for \[number\]\?\[2J”/,
    )
    t.match(failure, /Q\.850 cause 21, call rejected, warning “caller \[number\] is not yours”$/)
    const answer = lineOf(
      'SIP/2.0 200 OK\nCSeq: 1 INVITE\n\nv=0\nc=IN IP4 10.0.0.7\nm=audio 4000 RTP/AVP 8 96\n' +
        'a=rtpmap:96 telephone-event/8000\na=sendonly\n',
    )
    t.match(
      answer,
      /200 OK, SDP: PCMA telephone-event private IPv4 sendonly \(audio to 10\.0\.0\.7:4000\)$/,
    )
    t.match(lineOf('SIP/2.0 200 OK\nCSeq: 2 BYE\n\n'), /200 OK \(to BYE\)$/)
    t.match(lineOf('SIP/2.0 199 Early Dialog Terminated\nCSeq: 1 INVITE\n\n'), /199 Early Dialog/)
    t.match(lineOf('nonsense'), /a message that cannot be read$/)
  },
)

t.test('a repetition is known by its branch', async (t) => {
  const bye = (branch: string) =>
    message(`BYE sip:x SIP/2.0\nVia: SIP/2.0/UDP h;branch=${branch}\n\n`)
  t.equal(identityOf(bye('z9hG4bK1')), identityOf(bye('z9hG4bK1')))
  t.not(identityOf(bye('z9hG4bK1')), identityOf(bye('z9hG4bK2')))
})

t.test('what an address tells of who can reach it', async (t) => {
  for (const [address, family] of [
    ['127.0.0.1', 'loopback IPv4'],
    ['172.31.0.1', 'private IPv4'],
    ['172.32.0.1', 'IPv4'],
    ['100.64.0.1', 'private IPv4'],
    ['203.0.113.5', 'IPv4'],
    ['fd00::1', 'local IPv6'],
    ['2001:db8::1', 'IPv6'],
  ] as const)
    t.equal(familyOf(address), family, address)
})

const ACCOUNT = { user: 'u', password: 'p', registers: true, settings: 'EXOLVE_SIP_USER' }
const TRUNK = { name: 'exolve', domain: 'sip.example.com', numbers: [], account: ACCOUNT }

/** What a call says that ended like this. */
function judged(
  failed: CallEventData['sip.failed'] | undefined,
  reason: TerminationReason,
  result: TerminationResult = 'client_error',
  steps: readonly LadderStep[] = [],
) {
  const compiled = compileConfig({}, {})
  if ('problems' in compiled) throw new Error('the defaults are not valid')
  const head = { callId: newCallId(), at: epochMs(0) }
  const events: CallEvent[] = [
    { ...head, type: 'sip.invite', data: { direction: 'outbound', sipCallId: 'x' } },
    ...(failed ? [{ ...head, type: 'sip.failed' as const, data: failed }] : []),
    { ...head, type: 'call.ended', data: { termination: termination(result, reason, 'carrier') } },
  ]
  const { config } = compiled
  const seen = { events, line: undefined, isOver: true, steps }
  return judgeCall({ ...seen, config, trunk: TRUNK, ringMs: 1000, stopped: false })
}

const MEANINGS = [
  [302, /302: it sends us to another address/, /EXOLVE_SIP_DOMAIN, or EXOLVE_SIP_PROXY/],
  [401, /401: it does not accept our user or password/, /EXOLVE_SIP_USER and EXOLVE_SIP_PASS/],
  [403, /403: it forbids this call/, /caller number we show/],
  [404, /404: the number is not known/, /country code/],
  [407, /407: it does not accept our user or password/, /EXOLVE_SIP_USER and EXOLVE_SIP_PASS/],
  [408, /408: nobody answered further on/, /another number/],
  [480, /480: the phone is switched off/, /know to be free/],
  [484, /484: the number is too short/, /whole number/],
  [486, /486: busy/, /know to be free/],
  [488, /488: it takes none of what we offer/, /PCMU, PCMA/],
  [500, /500: it, or the network behind it, is in trouble/, /Try again/],
  [503, /503: it, or the network behind it, is in trouble/, /Try again/],
  [603, /603: the call was declined/, /know to be free/],
  [608, /608: a filter on the way rejected it/, /spam/],
] as const

t.test('--help is an option, and tells of every other', async (t) => {
  t.same(readArguments(['--help']), { help: true })
  for (const name of [
    '--call NUMBER',
    '--trunk NAME',
    '--seconds N',
    '--ring-seconds N',
    '--json FILE',
  ])
    t.ok(HELP.includes(`\n  ${name} `), name)
})

t.test('a 403 after a challenge may be the password, and says so', async (t) => {
  const what = '407 Proxy Authentication Required: it asks for our password'
  const challenge = { offsetMs: 2, by: 'carrier', what } as const
  t.match(judged({ sipStatus: 403 }, 'rejected', 'client_error', [challenge]), [
    {
      seen: /403: it refuses our user or password, or forbids this call/,
      todo: /EXOLVE_SIP_USER and EXOLVE_SIP_PASS/,
    },
  ])
})

t.test('each refusal is told with its meaning and what to do', async (t) => {
  for (const [sipStatus, seen, todo] of MEANINGS)
    t.match(judged({ sipStatus }, 'rejected'), [{ check: 'call', verdict: 'fail', seen, todo }])
  t.match(judged({ sipStatus: 500, q850Cause: 17 }, 'rejected'), [
    { seen: /\(Q\.850 cause 17, user busy\)$/ },
  ])
  const local = { sipStatus: 503, local: true, detail: 'Certificate Not Trusted' }
  t.match(judged(local, 'unreachable'), [
    { seen: /not reached: Certificate Not Trusted/, todo: /SIP_TLS_CA/ },
  ])
  t.match(judged(undefined, 'internal-error', 'server_error'), [
    { seen: /broke off on our side \(internal-error\)/, todo: /defect/ },
  ])
})

const HEARD = { packets: 1, lost: 0, jitterMs: 0, firstAfterMs: 3 }
const NOT_HEARD = { packets: 0, lost: 0, jitterMs: 0, firstAfterMs: null }

/** What is said of a talk that was heard like this. */
function audioOf(stopped: boolean, of: Partial<LineReport> | undefined) {
  const compiled = compileConfig({}, {})
  if ('problems' in compiled) throw new Error('the defaults are not valid')
  const { config } = compiled
  const line: LineReport | undefined = of && {
    local: { address: '127.0.0.1', port: 4000 },
    ...{ remote: undefined, earlyPackets: 0, received: HEARD, loudestDb: -30 },
    ...{ sentPackets: 0, farReport: undefined, strayPackets: 0 },
    ...of,
  }
  const result = { events: [], line, isOver: true, steps: [] }
  const found = judgeAudio({ ...result, config, trunk: TRUNK, ringMs: 1000, stopped })
  return found.map(({ verdict, seen }) => `${verdict}: ${seen.split(/[(,]/)[0]?.trim()}`)
}

t.test('who hangs up before there was any audio is told so, and that is no failure', async (t) => {
  const stopped = (of?: Partial<LineReport>) => audioOf(true, of)
  t.same(stopped(), ['info: you hung up before there was any audio'])
  t.same(stopped({ received: undefined }), ['info: you hung up before there was any audio'])
  const none = 'info: no audio went out yet when you hung up'
  t.same(stopped({}), ['ok: audio came in: 1 packets of G.711', none])
  t.same(stopped({ received: NOT_HEARD }), ['info: no audio came in yet when you hung up', none])
})

t.test('audio that is missing is a failure to whoever waited for it', async (t) => {
  const waited = (of?: Partial<LineReport>) => audioOf(false, of)
  t.same(waited(), ['fail: there was no time for audio'])
  t.same(waited({}), ['ok: audio came in: 1 packets of G.711', 'fail: no audio went out'])
  t.same(waited({ received: NOT_HEARD }), [
    'fail: no audio came in: the other side hears us at best',
    'fail: no audio went out',
  ])
  const oneWay = audioOf(true, { received: NOT_HEARD, sentPackets: 100 })
  t.match(oneWay, [/^fail: no audio came in/, /^info: audio went out: 100/])
})

t.test('every final status has a meaning and something to do', async (t) => {
  for (let status = 300; status < 700; status += 1) {
    const { meaning, todo } = explainStatus(status, namesOf(TRUNK))
    t.ok(meaning.length > 3 && /\w.*\.$/.test(todo), `${status}`)
  }
})
