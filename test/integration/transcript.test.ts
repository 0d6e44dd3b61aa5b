// The transcript says what a caller's own recording says: how long each answer was heard, from when on, and up to which
// word.
import t from 'tap'
import type { CarrierCallRecord } from '../../simulators/carrier/index.ts'
import type { AgentScript } from '../../simulators/elevenlabs/index.ts'
import { decodeUlaw } from '../../bridge/audio/g711.ts'
import { startProduct } from '../support/start-product.ts'

const GREETING = { text: 'one two three four five six seven eight nine ten', hz: 1000, ms: 5000 }
const REPLY = { text: 'eleven twelve thirteen fourteen fifteen sixteen', hz: 600, ms: 4000 }

const line = ({ text, hz, ms }: typeof GREETING) => ({
  text,
  sound: { toneHz: hz, lengthMs: ms, levelDbm0: -10 },
})
/** Interrupted by the caller, and then by the end of the call; letters are spoken one as long as the other. */
const AGENT: AgentScript = {
  firstMessage: line(GREETING),
  replies: [line(REPLY)],
  alignment: true,
}

interface Turn {
  readonly role: string
  readonly at: string
  readonly ended_at: string | null
  readonly text: string | null
  readonly interrupted: boolean
  readonly heard: string | null
  readonly heard_text: string | null
  readonly heard_ms: number | null
  readonly spoken_ms: number | null
}
interface Transcript {
  readonly status: string
  readonly items: readonly Turn[]
}

interface RecordedSound {
  /** By the wall clock. */
  readonly fromMs: number
  readonly toMs: number
  /** Without the holes that a stalled machine makes. */
  readonly soundMs: number
}

/** A millisecond: some of a tone is loud in each. */
const PIECE = 8

/** The stretches of sound in what the phone recorded. */
function soundsIn({ rtpIn }: CarrierCallRecord): readonly RecordedSound[] {
  const samples = decodeUlaw(rtpIn.audio)
  const sounds: { from: number; to: number; pieces: number }[] = []
  for (let at = 0; at < samples.length; at += PIECE) {
    if (!samples.subarray(at, at + PIECE).some((sample) => Math.abs(sample) > 327)) continue
    const last = sounds.at(-1)
    // A second of quiet ends a sound.
    if (!last || at - last.to > 8000) sounds.push({ from: at, to: at + PIECE, pieces: 1 })
    else Object.assign(last, { to: at + PIECE, pieces: last.pieces + 1 })
  }
  const wallMs = (at: number) => (rtpIn.firstAt ?? 0) + at / 8
  return sounds.map(({ from, to, pieces }) => ({
    fromMs: wallMs(from),
    toMs: wallMs(to),
    soundMs: pieces,
  }))
}

t.test('what was heard is what the phone recorded', async (t) => {
  const product = await startProduct(t, { agent: AGENT })
  const { view, carrier } = product
  carrier.script('*', [
    { answer: true },
    { listen: 1500 },
    { say: { tone: 440, ms: 1200 } },
    { listen: 2200 },
    { hangUp: true },
  ])
  const callId = await view.place('+4930123456')
  const transcript = async () => {
    const response = await view.request(`/api/calls/${callId}/transcript`)
    return { status: response.status, body: (await response.json()) as Transcript }
  }
  const early = await transcript()
  t.match(early, { status: 404, body: { code: 'TRANSCRIPT_NOT_FOUND' } })
  const ended = await view.ended(callId)
  t.match(ended, { outcome: 'answered', has_transcript: true })
  const { body } = await transcript()
  t.equal(body.status, 'final')
  const [greeting, hello, reply] = body.items
  t.equal(body.items.length, 3, JSON.stringify(body.items, null, 1))
  t.match(hello, { role: 'caller', text: /seconds of speech/, heard: null })

  const [call] = carrier.calls
  const [first, second] = call ? soundsIn(call) : []
  for (const [turn, sound, said] of [
    [greeting, first, GREETING],
    [reply, second, REPLY],
  ] as const) {
    if (!turn || !sound) throw new Error('something was not said or not heard')
    t.match(turn, { role: 'agent', text: said.text, heard: 'part', interrupted: true })
    const heardMs = turn.heard_ms ?? 0
    t.ok(Math.abs(heardMs - sound.soundMs) <= 40, `${heardMs} ms, recorded ${sound.soundMs} ms`)
    const late = sound.fromMs - Date.parse(turn.at)
    t.ok(late >= -25 && late <= 300, `recorded ${late.toFixed(0)} ms after it left`)
    const over = sound.toMs - Date.parse(turn.ended_at ?? '')
    t.ok(Math.abs(over) <= 300, `over ${over.toFixed(0)} ms after the last of it left`)
    const letters = (sound.soundMs / said.ms) * said.text.length
    const text = turn.heard_text ?? ''
    t.ok(said.text.startsWith(text), text)
    t.ok(Math.abs(text.length - letters) <= 3, `${text.length} letters, recorded ${letters}`)
  }
  await product.idle()

  const search = async (text: string) => {
    const body = JSON.stringify({ text })
    const found = await view.request('/api/calls/search', { method: 'POST', body })
    return ((await found.json()) as { items: unknown[] }).items.length
  }
  t.equal(await search('ONE'), 1)
  t.equal(await search('ten'), 0, 'a word that nobody heard')
})
