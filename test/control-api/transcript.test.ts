// What a transcript makes of the events of a call, in every order in which agents tell them.
import t from 'tap'
import { foldTranscript, makesTurn } from '../../control-api/calls/transcript/transcript.ts'
import {
  epochMs,
  newCallId,
  type CallEvent,
  type CallEventData,
  type TerminationReason,
} from '../../core/contracts/index.ts'

const CALL = newCallId()
const T0 = 1_800_000_000_000

/** Events of one call, by milliseconds since its beginning. */
const at = <T extends CallEvent['type']>(ms: number, type: T, data: CallEventData[T]): CallEvent =>
  ({ type, callId: CALL, at: epochMs(T0 + ms), data }) as CallEvent

const heard = (
  ms: number,
  eventId: number,
  [heardMs, spokenMs]: readonly [number, number],
  more: Partial<CallEventData['agent.heard']> = {},
) => at(ms, 'agent.heard', { eventId, heardMs, spokenMs, interrupted: heardMs < spokenMs, ...more })
const said = (ms: number, eventId: number, text: string) =>
  at(ms, 'agent.response', { text, eventId })
const caller = (ms: number, eventId: number, text: string, tentative?: true) =>
  at(ms, 'agent.user_transcript', { text, eventId, ...(tentative && { tentative }) })
const corrected = (ms: number, eventId: number, text: string, originalText?: string) =>
  at(ms, 'agent.response_corrected', {
    text,
    eventId,
    ...(originalText === undefined ? {} : { originalText }),
  })
const interrupted = (ms: number, eventId: number, discardedMs: number) =>
  at(ms, 'agent.interrupted', { eventId, discardedMs })
const ended = (ms: number, reason: TerminationReason = 'hangup') =>
  at(ms, 'call.ended', {
    termination: { result: 'success', reason, by: 'callee', sipStatus: null },
  })

/** One line a turn: who, from when, what, and what of it was heard. */
const lines = (events: readonly CallEvent[]): string[] =>
  foldTranscript(events).map((turn) => {
    const flags = `${turn.interrupted ? ' cut' : ''}${turn.tentative ? ' tentative' : ''}`
    const words =
      turn.heardText === null ? '-' : `"${turn.heardText}" by ${turn.heardTextBy ?? '-'}`
    const lengths = turn.heardMs === null ? '' : ` ${turn.heardMs}/${turn.spokenMs ?? '-'}`
    const audible = turn.heard === null ? '' : ` | ${turn.heard}${lengths} ${words}`
    return `${turn.role}${flags} ${turn.at - T0} "${turn.text ?? '-'}"${audible}`
  })

t.test('a talk with nothing out of the ordinary', (t) => {
  t.same(
    lines([
      said(120, 1, 'Hello, how can I help?'),
      heard(4100, 1, [3000, 3000]),
      caller(6000, 3, 'Are you open tomorrow?'),
      said(6600, 4, 'Yes, from nine.'),
      heard(9000, 4, [1500, 1500]),
      ended(10_000),
    ]),
    [
      'agent 1100 "Hello, how can I help?" | whole 3000/3000 "Hello, how can I help?" by audio',
      'caller 6000 "Are you open tomorrow?"',
      'agent 7500 "Yes, from nine." | whole 1500/1500 "Yes, from nine." by audio',
    ],
  )
  t.end()
})

t.test('the times are those of the frames, where they are told', (t) => {
  const span = { startedAt: epochMs(T0 + 200.5), endedAt: epochMs(T0 + 3200.5) }
  const [turn] = foldTranscript([said(120, 1, 'Hello.'), heard(4300, 1, [3000, 3000], span)])
  t.match(turn, { at: T0 + 200.5, endedAt: T0 + 3200.5 })
  t.end()
})

