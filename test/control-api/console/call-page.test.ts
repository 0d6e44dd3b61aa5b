// What the page of a call computes by itself: endings, advice, heard words, who is speaking, quality, states of a live call.
import t from 'tap'
import { TERMINATION_REASONS } from '../../../core/contracts/index.ts'
import { sipStatus } from '../../../control-api/console/components/sip-status.ts'
import type { Silence, Turn } from '../../../control-api/console/pages/call/axis/axis-data.ts'
import { blameFor, failedTrunks } from '../../../control-api/console/pages/call/head/blame.ts'
import {
  adviceFor,
  lastPhase,
  redialFor,
  ringingSeconds,
  sparedSeconds,
  talkingSeconds,
  type Call,
} from '../../../control-api/console/pages/call/head/ending.ts'
import {
  recordingState,
  transferState,
} from '../../../control-api/console/pages/call/live/live-state.ts'
import {
  gradeOf,
  lossShare,
  qualityOf,
  silencesByCause,
} from '../../../control-api/console/pages/call/quality/quality.ts'
import { reviewsOf } from '../../../control-api/console/pages/call/review/reviews.ts'
import {
  clock,
  heardWords,
  keySpokenAt,
  spokenTimes,
  transcriptText,
} from '../../../control-api/console/pages/call/transcript/turns.ts'

const CREATED = Date.parse('2026-11-21T10:00:00.000Z')
const at = (ms: number): string => new Date(CREATED + ms).toISOString()
const END_MS = 5000

type Ended = Partial<NonNullable<Call['termination']>>

function endedCall(termination: Ended, more: Partial<Call> = {}): Call {
  return {
    direction: 'outbound',
    status: 'ended',
    from: '+4930555100',
    to: '+493023125100',
    created_at: at(0),
    invited_at: at(100),
    ringing_at: null,
    answered_at: null,
    ended_at: at(END_MS),
    duration_seconds: 0,
    termination: {
      result: 'client_error',
      reason: 'busy',
      by: 'callee',
      sip_status: null,
      ...termination,
    },
    ...more,
  } as Call
}

const item = (type: string, more: object = {}) => ({ at: at(0), offset_ms: 0, type, ...more })

const turn = (more: Partial<Turn>): Turn => ({
  role: 'agent',
  at: at(1000),
  offset_ms: 1000,
  ended_at: null,
  text: 'Good morning to you.',
  tentative: false,
  interrupted: false,
  heard: 'whole',
  heard_text: 'Good morning to you.',
  heard_text_by: 'audio',
  heard_ms: 1800,
  spoken_ms: 1800,
  prompt_id: null,
  ...more,
})

t.test('how far a call came', async (t) => {
  t.same(lastPhase(endedCall({})), { name: 'dialling', seconds: 4.9 })
  t.same(lastPhase(endedCall({}, { ringing_at: at(4200) })), { name: 'ringing', seconds: 0.8 })
  const answered = endedCall({}, { ringing_at: at(1000), answered_at: at(2000) })
  t.same(lastPhase(answered), { name: 'talk', seconds: 3 })
  t.equal(lastPhase(endedCall({}, { ended_at: null })), null, 'it goes on')
  t.equal(ringingSeconds(answered, 0), 1)
  t.equal(ringingSeconds(endedCall({}), 0), null, 'it never rang')
  t.equal(sparedSeconds(answered, 0), 1.9, 'INVITE to answer')
  t.equal(sparedSeconds(endedCall({}), 0), 4.9, 'INVITE to the end')
  const live = endedCall({}, { answered_at: at(2000), ended_at: null, duration_seconds: null })
  t.equal(talkingSeconds(live, CREATED + 9000), 7, 'counted on while it goes on')
})

t.test('whose doing it was, whoever hung up', async (t) => {
  const blame = (termination: Ended, items: Parameters<typeof blameFor>[1] = []) => {
    const { termination: told } = endedCall(termination)
    return told && blameFor(told, items)
  }
  t.equal(blame({ result: 'upstream_error', reason: 'rejected', by: 'carrier' }), 'carrier')
  t.equal(blame({ result: 'upstream_error', reason: 'agent-refused', by: 'agent' }), 'vendor')
  t.equal(blame({ result: 'upstream_error', reason: 'agent-silent', by: 'gateway' }), 'vendor')
  t.equal(blame({ result: 'server_error', reason: 'internal-error' }), 'server_error')
  const stalled = item('media.stalled', { silent_ms: 5000 })
  const heard = (packets: number) => item('media.summary', { received: { packets } })
  const hangup = { result: 'success', reason: 'hangup' } as const
  t.equal(blame(hangup, [stalled, heard(0)]), 'unheard')
  t.equal(blame(hangup, [stalled, heard(7)]), 'success', 'it came in the end')
  t.equal(blame(hangup, [heard(0)]), 'success', 'hung up before it could be missed')
})

