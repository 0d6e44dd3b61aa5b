// Say, Play and Pause: time that passes while the caller hears something.
import { setTimeout as sleep } from 'node:timers/promises'
import type { HeardPiece } from './records.ts'
import { resolveUrl, type Scene } from './scene.ts'
import type { PlayVerb, PromptVerb, SayVerb } from './twiml-verbs.ts'

/** Of a `loop="0"`, which is for ever. */
const MOST_LOOPS = 1000
const KEY_TONE_MS = 100
/** The format of WAV (RFC 2361): where the bytes in a second stand. */
const BYTE_RATE_AT = 28
const WAV_HEADER_BYTES = 44

/** Resolves when all of it was heard, or `until` aborts: a key interrupts. @throws when the scene ends */
export async function playPrompts(
  scene: Scene,
  prompts: readonly PromptVerb[],
  until?: AbortSignal,
): Promise<void> {
  for (const prompt of prompts) {
    if (until?.aborted === true) return
    await playPrompt(scene, prompt, until)
  }
}

async function playPrompt(scene: Scene, prompt: PromptVerb, until?: AbortSignal): Promise<void> {
  switch (prompt.verb) {
    case 'Say':
      return say(scene, prompt, until)
    case 'Play':
      return play(scene, prompt, until)
    case 'Pause':
      return pass(scene, prompt.seconds * 1000 * scene.platform.pace, until)
    default:
      return prompt satisfies never
  }
}

function say(
  scene: Scene,
  { text, language, voice, loop }: SayVerb,
  until?: AbortSignal,
): Promise<void> {
  const wholeMs = text.length * scene.platform.sayMsPerChar * (loop === 0 ? MOST_LOOPS : loop)
  return hear(scene, { kind: 'say', text, language, voice, wholeMs }, until)
}

async function play(scene: Scene, verb: PlayVerb, until?: AbortSignal): Promise<void> {
  const { call, platform } = scene
  const loops = verb.loop === 0 ? MOST_LOOPS : verb.loop
  const sound = { kind: 'play', language: null, voice: null } as const
  if (verb.digits !== null) {
    const wholeMs = verb.digits.length * KEY_TONE_MS * loops * platform.pace
    return hear(scene, { ...sound, text: verb.digits, wholeMs }, until)
  }
  const url = resolveUrl(scene, verb.url)
  if (url === null) {
    call.alert(11100, 'Invalid URL format: of Play')
    return
  }
  const answer = await call.send({ kind: 'media', url, method: 'GET', params: [] })
  scene.signal.throwIfAborted()
  if (answer.status !== 200) {
    call.alert(11200, `HTTP retrieval failure: ${answer.status} for what is to be played`)
    return
  }
  const wholeMs = wavMs(answer.body) * loops * platform.pace
  return hear(scene, { ...sound, text: url, wholeMs }, until)
}

async function hear(
  scene: Scene,
  what: Omit<HeardPiece, 'at' | 'heardMs'>,
  until?: AbortSignal,
): Promise<void> {
  const { call, platform } = scene
  const piece: HeardPiece = { ...what, at: platform.now(), heardMs: null }
  call.heard.push(piece)
  call.write({ type: 'heard', piece })
  try {
    await pass(scene, what.wholeMs, until)
  } finally {
    piece.heardMs = Math.min(what.wholeMs, platform.now() - piece.at)
  }
}

/** @throws when the scene ends */
async function pass({ signal }: Scene, time: number, until?: AbortSignal): Promise<void> {
  const either = until ? AbortSignal.any([signal, until]) : signal
  await sleep(time, undefined, { signal: either }).catch(() => signal.throwIfAborted())
}

const wavMs = (body: Buffer): number =>
  body.length >= WAV_HEADER_BYTES && body.toString('latin1', 0, 4) === 'RIFF'
    ? ((body.length - WAV_HEADER_BYTES) / Math.max(1, body.readUInt32LE(BYTE_RATE_AT))) * 1000
    : body.length / 16 // As if it were MP3 at 128 kbit/s.