t.test('words before or after their audio make the same turn', (t) => {
  const before = [said(100, 1, 'Hello.'), heard(2000, 1, [800, 800]), ended(3000)]
  const after = [heard(2000, 1, [800, 800]), said(2100, 1, 'Hello.'), ended(3000)]
  t.same(lines(before), ['agent 1200 "Hello." | whole 800/800 "Hello." by audio'])
  t.same(lines(after), lines(before))
  t.end()
})

t.test('barge-in: letters tell what was heard, else the agent’s estimate, else nobody', (t) => {
  const text = 'We have tables at six, seven and eight.'
  const cut = (more: Partial<CallEventData['agent.heard']>) => [
    said(100, 1, text),
    heard(1500, 1, [900, 2400], more),
    interrupted(1500, 1, 1500),
  ]
  const correction = corrected(1520, 1, 'We have tables...', text)
  t.same(lines([...cut({ text: 'We have tab' }), correction, ended(9000)]), [
    `agent cut 600 "${text}" | part 900/2400 "We have tab" by audio`,
  ])
  t.same(lines([...cut({}), correction, ended(9000)]), [
    `agent cut 600 "${text}" | part 900/2400 "We have tables..." by agent`,
  ])
  t.same(lines([...cut({}), ended(9000)]), [`agent cut 600 "${text}" | part 900/2400 -`])
  t.end()
})

t.test('a correction finds its answer under its own id, the next one and the reply’s', (t) => {
  const text = 'One moment please.'
  for (const id of [1, 2]) {
    const events = [
      said(100, 1, text),
      heard(800, 1, [500, 1200]),
      interrupted(800, id, 700),
      corrected(810, id, 'One mo...', text),
      caller(1500, 3, 'Stop.'),
      said(2000, id === 2 ? 2 : 4, 'Sorry.'),
      heard(3500, id === 2 ? 2 : 4, [400, 400]),
      ended(4000),
    ]
    t.same(lines(events), [
      `agent cut 300 "${text}" | part 500/1200 "One mo..." by agent`,
      'caller 1500 "Stop."',
      'agent 3100 "Sorry." | whole 400/400 "Sorry." by audio',
    ])
  }
  t.end()
})

t.test('a correction may be all that tells the words of an answer cut short', (t) => {
  const text = 'One moment please.'
  const events = [
    heard(800, 1, [500, 1200]),
    interrupted(800, 7, 700),
    corrected(810, 7, 'One mo...', text),
  ]
  const line = `agent cut 300 "${text}" | part 500/1200 "One mo..." by agent`
  t.same(lines([...events, ended(900)]), [line])
  t.same(lines([...events, said(820, 1, text), ended(900)]), [line], 'and may come a second time')
  const blind = [heard(800, 1, [500, 1200]), corrected(810, 9, 'One mo...'), ended(900)]
  t.same(lines(blind), ['agent cut 300 "-" | part 500/1200 "One mo..." by agent'])
  const alone = [corrected(810, 1, 'One mo...', text), ended(900)]
  t.same(lines(alone), [`agent cut 810 "${text}" | nothing 0/0 "" by audio`])
  t.end()
})

t.test('all that came was heard, but the agent stopped sending: a part', (t) => {
  const text = 'A long answer that goes on.'
  const events = [
    said(100, 1, text),
    heard(1500, 1, [900, 900]),
    corrected(1510, 1, 'A long', text),
  ]
  t.same(lines([...events, ended(2000)]), [
    `agent cut 600 "${text}" | part 900/900 "A long" by agent`,
  ])
  t.end()
})

t.test('what nobody heard does not pass as said', (t) => {
  t.same(
    lines([said(100, 1, 'Hello.'), heard(150, 1, [0, 900]), interrupted(150, 1, 900), ended(200)]),
    ['agent cut 100 "Hello." | nothing 0/900 "" by audio'],
    'interrupted before its first frame',
  )
  t.same(
    lines([said(100, 1, 'Hello.'), ended(200)]),
    ['agent 100 "Hello." | nothing 0/0 "" by audio'],
    'its audio never came',
  )
  t.same(
    lines([said(100, 1, 'Hello.'), heard(150, 1, [0, 900], { interrupted: false }), ended(200)]),
    ['agent 100 "Hello." | nothing 0/900 "" by audio'],
    'said while the call was on hold',
  )
  t.end()
})

