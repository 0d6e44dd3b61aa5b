// Silences by the events of a call: tables of what happened, and whose each silence is.
import t from 'tap'
import { findSilences } from '../../../control-api/calls/silence/find-silences.ts'
import { viewSilences } from '../../../control-api/calls/silence/silences-view.ts'
import { CAUSE_OF } from '../../../control-api/calls/silence/silence.ts'
import type { CallEvent } from '../../../core/contracts/index.ts'
import {
  ZERO,
  agent,
  answered,
  at,
  attempted,
  BEGUN,
  bye,
  caller,
  closed,
  ended,
  firstAudio,
  invite,
  opened,
  packet,
  provisional,
} from '../../support/call-story.ts'

/** `from–to cause reason` of each. */
function silences(events: readonly CallEvent[]): string[] {
  const { items } = viewSilences(ZERO, findSilences(events))
  for (const { detail } of items) if (detail === '') throw new Error('a silence says nothing')
  return items.map((one) => `${one.from_ms}–${one.to_ms} ${one.cause} ${one.reason}`)
}

const CASES: readonly (readonly [string, readonly CallEvent[], readonly string[]])[] = [
  ['nothing has happened', [], []],
  ['ringing is no silence', [invite(0), provisional(900), ended(30_000, 'no-answer')], []],
  [
    'the carrier takes its time to ring',
    [invite(100), provisional(150, 100), provisional(3100), ended(9000, 'no-answer')],
    ['100–3100 carrier post-dial-delay'],
  ],
  [
    'it refuses after a while',
    [invite(0), at(2500, 'sip.failed', { sipStatus: 503 }), ended(2501, 'rejected')],
    ['0–2500 carrier post-dial-delay'],
  ],
  [
    'it never says anything',
    [invite(0), at(32_000, 'sip.failed', { sipStatus: 408, local: true }), ended(32_001)],
    ['0–32000 carrier no-response'],
  ],
  [
    'the menu asks and waits for a key; no agent is missing',
    [
      invite(0),
      answered(1000),
      packet(1010),
      at(1100, 'flow.asked', { step: 'consent', attempt: 1, language: 'de', promptVersion: '1' }),
      at(8000, 'flow.answered', { step: 'consent', attempt: 1, answer: 'no', digits: '2' }),
      bye(9000),
      ended(9001, 'flow-ended'),
    ],
    ['1000–9000 caller callers-turn'],
  ],
  [
    'one trunk and the next',
    [
      invite(0),
      at(4000, 'sip.failed', { sipStatus: 503, nextTrunk: 'b' }),
      invite(4001),
      provisional(4400),
      ended(9000),
    ],
    ['0–4000 carrier post-dial-delay'],
  ],
  [
    'inbound it is ours',
    [invite(0, 'inbound'), provisional(1500), ended(3000, 'canceled')],
    ['0–1500 gateway setup-delay'],
  ],
  ['a talk without silences', [...BEGUN, caller(4900), agent(5500, 8000), ended(8200)], []],
  [
    'the agent is asked for late, opens late, speaks late, and we send it late',
    [
      ...[invite(0), provisional(100), answered(1000), packet(1000)],
      ...[attempted(1500), opened(2600), firstAudio(4000), agent(4700, 6000), ended(6100)],
    ],
    [
      '1000–1500 gateway agent-not-asked',
      '1500–2600 agent agent-opening',
      '2600–4000 agent first-audio-slow',
      '4000–4700 gateway audio-left-late',
    ],
  ],
  [
    'a reason for less than a fifth of a second is its neighbour’s',
    [
      ...[invite(0), provisional(100), answered(1000), packet(1000)],
      ...[attempted(1100), opened(1250), firstAudio(3000), agent(3020, 6000), ended(6100)],
    ],
    ['1000–1250 agent agent-opening', '1250–3020 agent first-audio-slow'],
  ],
  [
    'the vendor refuses once',
    [
      ...[invite(0), provisional(100), answered(1000), packet(1000), attempted(1000)],
      at(2000, 'agent.attempt_failed', { attempt: 1, closeCode: 1011, detail: '', seconds: 1 }),
      ...[attempted(2500), opened(2800), firstAudio(3000), agent(3000, 5000), ended(5100)],
    ],
    ['1000–2800 agent agent-opening', '2800–3000 agent first-audio-slow'],
  ],
  [
    'no agent at all',
    [invite(0), provisional(100), answered(1000), ended(4000)],
    ['1000–4000 gateway no-agent'],
  ],
  [
    'a message of ours is heard',
    [
      ...[invite(0), provisional(100), answered(1000)],
      at(1500, 'prompt.started', { promptId: 'p' }),
      at(3500, 'prompt.finished', { promptId: 'p', how: 'played', playedMs: 2000 }),
      ended(4000),
    ],
    [],
  ],
  [
    'the agent waits to be spoken to',
    [
      ...[invite(0), provisional(100), answered(1000), packet(1000), attempted(1000), opened(1300)],
      ...[caller(5000, 'Hello?'), firstAudio(5800), agent(5900, 8000), ended(8100)],
    ],
    ['1000–1300 agent agent-opening', '1300–4600 agent no-greeting'],
  ],
  [
    'the far end is heard late',
    [
      ...[invite(0), provisional(100), answered(1000), attempted(1000), opened(1200)],
      ...[packet(3500), firstAudio(4000), agent(4000, 6000), ended(6100)],
    ],
    ['1000–3500 carrier no-audio-yet', '3500–4000 agent first-audio-slow'],
  ],
  [
    'the caller has to answer, then the agent',
    [...BEGUN, caller(9000, 'Yes.'), agent(12_000, 14_000), bye(14_500), ended(14_600)],
    ['4000–8600 caller callers-turn', '9000–12000 agent answer-slow'],
  ],
  [
    'the watch over the agent heard the caller, the vendor did not',
    [
      ...BEGUN,
      at(20_000, 'agent.silent', { silentMs: 10_000 }),
      closed(20_001, 'silent'),
      ended(20_500, 'agent-silent'),
    ],
    [
      '4000–10000 caller callers-turn',
      '10000–20001 agent agent-silent',
      '20001–20500 agent agent-gone',
    ],
  ],
  [
    'a tool of ours works, and the agent thinks about it',
    [
      ...BEGUN,
      at(4100, 'agent.tool_called', { toolName: 'find_order', toolCallId: 't' }),
      at(7000, 'agent.tool_answered', {
        ...{ toolName: 'find_order', toolCallId: 't', isError: false, elapsedMs: 2900 },
      }),
      agent(9000, 10_000),
      ended(10_100),
    ],
    ['4000–7000 gateway tool-running', '7000–9000 agent answer-slow'],
  ],
  [
    'a tool that never answers is no excuse once the agent has spoken',
    [
      ...BEGUN,
      at(4100, 'agent.tool_called', { toolName: 'find_order', toolCallId: 't' }),
      agent(6000, 7000),
      ended(9000),
    ],
    ['4000–6000 gateway tool-running', '7000–9000 caller callers-turn'],
  ],
  [
    'audio of the far end stops, and is back',
    [
      ...BEGUN,
      at(12_000, 'media.stalled', { silentMs: 5000 }),
      ...[caller(16_000, 'Yes.'), agent(16_400, 17_000), ended(17_100)],
    ],
    ['4000–7000 caller callers-turn', '7000–15600 carrier audio-stalled'],
  ],
  [
    'it stays away',
    [
      ...BEGUN,
      at(10_000, 'media.stalled', { silentMs: 5000 }),
      at(35_000, 'media.stalled', { silentMs: 30_000 }),
      ended(35_100, 'media-lost'),
    ],
    ['4000–5000 caller callers-turn', '5000–35100 carrier audio-stalled'],
  ],
  [
    'a stall that was not told again was over at thirty seconds',
    [...BEGUN, at(10_000, 'media.stalled', { silentMs: 5000 }), ended(60_000)],
    [
      '4000–5000 caller callers-turn',
      '5000–35000 carrier audio-stalled',
      '35000–60000 caller callers-turn',
    ],
  ],
  [
    'the vendor reports a fault',
    [
      ...BEGUN,
      caller(5000),
      at(6000, 'agent.error', { errorType: 'internal', detail: '' }),
      agent(9000, 10_000),
      ended(10_100),
    ],
    ['5000–6000 agent answer-slow', '6000–9000 agent agent-error'],
  ],
  [
    'the agent is gone',
    [...BEGUN, caller(5000), closed(5150, 'dropped'), ended(8000, 'agent-dropped')],
    ['5000–8000 agent agent-gone'],
  ],
  [
    'the agent has said goodbye',
    [...BEGUN, closed(4100, 'agent-ended'), bye(6000), ended(6100, 'agent-ended')],
    ['4000–6000 gateway hanging-up'],
  ],
  [
    'the media worker dies',
    [...BEGUN, closed(4500, 'worker-lost'), ended(9000, 'media-lost')],
    ['4000–4500 caller callers-turn', '4500–9000 gateway media-lost'],
  ],
  [
    'the media server is lost and replaced; the SIP server is lost',
    [
      ...BEGUN,
      at(4500, 'media.server_lost', {}),
      at(6000, 'media.path', { through: 'direct' }),
      at(7500, 'sip.server_lost', {}),
      ended(9000),
    ],
    [
      '4000–4500 caller callers-turn',
      '4500–6000 gateway media-server-lost',
      '6000–7500 caller callers-turn',
      '7500–9000 gateway sip-server-lost',
    ],
  ],
  [
    'a human is called, and picks up: of what is said then nobody tells',
    [
      ...BEGUN,
      at(4500, 'transfer.requested', { to: 'x', by: 'agent', mode: 'bridge' }),
      at(9000, 'transfer.answered', { dialog: null }),
      ended(60_000),
    ],
    ['4000–4500 caller callers-turn', '4500–9000 gateway transferring'],
  ],
  [
    'while it goes on only what is past is told of',
    [...BEGUN, caller(9000, 'Yes.'), at(9500, 'agent.response', { text: 'So', eventId: 2 })],
    ['4000–8600 caller callers-turn'],
  ],
  ['of a crash nobody knows the moment', [...BEGUN, ended(600_000, 'gateway-crashed')], []],
  [
    'a record that is full tells no more',
    [...BEGUN, at(4200, 'call.record_limited', { maxEvents: 1 }), ended(600_000)],
    [],
  ],
]

