// Dial: somebody else is called, with the outcome that the script has, and the action is told (a stub: no sound passes).
import { setTimeout as sleep } from 'node:timers/promises'
import { isE164 } from './e164.ts'
import { LiveCall } from './live-call.ts'
import type { DialAsked } from './records.ts'
import { goTo, NEXT, resolveUrl, type Scene, type VerbEnd } from './scene.ts'
import type { FormParams } from './signature.ts'
import type { DialledNumber, DialVerb } from './twiml-verbs.ts'

const RING_MS = 20
const TALK_MS = 50

/** @throws when the scene ends */
export async function dial(scene: Scene, verb: DialVerb): Promise<VerbEnd> {
  const { call } = scene
  const numbers = verb.numbers.map(({ number }) => number)
  const asked: DialAsked = {
    numbers,
    callerId: verb.callerId,
    timeoutSeconds: verb.timeoutSeconds,
  }
  call.write({ type: 'dial', dial: asked, outcome: null })
  const [first] = verb.numbers
  const isDiallable = numbers.length > 0 && numbers.every((each) => isE164(each))
  if (!isDiallable) call.alert(13224, 'Dial: invalid phone number format')
  const status = first && isDiallable ? await dialOne(scene, verb, first, asked) : failedDial()
  call.write({ type: 'dial', dial: asked, outcome: status.outcome })
  if (verb.action === undefined) return NEXT
  return goTo(scene, verb.action, verb.method, [
    ['DialCallStatus', status.outcome],
    ['DialBridged', String(status.outcome === 'completed')],
    ...status.params,
  ])
}

const failedDial = (): { outcome: 'failed'; params: FormParams } => ({
  outcome: 'failed',
  params: [],
})

async function dialOne(
  scene: Scene,
  verb: DialVerb,
  noun: DialledNumber,
  asked: DialAsked,
): Promise<{ readonly outcome: string; readonly params: FormParams }> {
  const { call, platform, signal } = scene
  const { outcome, ringMs, talkMs } = call.script.onDial?.(asked) ?? { outcome: 'completed' }
  const child = childOf(scene, verb, noun)
  platform.addCall(child)
  try {
    child.become('initiated')
    child.become('ringing')
    const longest = verb.timeoutSeconds * 1000 * platform.pace
    const rings = outcome === 'no-answer' ? longest : Math.min(longest, ringMs ?? RING_MS)
    await sleep(rings, undefined, { signal })
    if (outcome === 'completed') {
      child.become('in-progress')
      await sleep(talkMs ?? TALK_MS, undefined, { signal })
    }
    child.end(outcome)
  } finally {
    child.end('canceled')
  }
  return {
    outcome,
    params: [
      ['DialCallSid', child.sid],
      ['DialCallDuration', String(child.durationSeconds)],
    ],
  }
}

function childOf(
  { call, platform, documentUrl }: Scene,
  { callerId }: DialVerb,
  { number, statusCallback, statusCallbackEvents }: DialledNumber,
): LiveCall {
  const url = statusCallback === undefined ? null : resolveUrl({ documentUrl }, statusCallback)
  return new LiveCall(platform, {
    direction: 'outbound-dial',
    from: callerId ?? call.from,
    to: number,
    script: { ...call.script, keys: [] },
    status: 'queued',
    parentSid: call.sid,
    ...(url === null
      ? {}
      : { statusCallback: { url, method: 'POST' as const, events: statusCallbackEvents } }),
  })
}