t.test('two utterances under one event id, with a tool between them', (t) => {
  const one = [
    heard(2200, 5, [1000, 1000], { text: 'One moment. ' }),
    said(5000, 5, 'One moment. It is on its way.'),
    heard(8000, 5, [900, 2000], { text: 'It is on' }),
    ended(9000),
  ]
  t.same(lines(one), [
    'agent cut 1200 "One moment. It is on its way." | part 1900/3000 "One moment. It is on" by audio',
  ])
  const two = [
    said(1200, 5, 'One moment.'),
    heard(2200, 5, [1000, 1000]),
    said(5000, 5, 'It is on its way.'),
    heard(8000, 5, [2000, 2000]),
    ended(9000),
  ]
  t.same(lines(two), [
    'agent 1200 "One moment." | whole 1000/1000 "One moment." by audio',
    'agent 6000 "It is on its way." | whole 2000/2000 "It is on its way." by audio',
  ])
  const growing = [
    said(1200, 5, 'One moment.'),
    heard(2200, 5, [1000, 1000]),
    said(5000, 5, 'One moment. It is on its way.'),
    heard(8000, 5, [2000, 2000]),
    ended(9000),
  ]
  t.same(lines(growing), [
    'agent 1200 "One moment. It is on its way." | whole 3000/3000 "One moment. It is on its way." by audio',
  ])
  t.end()
})

t.test('an agent without ids, and one that starts them anew in a second session', (t) => {
  const events = [
    said(100, 0, 'One.'),
    heard(1300, 0, [200, 200]),
    said(2000, 0, 'Two.'),
    heard(3300, 0, [300, 300]),
    heard(4400, 0, [100, 100]),
    ended(5000),
  ]
  t.same(lines(events), [
    'agent 1100 "One." | whole 200/200 "One." by audio',
    'agent 3000 "Two." | whole 300/300 "Two." by audio',
    'agent 4300 "-" | whole 100/100 -',
  ])
  const evidence = { dialog: 'd', cseq: 1, answeredAt: epochMs(T0) }
  const anew = [
    at(10, 'agent.attempted', { evidence, attempt: 1 }),
    said(100, 1, 'Hello.'),
    at(500, 'agent.attempted', { evidence, attempt: 2 }),
    said(600, 1, 'Hello again.'),
    heard(2000, 1, [800, 800]),
    ended(3000),
  ]
  t.same(lines(anew), [
    'agent 100 "Hello." | nothing 0/0 "" by audio',
    'agent 1200 "Hello again." | whole 800/800 "Hello again." by audio',
  ])
  const mixed = [said(100, 7, 'Hello.'), heard(1300, 0, [200, 200]), ended(2000)]
  t.same(lines(mixed), ['agent 1100 "Hello." | whole 200/200 "Hello." by audio'])
  t.end()
})

t.test('the caller: tentative last words, words told twice, silence', (t) => {
  const events = [
    caller(1000, 3, 'Hello'),
    caller(1100, 3, 'Hello there'),
    caller(1200, 3, 'What is it?'),
    caller(2000, 5, '  '),
    caller(3000, 0, 'Well'),
    caller(3100, 0, 'Well'),
    caller(4000, 9, 'I would li', true),
    ended(4100),
  ]
  t.same(lines(events), [
    'caller 1000 "Hello there"',
    'caller 1200 "What is it?"',
    'caller 3000 "Well"',
    'caller 3100 "Well"',
    'caller tentative 4000 "I would li"',
  ])
  t.end()
})

