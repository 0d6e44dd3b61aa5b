// Callers of Twilio who press keys: each asks for the document at the voice address, then posts what it presses to where
// that says, signed as Twilio signs, until it is told to hang up. They think before each key, as people do, only faster.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FormParams } from '../../simulators/twilio/index.ts'
import { postSigned } from './signed-webhook.ts'

export interface KeypadLoad {
  /** `http://127.0.0.1:PORT/webhook/voice`. */
  readonly voiceUrl: string
  readonly authToken: string
  readonly calls: number
  /** Names the callers of this run, so that none is taken for an earlier one. */
  readonly run: number
}

export interface KeypadTimes {
  /** Of each webhook, in milliseconds, from the request to the whole answer. */
  readonly times: readonly number[]
  /** Calls that ended otherwise than by the menu's goodbye. */
  readonly failed: number
}

/** All calls begin within it. */
const BEGIN_WITHIN_MS = 1000
const THINK_MS = { least: 200, most: 1000 }
const MOST_WEBHOOKS = 12

/** What is pressed where: the consent, an order number, that it is right, no more help. */
const KEYS: Readonly<Record<string, string>> = { consent: '1', order_confirm: '1', help: '2' }

export async function callByKeypad(load: KeypadLoad): Promise<KeypadTimes> {
  const times: number[] = []
  const calls = Array.from({ length: load.calls }, async (_, at) => {
    await sleep((BEGIN_WITHIN_MS / load.calls) * at)
    return call(load, at, times)
  })
  const ended = await Promise.all(calls)
  return { times, failed: ended.filter((isOver) => !isOver).length }
}

async function call(load: KeypadLoad, at: number, times: number[]): Promise<boolean> {
  const digits = String(load.run * 1_000_000 + at).padStart(12, '0')
  const always: FormParams = [
    ['CallSid', `CA${digits.padStart(32, '0')}`],
    ['AccountSid', `AC${'0'.repeat(32)}`],
    ['From', `+49305${digits.slice(-8)}`],
    ['To', '+4930555200'],
    ['ApiVersion', '2010-04-01'],
    ['Direction', 'inbound'],
  ]
  let url = load.voiceUrl
  let params: FormParams = [...always, ['CallStatus', 'ringing']]
  for (let count = 0; count < MOST_WEBHOOKS; count += 1) {
    const document = await post(load, { url, params }, times)
    const action = /<Gather [^>]*action="([^"]+)"/.exec(document)?.[1]?.replaceAll('&amp;', '&')
    if (action === undefined) return document.includes('<Hangup')
    url = new URL(action, url).href
    const step = new URL(url).pathname.split('/').at(-1) ?? ''
    params = [...always, ['CallStatus', 'in-progress'], ['Digits', KEYS[step] ?? digits.slice(-8)]]
    await sleep(THINK_MS.least + Math.random() * (THINK_MS.most - THINK_MS.least))
  }
  return false
}

async function post(
  { authToken }: KeypadLoad,
  { url, params }: { readonly url: string; readonly params: FormParams },
  times: number[],
): Promise<string> {
  const startedAt = performance.now()
  const document = await postSigned({ authToken, url, params })
  times.push(performance.now() - startedAt)
  return document
}
