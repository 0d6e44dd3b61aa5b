// Real calls through the simulated carrier: one of each kind that a page has to show, side by side and short.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Carrier, PhoneScript } from '../../../simulators/carrier/index.ts'
import type { AgentScript } from '../../../simulators/elevenlabs/index.ts'
import { loadSpeech } from '../../../simulators/speech/index.ts'
import { eventually } from '../process.ts'
import type { ProductView } from '../product-view.ts'

export interface StagedCalls {
  /** Both sides talk; recorded, with a transcript. */
  readonly answered: string
  readonly busy: string
  /** It rings until our time is up. */
  readonly noAnswer: string
  readonly inbound: string
  /** The carrier speaks (183 with sound), then 480. */
  readonly operator: string
  /** The caller talks over the agent and presses keys. */
  readonly keys: string
}

export interface Stage {
  readonly carrier: Carrier
  readonly view: ProductView
  /** `sip:…@host:port` of the product, for our own number. */
  readonly sipUri: string
}

const BYTES_PER_MS = 8
/** The greeting's first sentence. */
const SHORT_GREETING_MS = 2900
export const DEFAULT_AGENT = 'agent_rehearsal'
export const SHORTEST_AGENT_ID = 'agent_front_desk'

/** Greets shortly: these calls are waited for. */
export const SHORT_AGENT: AgentScript = {
  firstMessage: {
    sound: { ulaw: loadSpeech('agent-greeting').subarray(0, SHORT_GREETING_MS * BYTES_PER_MS) },
    text: 'Hello, this is the voicegate rehearsal agent.',
  },
  turnEndSilenceMs: 450,
}
/** And answers shortly, so that it is heard to its end. */
export const SHORTEST_AGENT: AgentScript = {
  ...SHORT_AGENT,
  replies: [{ sound: { speech: 'agent-goodbye' } }],
}
const PICKS_UP: PhoneScript = [{ wait: 100 }, { ring: 300 }, { answer: true }]

const NUMBERS = {
  answered: '+493023125921',
  busy: '+493023125922',
  noAnswer: '+493023125923',
  operator: '+493023125924',
  keys: '+493023125925',
  live: '+493023125926',
} as const

const ROUND: PhoneScript = [
  { say: { speech: 'caller-question' } },
  { hearUntilQuiet: 900 },
  { say: { speech: 'caller-hello' } },
  { hearUntilQuiet: 900 },
]

const SCRIPTS: Readonly<Record<keyof typeof NUMBERS, PhoneScript>> = {
  answered: [
    ...PICKS_UP,
    { hearUntilQuiet: 400 },
    { say: { speech: 'caller-question' } },
    { hearUntilQuiet: 500, maxMs: 5000 },
    { hangUp: true },
  ],
  busy: [{ wait: 100 }, { reject: 486 }],
  noAnswer: [{ wait: 100 }, { ring: 0 }, { neverAnswer: true }],
  operator: [
    { wait: 100 },
    { earlyMedia: { speech: 'operator-unavailable', ms: 1500 } },
    { reject: 480 },
  ],
  keys: [
    ...PICKS_UP,
    { listen: 900 },
    { say: { speech: 'caller-hello' } },
    { listen: 300 },
    { press: '42#' },
    { listen: 1200 },
    { hangUp: true },
  ],
  live: [
    ...PICKS_UP,
    { hearUntilQuiet: 500 },
    ...Array.from({ length: 12 }, () => ROUND).flat(),
    { untilHangUp: 120_000 },
  ],
}

const INBOUND: PhoneScript = [
  { listen: 1000 },
  { say: { speech: 'caller-hello' } },
  { listen: 2500 },
  { hangUp: true },
]
const RING_SECONDS = 5
const ENDED_MS = 20_000

/** Until all of them are over, and what was said and heard is kept. */
export async function stageCalls({ carrier, view, sipUri }: Stage): Promise<StagedCalls> {
  for (const [name, script] of Object.entries(SCRIPTS))
    carrier.script(NUMBERS[name as keyof typeof NUMBERS], script)
  const place = (name: keyof typeof NUMBERS, more: object = {}): Promise<string> =>
    view.place(NUMBERS[name], { metadata: { staged: name }, ...more })
  const callIn = async (): Promise<string> => {
    const before = new Set((await inboundCalls(view)).map(({ call_id: id }) => id))
    await carrier.call({ to: sipUri, from: '+493023125931', script: INBOUND })
    return eventually('the inbound call', ENDED_MS, async () => {
      return (await inboundCalls(view)).find(({ call_id: id }) => !before.has(id))?.call_id
    })
  }
  const [answered, busy, noAnswer, operator, keys, inbound] = await Promise.all([
    place('answered', { agent_id: SHORTEST_AGENT_ID }),
    place('busy'),
    place('noAnswer', { ring_timeout_seconds: RING_SECONDS }),
    place('operator'),
    place('keys'),
    callIn(),
  ])
  const calls = { answered, busy, noAnswer, inbound, operator, keys }
  await Promise.all(Object.values(calls).map((id) => view.ended(id, ENDED_MS)))
  await Promise.all([answered, inbound, keys].map((id) => untilKept(view, id)))
  return calls
}

/** Talks for a minute or two, unless somebody hangs up. */
export async function placeLiveCall({ carrier, view }: Stage): Promise<string> {
  carrier.script(NUMBERS.live, SCRIPTS.live)
  const id = await view.place(NUMBERS.live, { metadata: { staged: 'live' } })
  await eventually('the answer', ENDED_MS, async () => (await view.call(id)).status === 'answered')
  // The page may ask at once: what was said first is there then.
  await sleep(100)
  return id
}

async function inboundCalls(view: ProductView): Promise<readonly { readonly call_id: string }[]> {
  const answer = await view.request('/api/calls?direction=inbound&limit=5')
  return ((await answer.json()) as { items: { call_id: string }[] }).items
}

const untilKept = (view: ProductView, callId: string): Promise<true> =>
  eventually('the recording', ENDED_MS, async () => {
    const call = (await (await view.request(`/api/calls/${callId}`)).json()) as {
      has_recording: boolean
      has_transcript: boolean
    }
    return call.has_recording && call.has_transcript
  })
