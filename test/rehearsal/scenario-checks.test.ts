// The checks of single scenarios: each passes what is good, and notices its fault.
import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import {
  gaveUpOnCarrier,
  keysArrived,
  lossIsKnown,
  triedOnce,
  triedTwice,
  waitedInSilence,
  wasRecorded,
  wasToldOfFailure,
  wentRoundNat,
} from '../../rehearsal/scenario-checks.ts'
import type { Take, TimelineFact } from '../../rehearsal/take.ts'
import { soundBytes } from '../../simulators/carrier/index.ts'
import { loadSpeech } from '../../simulators/speech/index.ts'
import { aCarrierRecord, aHearing, aSession, aTake, T0 } from './a-take.ts'

const at = (offsetMs: number) => epochMs(T0 + offsetMs)
const silence = (ms: number): Buffer => Buffer.alloc(Math.round(ms) * 8, 0xff)
const fact = (offsetMs: number, type: string, fields = {}): TimelineFact => ({
  at: T0 + offsetMs,
  type,
  fields,
})

/** The agent is gone at 1100 ms; the apology begins `afterMs` later; BYE comes `byeAfterMs` after its end. */
function anApology(afterMs: number, byeAfterMs: number): Take {
  const apology = loadSpeech('fallback-message')
  const overMs = 1100 + afterMs + apology.length / 8
  return aTake({
    sessions: [aSession({ closedAt: at(1100) })],
    carrier: aCarrierRecord({
      byeAt: at(overMs + byeAfterMs),
      rtpIn: aHearing({ audio: Buffer.concat([silence(80 + afterMs), apology]) }),
    }),
  })
}

t.test('the apology: at once, whole, then BYE', async (t) => {
  t.strictSame(wasToldOfFailure(anApology(200, 300)), [])
  t.match(wasToldOfFailure(anApology(2000, 300)), [/told 2000 ms after/])
  t.match(wasToldOfFailure(anApology(200, 5000)), [/BYE came 5000 ms after/])
  t.match(wasToldOfFailure(anApology(200, -1000)), [/BYE came -1000 ms after/])
  t.match(wasToldOfFailure(aTake()), [/nobody told/])
})

t.test('the apology: what the machine kept waiting may come so much later, no more', async (t) => {
  const overMs = 1300 + loadSpeech('fallback-message').length / 8
  const stalls = [{ from: T0 + overMs, to: T0 + overMs + 800 }]
  t.strictSame(wasToldOfFailure({ ...anApology(200, 2200), stalls }), [])
  t.match(wasToldOfFailure({ ...anApology(200, 2400), stalls }), [/BYE came 2400 ms after/])
  t.match(wasToldOfFailure({ ...anApology(200, 2200), stalls: [] }), [/BYE came 2200 ms after/])
  const before = [{ from: T0 + 1100, to: T0 + 1900 }]
  t.strictSame(wasToldOfFailure({ ...anApology(1700, 300), stalls: before }), [])
  t.match(wasToldOfFailure({ ...anApology(1900, 300), stalls: before }), [/told 1900 ms after/])
})

t.test('a second attempt: after the first, soon, and told', async (t) => {
  const first = aSession({ upgradeAt: at(1005), closedAt: at(1050), closeCode: 1011 })
  const told = fact(1051, 'agent.attempt_failed', { close_code: 1011 })
  const again = (offsetMs: number, timeline = [told]): Take =>
    aTake({ sessions: [first, aSession({ upgradeAt: at(offsetMs) })], timeline })
  t.strictSame(triedTwice(again(1300)), [])
  t.match(triedTwice(again(1040)), [/-10 ms after the end/], 'two at a time')
  t.match(triedTwice(again(9000)), [/7950 ms after the end/])
  t.match(triedTwice(again(1300, [])), [/does not tell how/])
  t.strictSame(triedOnce(aTake()), [])
  t.match(triedOnce(aTake({ timeline: [told] })), [/asked for once/])
})

t.test('a slow agent: silence that flows, then its words, and the time it took', async (t) => {
  const slow = (lead: Buffer, told = 5045): Take =>
    aTake({
      timeline: [fact(told, 'agent.first_audio')],
      carrier: aCarrierRecord({
        rtpIn: aHearing({ audio: Buffer.concat([lead, soundBytes({ speech: 'agent-greeting' })]) }),
      }),
    })
  t.strictSame(waitedInSilence(slow(silence(4000)), 4000), [])
  t.match(waitedInSilence(slow(silence(1000)), 4000), [/was not slow/])
  t.match(waitedInSilence(slow(soundBytes({ tone: 400, ms: 4000 })), 4000), [/before the agent/])
  t.match(waitedInSilence(slow(silence(4000), 1100), 4000), [/55 ms after the metadata/])
  const greeting = soundBytes({ speech: 'agent-greeting' })
  const torn = slow(Buffer.concat([silence(4000), greeting.subarray(0, 160), silence(60)]))
  const heard = Buffer.concat([
    torn.carrier!.rtpIn.audio.subarray(0, 4080 * 8),
    greeting.subarray(160),
  ])
  const rtpTorn = aCarrierRecord({ rtpIn: aHearing({ audio: heard }) })
  const stalls = [{ from: T0 + 5010, to: T0 + 5090 }]
  t.strictSame(waitedInSilence({ ...torn, carrier: rtpTorn, stalls }, 4000), [], 'the machine’s')
  t.match(waitedInSilence({ ...torn, carrier: rtpTorn }, 4000), [/before the agent/])
  const late = slow(silence(4000))
  const rtpIn = { ...late.carrier!.rtpIn, firstAt: at(3000) }
  t.match(waitedInSilence({ ...late, carrier: { ...late.carrier!, rtpIn } }, 4000), [/RTP did not/])
})

