// What a person says and does while a stream is connected.
import { setTimeout as sleep } from 'node:timers/promises'
import { FRAME_MS } from '#core/contracts'
import { levelDbm0, loadSpeech } from '#simulators/speech'
import type { TalkStep } from './call-script.ts'
import type { LiveCall } from './live-call.ts'
import type { MediaStream } from './media-stream.ts'

const VOICE_DBM0 = -40
const MOST_MS = 10_000
const CONNECT_MS = 10_000

/** Ends when all is said, or the signal aborts. */
export async function talk(
  call: LiveCall,
  stream: MediaStream,
  steps: readonly TalkStep[],
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + CONNECT_MS
  while (stream.startedAt === null && !signal.aborted && performance.now() < until)
    await pass(FRAME_MS, signal)
  for (const step of steps) {
    if (signal.aborted || !stream.isOpen) return
    if ('say' in step)
      await stream.say(typeof step.say === 'string' ? loadSpeech(step.say) : step.say)
    else if ('wait' in step) await pass(step.wait, signal)
    else if ('press' in step) await call.press(step.press)
    else if ('hangUp' in step) call.hangUp()
    else await hearUntilQuiet(stream, step.hearUntilQuiet, step.maxMs ?? MOST_MS, signal)
  }
}

async function hearUntilQuiet(
  stream: MediaStream,
  quietMs: number,
  maxMs: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + maxMs
  let looked = stream.heardFrames.length
  let wasHeard = false
  let quiet = 0
  while (performance.now() < until && !signal.aborted && stream.isOpen) {
    await pass(FRAME_MS, signal)
    for (const frame of stream.heardFrames.slice(looked)) {
      const isVoice = levelDbm0(frame) > VOICE_DBM0
      wasHeard ||= isVoice
      quiet = isVoice ? 0 : quiet + FRAME_MS
    }
    looked = stream.heardFrames.length
    if (wasHeard && quiet >= quietMs) return
  }
}

const pass = (time: number, signal: AbortSignal): Promise<void> =>
  sleep(time, undefined, { signal }).catch(() => undefined) // The signal is looked at.