t.test('which trunks had failed a call before', async (t) => {
  t.same(
    failedTrunks([
      item('sip.invite', { trunk: 'alpha' }),
      item('sip.failed', { sip_status: 503, next_trunk: 'beta' }),
      item('sip.invite', { trunk: 'beta' }),
      item('sip.failed', { sip_status: 486 }),
    ]),
    [{ trunk: 'alpha', status: 503, next: 'beta' }],
    'the last one ended the call, which is told elsewhere',
  )
})

t.test('every reason has its advice, or none where all went well', async (t) => {
  for (const reason of TERMINATION_REASONS)
    t.doesNotThrow(() => adviceFor(endedCall({ reason })), reason)
  t.equal(adviceFor(endedCall({ reason: 'hangup' })), null)
  t.equal(adviceFor(endedCall({ reason: 'rejected', sip_status: 404 })), 'check-number')
  t.equal(adviceFor(endedCall({ reason: 'rejected', sip_status: 403 })), 'check-trunk')
  t.equal(adviceFor(endedCall({ reason: 'rejected', sip_status: 503 })), 'carrier-trouble')
  const missed = endedCall({ reason: 'canceled', by: 'caller' }, { direction: 'inbound' })
  t.equal(adviceFor(missed), 'call-back')
  t.equal(adviceFor(endedCall({ reason: 'canceled', by: 'api' })), null, 'we called it off')
})

t.test('who would be rung again', async (t) => {
  const [ours, theirs] = ['+4930555100', '+493023125100']
  t.same(redialFor(endedCall({})), { to: theirs, from: ours })
  const missed = { direction: 'inbound', from: theirs, to: ours } as const
  t.same(redialFor(endedCall({ reason: 'no-answer' }, missed)), { to: theirs, from: ours })
  t.equal(redialFor(endedCall({ reason: 'declined' })), null, 'nobody who declined')
  t.equal(redialFor(endedCall({}, { ...missed, from: null })), null, 'nobody knows whom')
  t.equal(redialFor(endedCall({}, { ...missed, from: 'alice' })), null, 'no number')
  t.equal(redialFor(endedCall({}, { answered_at: at(200) })), null, 'they have talked')
  t.equal(redialFor(endedCall({}, { status: 'ringing' })), null, 'it rings already')
})

t.test('a status says its name, where it has one', async (t) => {
  t.equal(sipStatus(603), '603 Decline')
  t.equal(sipStatus(699), '699')
})

t.test('what of a turn was heard', async (t) => {
  t.equal(heardWords(turn({})), null, 'all of it')
  t.equal(heardWords(turn({ role: 'caller', heard: null })), null, 'the caller is not our doing')
  t.same(heardWords(turn({ heard: 'part', heard_text: 'Good morn' })), {
    heard: 'Good morn',
    unheard: 'ing to you.',
  })
  t.same(heardWords(turn({ heard: 'part', heard_text: 'Good...' })), {
    heard: 'Good',
    unheard: 'morning to you.',
  })
  t.same(
    heardWords(turn({ heard: 'part', heard_text: 'Guten Tag' })),
    { heard: 'Guten Tag', unheard: '' },
    'words that are not among those said stand alone',
  )
  t.equal(heardWords(turn({ heard: 'part', heard_text: null })), null, 'not known word by word')
  t.same(heardWords(turn({ heard: 'nothing', heard_text: '' })), {
    heard: '',
    unheard: 'Good morning to you.',
  })
})