t.test('while the call is live, and after a crash or a flood, the end is not known', (t) => {
  const begun = [said(100, 1, 'Hello.'), at(50, 'prompt.started', { promptId: 'fallback' })]
  t.same(lines(begun), ['gateway 50 "-" | unknown -', 'agent 100 "Hello." | unknown -'])
  t.same(lines([...begun, ended(900, 'gateway-crashed')]), [
    'gateway cut 50 "-" | unknown -',
    'agent 100 "Hello." | unknown -',
  ])
  const full = at(500, 'call.record_limited', { maxEvents: 1 })
  t.match(lines([...begun, full, ended(900)])[1], /unknown/)
  t.end()
})

t.test('messages of ours, however they ended', (t) => {
  const prompt = (how: CallEventData['prompt.finished']['how'], playedMs: number) => [
    at(100, 'prompt.started', { promptId: 'fallback' }),
    at(900, 'prompt.finished', { promptId: 'fallback', how, playedMs }),
    ended(1000),
  ]
  t.same(lines(prompt('played', 800)), ['gateway 100 "-" | whole 800/800 -'])
  t.same(lines(prompt('digit', 300)), ['gateway cut 100 "-" | part 300/- -'])
  t.same(lines(prompt('stopped', 0)), ['gateway cut 100 "-" | nothing 0/- -'])
  t.same(lines(prompt('failed', 0).slice(1)), ['gateway cut 900 "-" | nothing 0/- -'])
  t.match(foldTranscript(prompt('played', 800))[0], { promptId: 'fallback', endedAt: T0 + 900 })
  t.end()
})

t.test('an answer that is told late stands where it began', (t) => {
  const events = [
    said(100, 1, 'Hello.'),
    caller(1500, 2, 'Yes?'),
    heard(2400, 1, [1000, 1000], { startedAt: epochMs(T0 + 300), endedAt: epochMs(T0 + 1300) }),
    ended(3000),
  ]
  t.match(lines(events), [/^agent 300/, /^caller 1500/])
  t.end()
})

t.test('an hour of talk', (t) => {
  const events = Array.from({ length: 300 }, (_, index) => {
    const id = index + 1
    return [said(id * 9000, id, `Answer ${id}.`), heard(id * 9000 + 3000, id, [2000, 2000])]
  })
  const turns = foldTranscript([...events.flat(), ended(3e6)])
  t.equal(turns.length, 300)
  t.ok(turns.every((turn) => turn.heard === 'whole' && turn.heardText === turn.text))
  t.end()
})

t.test('no event alone makes a turn unless it is said to, and none is lost or made twice', (t) => {
  const random = seeded(7)
  const pool = [
    said(1, 1, 'a'),
    said(2, 2, 'b'),
    said(3, 0, 'c'),
    said(4, 1, ' '),
    heard(5, 1, [10, 20]),
    heard(6, 2, [20, 20]),
    heard(7, 0, [0, 20]),
    corrected(8, 1, 'a', 'ab'),
    corrected(9, 3, ''),
    interrupted(10, 1, 5),
    caller(11, 4, 'x'),
    caller(12, 4, ''),
    at(13, 'prompt.started', { promptId: 'p' }),
    at(14, 'prompt.finished', { promptId: 'p', how: 'played', playedMs: 5 }),
    at(15, 'agent.silent', { silentMs: 5 }),
  ]
  for (const event of pool)
    t.equal(foldTranscript([event]).length > 0, makesTurn(event), event.type)
  for (let round = 0; round < 500; round += 1) {
    const events = pool.filter(() => random() < 0.5).sort(() => random() - 0.5)
    const turns = foldTranscript([...events, ended(99)])
    const agent = turns.filter(({ role }) => role === 'agent')
    const spoken = events.filter(({ type }) => type === 'agent.heard')
    const sum = agent.reduce((all, { heardMs }) => all + (heardMs ?? 0), 0)
    const told = spoken.reduce((all, { data }) => all + (data as { heardMs: number }).heardMs, 0)
    if (sum !== told) t.fail(`heard ${told}, in the transcript ${sum}: ${JSON.stringify(events)}`)
    if (turns.length > 0 !== events.some(makesTurn)) t.fail(JSON.stringify(events))
  }
  t.end()
})

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