for (const [what, events, wanted] of CASES)
  t.test(what, async (t) => {
    t.same(silences(events), wanted)
    t.same(silences(events.toReversed()), wanted, 'in whatever order they were recorded')
  })

t.test('every gap of a second is told of once, whole, whatever happened', async (t) => {
  let seed = 8
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed % below
  }
  const kinds = [
    (ms: number) => agent(ms, ms + random(4000)),
    (ms: number) => caller(ms, 'x'.repeat(random(60))),
    (ms: number) => at(ms, 'media.stalled', { silentMs: 5000 + random(30_000) }),
    (ms: number) => at(ms, 'agent.silent', { silentMs: 10_000 }),
    (ms: number) => at(ms, 'agent.error', { errorType: 'x', detail: '' }),
    (ms: number) => at(ms, 'agent.tool_called', { toolName: 'x', toolCallId: String(ms) }),
    (ms: number) => closed(ms, 'dropped'),
    (ms: number) => attempted(ms),
    (ms: number) => opened(ms),
    (ms: number) => firstAudio(ms),
    (ms: number) => at(ms, 'agent.interrupted', { eventId: 1, discardedMs: 1 }),
    (ms: number) => at(ms, 'media.server_lost', {}),
  ]
  for (let round = 0; round < 300; round += 1) {
    const some = Array.from({ length: random(30) }, () =>
      kinds[random(kinds.length)]?.(2000 + random(90_000)),
    )
    const events = [
      invite(0),
      answered(1000),
      ...some.filter((one) => one !== undefined),
      ended(100_000),
    ]
    const { silences: found, speech } = findSilences(events)
    const covered = [...found, ...speech].sort((one, other) => one.from - other.from)
    let reached = ZERO + 1000
    for (const { from, to } of covered) {
      if (from - reached >= 1000) t.fail('a gap nobody is told of', { round, from, reached })
      reached = Math.max(reached, to)
    }
    if (ZERO + 100_000 - reached >= 1000) t.fail('the end', { round })
    let last = 0
    for (const { from, to, reason } of found) {
      if (from < last || to <= from || !(reason in CAUSE_OF)) t.fail('overlaps', { round, from })
      if (speech.some((one) => one.from < to && one.to > from)) t.fail('speech', { round, from })
      last = to
    }
  }
  t.pass('300 calls')
})
