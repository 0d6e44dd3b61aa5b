// Plays a phone's script on a line. The signal ends it wherever it stands.
import { setTimeout as sleep } from 'node:timers/promises'
import type { InCall } from './in-call.ts'
import type { PhoneHabit, PhoneScript, PhoneStep } from './phone-script.ts'
import { soundBytes, type Sound } from './sound.ts'

/** What a script can do to a call. */
export interface PhoneLine {
  ring(): void
  startEarlyMedia(): void
  answer(): void
  reject(status: number, reason?: string, retryAfterSeconds?: number): void
  cancel(): void
  hangUp(): void
  vanish(): void
  /** Resolves when sound can pass: at once when called and answered, at the 200 OK when calling. */
  untilMedia(): Promise<void>
  play(bytes: Buffer): Promise<void>
  /** When a voice was last heard, in milliseconds since the epoch; null if never. */
  voiceAt(): number | null
  /** How much was received since then that is no voice. */
  heardQuietMs(): number
  now(): number
  /** What both kinds of phones can do once the call is up. */
  readonly inCall: InCall
}

const POLL_MS = 20
const MAX_HEAR_MS = 10_000
const NOTHING_COMES_MS = 2000

export async function playScript(
  line: PhoneLine,
  script: PhoneScript,
  signal: AbortSignal,
): Promise<void> {
  for (const step of script) {
    signal.throwIfAborted()
    await playStep(line, step, signal)
  }
}

type Pause = (ms: number) => Promise<void>

async function playStep(line: PhoneLine, step: PhoneStep, signal: AbortSignal): Promise<void> {
  const pause: Pause = (ms) => sleep(ms, undefined, { signal })
  if ('wait' in step) await pause(step.wait)
  else if ('ring' in step) {
    line.ring()
    await pause(step.ring)
  } else if ('earlyMedia' in step) {
    line.startEarlyMedia()
    await line.play(soundBytes(step.earlyMedia))
  } else if ('answer' in step) line.answer()
  else if ('reject' in step) line.reject(step.reject, step.reason, step.retryAfter)
  else if ('neverAnswer' in step) await untilAborted(signal)
  else if ('cancel' in step) line.cancel()
  else if ('vanish' in step) line.vanish()
  else if ('say' in step) await say(line, step.say)
  else if ('listen' in step) {
    await line.untilMedia()
    await pause(step.listen)
  } else if ('hearUntilQuiet' in step) {
    const { hearUntilQuiet: quietMs, maxMs = MAX_HEAR_MS } = step
    await hearUntilQuiet(line, { quietMs, maxMs }, pause)
  } else if ('untilHangUp' in step) {
    await line.untilMedia()
    await pause(step.untilHangUp)
    line.hangUp()
  } else if ('hangUp' in step) line.hangUp()
  else if (isInCall(step)) {
    await line.untilMedia()
    await playInCall(line.inCall, step)
  }
  // Habits were read before the call began.
  else step satisfies PhoneHabit
}

type InCallStep = Extract<
  PhoneStep,
  | { readonly press: string }
  | { readonly pressInfo: string }
  | { readonly hold: string }
  | { readonly resume: true }
  | { readonly changeCodecs: unknown }
>

const isInCall = (step: PhoneStep): step is InCallStep =>
  ['press', 'pressInfo', 'hold', 'resume', 'changeCodecs'].some((key) => key in step)

async function playInCall(inCall: InCall, step: InCallStep): Promise<void> {
  if ('press' in step) await inCall.press(step.press, step)
  else if ('pressInfo' in step) await inCall.pressInfo(step.pressInfo, step.as ?? 'dtmf-relay')
  else if ('hold' in step) await inCall.renegotiate({ direction: step.hold })
  else if ('resume' in step) await inCall.renegotiate({ direction: 'sendrecv' })
  else await inCall.renegotiate({ codecs: step.changeCodecs })
}

async function say(line: PhoneLine, sound: Sound): Promise<void> {
  await line.untilMedia()
  await line.play(soundBytes(sound))
}

async function hearUntilQuiet(
  line: PhoneLine,
  { quietMs, maxMs }: { readonly quietMs: number; readonly maxMs: number },
  pause: Pause,
): Promise<void> {
  await line.untilMedia()
  const startedAt = line.now()
  while (line.now() - startedAt < maxMs) {
    const voiceAt = line.voiceAt() ?? 0
    // A line that stands still is not quiet; one on which nothing comes any more is, after a while.
    const heardMs = line.heardQuietMs() >= quietMs ? 0 : NOTHING_COMES_MS
    if (voiceAt > startedAt && line.now() - voiceAt >= quietMs + heardMs) return
    await pause(POLL_MS)
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(new Error('the call ended'))
    signal.addEventListener('abort', onAbort, { once: true })
  })
