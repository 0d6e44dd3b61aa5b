// A call placed by REST: its turn in the queue, ringing, its outcome, what picked up, and then its TwiML.
import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveCall } from './live-call.ts'
import type { Platform } from './platform.ts'
import type { DocumentSource } from './scene.ts'
import type { FormParams } from './signature.ts'
import { runCall } from './twiml-player.ts'
import type { HttpMethod } from './twiml-verbs.ts'

export interface MachineDetection {
  readonly detectsMessageEnd: boolean
  /** Undefined: the TwiML waits for the verdict. */
  readonly callback: { readonly url: string; readonly method: HttpMethod } | undefined
}

export interface OutboundCall {
  readonly source: DocumentSource
  readonly ringSeconds: number
  readonly limitSeconds: number
  readonly machineDetection: MachineDetection | undefined
}

const RING_MS = 20
const VERDICT_MS = 50
const SETUP_MS = 5
const SIP_CODES = { busy: '486', 'no-answer': '487', failed: '404' } as const

/** Never rejects: a call that ends meanwhile just ends. */
export async function placeCall(
  platform: Platform,
  call: LiveCall,
  plan: OutboundCall,
  waitMs: number,
): Promise<void> {
  const { signal, script } = call
  try {
    call.queueMs = waitMs
    await sleep(waitMs, undefined, { signal })
    call.become('initiated')
    await sleep(SETUP_MS, undefined, { signal })
    const { outcome = 'answers' } = script
    if (outcome === 'failed') {
      call.end('failed', sipCode('failed'))
      return
    }
    call.become('ringing')
    const longest = plan.ringSeconds * 1000 * platform.pace
    const asked = outcome === 'no-answer' ? longest : (script.ringMs ?? RING_MS)
    // People let it ring for seconds, and Twilio has told of it by then; here that is a few milliseconds.
    await call.told()
    await sleep(Math.min(asked, longest), undefined, { signal })
    if (outcome === 'busy') {
      call.end('busy', sipCode('busy'))
      return
    }
    if (outcome === 'no-answer' || asked > longest) {
      call.end('no-answer', sipCode('no-answer'))
      return
    }
    call.become('in-progress')
    call.inBackground(endAtLimit(call, plan.limitSeconds))
    await runCall(platform, call, await detected(platform, call, plan))
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const sipCode = (outcome: keyof typeof SIP_CODES): FormParams => [
  ['SipResponseCode', SIP_CODES[outcome]],
]

async function endAtLimit(call: LiveCall, seconds: number): Promise<void> {
  const isReached = await sleep(seconds * 1000, true, { signal: call.signal }).catch(() => false)
  if (isReached) call.end('completed')
}

/** Where to go on, with the verdict when the TwiML waits for it. */
async function detected(
  platform: Platform,
  call: LiveCall,
  { source, machineDetection }: OutboundCall,
): Promise<DocumentSource> {
  if (machineDetection === undefined) return source
  const { callback, detectsMessageEnd } = machineDetection
  const { answeredBy = 'human', verdictMs = VERDICT_MS } = call.script
  if (answeredBy === null) return source
  const word =
    answeredBy !== 'machine' ? answeredBy : detectsMessageEnd ? 'machine_end_beep' : 'machine_start'
  const params: FormParams = [
    ['AnsweredBy', word],
    ['MachineDetectionDuration', String(verdictMs)],
  ]
  if (callback !== undefined) {
    call.inBackground(tellVerdict(platform, call, callback, { word, verdictMs, params }))
    return source
  }
  await sleep(verdictMs, undefined, { signal: call.signal })
  call.answeredBy = word
  return source.kind === 'url' ? { ...source, params } : source
}

async function tellVerdict(
  platform: Platform,
  call: LiveCall,
  callback: { readonly url: string; readonly method: HttpMethod },
  verdict: { readonly word: string; readonly verdictMs: number; readonly params: FormParams },
): Promise<void> {
  const { signal } = call
  const isStillUp = await sleep(verdict.verdictMs, true, { signal }).catch(() => false)
  if (!isStillUp) return
  call.answeredBy = verdict.word
  const params: FormParams = [
    ['AccountSid', platform.accountSid],
    ['CallSid', call.sid],
    ...verdict.params,
  ]
  await call.send({ ...callback, kind: 'amd', params })
}
