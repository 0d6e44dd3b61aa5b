// Gather: keys until there are enough, one ends it, or none comes (twilio.com/docs/voice/twiml/gather).
import { setTimeout as sleep } from 'node:timers/promises'
import type { GatherAnswer } from './call-script.ts'
import type { GatherRecord } from './records.ts'
import { playPrompts } from './prompts.ts'
import { goTo, NEXT, resolveUrl, type Scene, type VerbEnd } from './scene.ts'
import type { FormParams } from './signature.ts'
import type { GatherVerb } from './twiml-verbs.ts'

type EndedBy = 'count' | 'finish-key' | 'timeout'

/** @throws when the scene ends */
export async function gather(scene: Scene, verb: GatherVerb): Promise<VerbEnd> {
  const record = recordOf(scene, verb)
  scene.call.gathers.push(record)
  scene.call.write({ type: 'gather.started', gather: record })
  const collecting = new Collecting(verb, record, verb.timeoutSeconds * 1000 * scene.platform.pace)
  const stopListening = verb.hearsKeys
    ? scene.call.listenForKeys((key) => collecting.key(key))
    : undefined
  try {
    record.endedBy = await collect(scene, verb, record, collecting)
  } catch (error) {
    record.endedBy = 'elsewhere'
    throw error
  } finally {
    stopListening?.()
    collecting.close()
    scene.call.write({ type: 'gather.ended', gather: record })
  }
  return afterwards(scene, verb, record)
}

async function collect(
  scene: Scene,
  verb: GatherVerb,
  record: GatherRecord,
  collecting: Collecting,
): Promise<EndedBy> {
  const said = Promise.withResolvers<undefined>()
  const over = new AbortController()
  const signal = AbortSignal.any([scene.signal, over.signal])
  scene.call.inBackground(obeyScript(scene, record, said.promise, signal))
  try {
    await playPrompts(scene, verb.prompts, collecting.firstKey)
    collecting.promptIsOver()
    scene.call.write({ type: 'gather.listening', gather: record })
    said.resolve(undefined)
    return await orAborted(collecting.ended, scene.signal)
  } finally {
    said.resolve(undefined)
    over.abort()
  }
}

/** Keys as they come. */
class Collecting {
  readonly #verb: GatherVerb
  readonly #record: GatherRecord
  readonly #timeoutMs: number
  readonly #ended = Promise.withResolvers<EndedBy>()
  readonly #firstKey = new AbortController()
  #promptIsOver = false
  #isOver = false
  #timer: NodeJS.Timeout | undefined

  constructor(verb: GatherVerb, record: GatherRecord, timeoutMs: number) {
    this.#verb = verb
    this.#record = record
    this.#timeoutMs = timeoutMs
  }

  get ended(): Promise<EndedBy> {
    return this.#ended.promise
  }

  get firstKey(): AbortSignal {
    return this.#firstKey.signal
  }

  key(key: string): void {
    if (this.#isOver) return
    if (!this.#promptIsOver) this.#record.interrupted = true
    this.#firstKey.abort()
    if (key === this.#verb.finishOnKey) {
      this.#record.finishedOnKey = key
      this.#end('finish-key')
      return
    }
    this.#record.digits += key
    if (this.#record.digits.length === this.#verb.numDigits) this.#end('count')
    else this.#rearm()
  }

  /** From here on silence counts. */
  promptIsOver(): void {
    this.#promptIsOver = true
    this.#rearm()
  }

  close(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #end(by: EndedBy): void {
    this.close()
    this.#ended.resolve(by)
  }

  #rearm(): void {
    clearTimeout(this.#timer)
    if (this.#isOver) return
    this.#timer = setTimeout(() => this.#end('timeout'), this.#timeoutMs)
  }
}

function recordOf({ call, documentUrl, platform }: Scene, verb: GatherVerb): GatherRecord {
  const says = verb.prompts.filter((prompt) => prompt.verb === 'Say')
  const action = verb.action ?? documentUrl ?? undefined
  return {
    at: platform.now(),
    index: call.gathers.length,
    say: says.map(({ text }) => text).join(' '),
    language: says[0]?.language ?? null,
    voice: says[0]?.voice ?? null,
    documentUrl,
    action: action === undefined ? null : resolveUrl({ documentUrl }, action),
    numDigits: verb.numDigits,
    finishOnKey: verb.finishOnKey,
    timeoutMs: verb.timeoutSeconds * 1000,
    actionOnEmptyResult: verb.actionOnEmptyResult,
    digits: '',
    finishedOnKey: null,
    endedBy: null,
    interrupted: false,
  }
}

/** An empty result goes on with the next verb, unless it is wanted all the same. */
function afterwards(scene: Scene, verb: GatherVerb, record: GatherRecord): VerbEnd {
  const isEmpty = record.digits === ''
  if (isEmpty && !verb.actionOnEmptyResult) return NEXT
  const isTold = !isEmpty || scene.platform.emptyDigits === 'empty'
  const params: FormParams = [
    ['msg', 'Gather End'],
    ['FinishedOnKey', record.finishedOnKey ?? ''],
    ...(isTold ? ([['Digits', record.digits]] as const) : []),
  ]
  return goTo(scene, verb.action ?? scene.documentUrl ?? '', verb.method, params)
}

async function obeyScript(
  { call }: Scene,
  record: GatherRecord,
  said: Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const { onGather, keys } = call.script
  const answer: GatherAnswer =
    onGather?.(record, call.gathers.slice(0, record.index)) ?? keys?.[record.index]
  if (answer === undefined) return
  const how = typeof answer === 'string' ? { press: answer } : answer
  if (!('during' in how) || !how.during) await said
  const isStillAsked = await sleep(how.afterMs ?? 0, true, { signal }).catch(() => false)
  if (!isStillAsked) return
  if ('hangUp' in how) call.hangUp()
  else await call.press(how.press, how.gapMs === undefined ? {} : { gapMs: how.gapMs })
}

/** @throws when the signal aborts first */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error('aborted'))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
