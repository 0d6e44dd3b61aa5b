// A playout queue under a clock of its own, and what it tells.
import { PlayoutQueue } from '../../../bridge/audio/playout-queue.ts'
import { QueuedPrompt, type PromptTold } from '../../../bridge/audio/queued-prompt.ts'
import type { HeardSpan, HeardUtterance } from '../../../bridge/audio/utterance.ts'
import type { TelephoneCodec } from '../../../core/contracts/index.ts'

export const SILENCE = 0xff

/** Reads `frames` frames; every byte of them. */
export function read(queue: PlayoutQueue, frames: number, nowMs = 0, isHeard = true): number[] {
  const heard: number[] = []
  for (let index = 0; index < frames; index += 1) {
    const target = new Uint8Array(172).fill(1)
    queue.readFrame(target, 12, nowMs, isHeard)
    if (target.subarray(0, 12).some((byte) => byte !== 1)) throw new Error('wrote into the header')
    heard.push(...target.subarray(12))
  }
  return heard
}

export const audio = (length: number, from = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (from + index) % 255)

/** A queue under its own clock: each frame is 20 ms, and starts what may start. */
export function stage(codec: TelephoneCodec = 'PCMU') {
  const queue = new PlayoutQueue(codec)
  const time = { ms: 1000 }
  const utterances: HeardUtterance[] = []
  const spans: (HeardSpan | null)[] = []
  const prompts: PromptTold[] = []
  const tell = () =>
    queue.tell({
      onUtterance: (heard, span) => {
        utterances.push(heard)
        spans.push(span)
      },
      onPrompt: (told) => prompts.push(told),
    })
  return {
    queue,
    utterances,
    spans,
    prompts,
    time,
    /** Lets this much time pass; returns what was played. */
    pass: (ms: number, isHeard = true): number[] => {
      const heard: number[] = []
      for (let left = ms; left > 0; left -= 20) {
        time.ms += 20
        if (queue.mayStart(time.ms)) queue.start()
        heard.push(...read(queue, 1, time.ms, isHeard))
      }
      tell()
      return heard
    },
    say: (eventId: number, ms: number, letters?: Parameters<PlayoutQueue['write']>[3]) => {
      queue.write(audio(ms * 8), eventId, time.ms, letters)
      tell()
    },
    prompt: (promptId: string, ms: number, stopsOnDigit = false) => {
      const ulaw = new Uint8Array(ms * 8).fill(promptId.charCodeAt(0) & 0x3f)
      queue.play(new QueuedPrompt(promptId, ulaw, stopsOnDigit), time.ms)
      tell()
    },
    interrupt: () => {
      const ms = queue.interrupt(time.ms)
      tell()
      return ms
    },
    stopPrompts: () => {
      queue.stopPrompts('stopped', time.ms)
      tell()
    },
    pressed: () => {
      queue.pressed(time.ms)
      tell()
    },
    close: () => {
      queue.close(time.ms)
      tell()
    },
  }
}