t.test('keys: all of them, once, and nowhere which', async (t) => {
  const words = ['12', '5'].map((text) => ({ type: 'user_message', text }))
  const key = (source: string, more = {}): TimelineFact => fact(3000, 'dtmf', { source, ...more })
  const pressed = (timeline: TimelineFact[], otherMessages = words): Take =>
    aTake({ timeline, sessions: [aSession({ otherMessages })] })
  const good = [key('rtp'), key('rtp'), key('rtp'), key('sip-info')]
  const counts = { byRtp: 3, byInfo: 1 }
  t.strictSame(keysArrived(pressed(good), ['12', '5'], counts), [])
  t.match(keysArrived(pressed(good.slice(1)), ['12', '5'], counts), [/has 2 keys by RTP/])
  t.match(keysArrived(pressed(good, []), ['12', '5'], counts), [/told of 0 entries/])
  const told = [...good.slice(1), key('rtp', { digit: '1' })]
  t.match(keysArrived(pressed(told), ['12', '5'], counts), [/tells which keys/])
})

t.test('a carrier that is gone: told at 5 s, agent closed at 30 s', async (t) => {
  const gone = (stalledMs: number, closedMs: number): Take =>
    aTake({
      carrier: aCarrierRecord({ vanishedAt: at(2000) }),
      timeline: [fact(2000 + stalledMs, 'media.stalled')],
      sessions: [aSession({ closedAt: at(2000 + closedMs) })],
    })
  t.strictSame(gaveUpOnCarrier(gone(5020, 30_050)), [])
  t.match(gaveUpOnCarrier(gone(12_000, 30_050)), [/told 12000 ms after/])
  t.match(gaveUpOnCarrier(gone(5020, 60_000)), [/closed 60000 ms after/])
  t.equal(gaveUpOnCarrier(aTake()).length, 2)
})

t.test('loss is known, both ways', async (t) => {
  const received = { lost: 12, jitter_ms: 11, mos: 3.9 }
  const summary = (fields: object): Take =>
    aTake({ timeline: [fact(7000, 'media.summary', fields)] })
  t.strictSame(lossIsKnown(summary({ received, sent: { lost: 9 }, round_trip_ms: 41 })), [])
  t.match(lossIsKnown(summary({ received, sent: { lost: null }, round_trip_ms: null })), [
    /no loss on the way from us/,
    /no round trip/,
  ])
  t.equal(lossIsKnown(aTake()).length, 5)
})

t.test('behind a NAT: the SDP says so, and sound comes nevertheless', async (t) => {
  t.match(wentRoundNat(aTake()), [/did not name/])
  const answer = aCarrierRecord().messages[2]!
  const messages = [{ ...answer, raw: `${answer.raw}c=IN IP4 10.0.0.7\r\n` }]
  t.strictSame(wentRoundNat(aTake({ carrier: aCarrierRecord({ messages }) })), [])
  const deaf = aCarrierRecord({ messages, rtpIn: aHearing({ packets: 0 }) })
  t.match(wentRoundNat(aTake({ carrier: deaf })), [/no sound reached/])
})

t.test('the recording: stereo, as long as the talk, each on its side', async (t) => {
  const left = Buffer.concat([loadSpeech('caller-question'), silence(3000)])
  const right = Buffer.concat([silence(100), loadSpeech('agent-greeting')])
  const good = { channels: 2, durationMs: 6000, left, right }
  const judge = (recording: Take['recording']) =>
    wasRecorded(aTake({ recording }), 'caller-question', ['agent-greeting'])
  t.strictSame(judge(good), [])
  t.match(judge(null), [/there is no recording/])
  t.match(judge({ ...good, channels: 1 }), [/not stereo/])
  t.match(judge({ ...good, durationMs: 3000 }), [/has 3000 ms of 6000 ms/])
  t.equal(judge({ ...good, left: right, right: left }).length, 3, 'sides changed')
  const torn = Buffer.from(good.left)
  torn.fill(0x55, 8000, 8400)
  const stalls = [{ from: T0 + 3000, to: T0 + 3060 }]
  const withTorn = (take: Partial<Take>) =>
    wasRecorded(aTake({ recording: { ...good, left: torn }, ...take }), 'caller-question', [])
  t.strictSame(withTorn({ stalls }), [], 'the machine kept us waiting')
  t.match(withTorn({}), [/the caller is not on the left/])
  t.match(withTorn({ stalls: [{ from: T0 + 10, to: T0 + 900 }] }), [/not on the left/], 'before it')
})