t.test('who is speaking at a time', async (t) => {
  const turns = [
    turn({ ended_at: at(2800) }),
    turn({ role: 'caller', at: at(5200), offset_ms: 5200, heard: null }),
    turn({ at: at(5500), offset_ms: 5500, ended_at: at(7000) }),
    turn({ role: 'caller', at: at(20_000), offset_ms: 20_000, heard: null }),
  ]
  const speech = [
    { who: 'agent', from_ms: 1000, to_ms: 2800 },
    { who: 'caller', from_ms: 3000, to_ms: 4900 },
  ] as const
  const spoken = spokenTimes(turns, speech)
  t.same(
    spoken.map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [1000, 2800],
      [3000, 4900],
      [5500, 7000],
      [18_500, 20_000],
    ],
    'the caller spoke before the words were told; where nobody heard it, shortly before',
  )
  t.equal(keySpokenAt(spoken, 1500), spoken[0]?.key)
  t.equal(keySpokenAt(spoken, 3000), spoken[1]?.key)
  t.equal(keySpokenAt(spoken, 5300), null, 'nobody')
  t.equal(keySpokenAt(spoken, null), null, 'there is no cursor')
  const both = [
    { key: 'first', fromMs: 0, toMs: 10 },
    { key: 'second', fromMs: 4, toMs: 8 },
  ]
  t.equal(keySpokenAt(both, 5), 'second', 'who began later, when two speak at once')
  t.equal(keySpokenAt(both, 9), 'first')
})

t.test('a transcript as text', async (t) => {
  const turns = [
    turn({ heard: 'part', heard_text: 'Good' }),
    turn({ role: 'caller', offset_ms: 3_727_000, text: 'Hello?', tentative: true }),
  ]
  const text = transcriptText(turns, {
    role: ({ role }) => role,
    unheard: 'not heard:',
    note: ({ tentative }) => (tentative ? 'not settled' : ''),
  })
  t.equal(
    text,
    '[0:01] agent: Good [not heard: morning to you.]\n[1:02:07] caller: Hello? (not settled)\n',
  )
  t.equal(clock(-5), '0:00', 'an INVITE may have come before its call')
})

t.test('quality', async (t) => {
  t.equal(qualityOf([item('call.ended')]), null)
  const quality = qualityOf([
    item('media.summary', {
      received: { packets: 975, lost: 25, jitter_ms: 3, mos: 3.7 },
      sent: { packets: 1000, lost: null, jitter_ms: null, mos: null },
      round_trip_ms: 20,
    }),
  ])
  t.match(quality, { roundTripMs: 20, underruns: null, sent: { lost: null } })
  t.equal(quality && lossShare(quality.received, 'received'), 0.025)
  t.equal(quality && lossShare(quality.sent, 'sent'), null, 'nobody told')
  const nothing = { packets: 0, lost: 0, jitterMs: null, mos: null }
  t.equal(lossShare(nothing, 'received'), null, 'of nothing there is no share')
  t.same([4, 3.99, 3.6, 3.59].map(gradeOf), ['good', 'fair', 'fair', 'poor'])
  const silence = (cause: Silence['cause'], from: number, to: number): Silence => {
    return { from_ms: from, to_ms: to, cause, reason: '', detail: '' }
  }
  t.same(
    silencesByCause([
      silence('agent', 0, 2000),
      silence('carrier', 3000, 4000),
      silence('agent', 5000, 6000),
    ]),
    [
      { cause: 'carrier', count: 1, totalMs: 1000, longestMs: 1000 },
      { cause: 'agent', count: 2, totalMs: 3000, longestMs: 2000 },
    ],
  )
})

t.test('reviews, the newest first', async (t) => {
  const items = [
    item('call.reviewed', { status: 'problem', note: 'Look.' }),
    item('call.reviewed', { status: null, note: null }),
  ]
  t.match(reviewsOf(items), [{ status: null }, { status: 'problem', note: 'Look.' }])
})

t.test('a live call: its recording and its transfer', async (t) => {
  const recorded = (...types: string[]) => recordingState(types.map((type) => item(type)))
  t.equal(recorded('sip.answered'), 'none')
  t.equal(recorded('recording.started', 'agent.heard'), 'recording')
  t.equal(recorded('recording.started', 'recording.paused'), 'paused')
  t.equal(recorded('recording.paused', 'recording.resumed'), 'recording')
  t.equal(recorded('recording.started', 'recording.failed'), 'over')
  t.equal(transferState([item('sip.answered')]), null)
  t.match(transferState([item('transfer.requested')]), { told: 'transfer.requested' })
  t.match(transferState([item('transfer.requested'), item('transfer.failed', { detail: '486' })]), {
    told: 'transfer.failed',
    detail: '486',
  })
})
