// Starts the embedded SIP server in its worker thread and stands for it in the starting thread.
import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { EmbeddedSipStats } from './counters.ts'
import { KnownAddresses } from './gate/known-addresses.ts'
import type { LostInviteFacts, LostInviteOutcome } from './drachtio/lost-invite.ts'
import {
  completeConfig,
  type EmbeddedSipOptions,
  type GateOptions,
  type ListenAddress,
} from './server-options.ts'
import type { FromThread, Question, ToThread } from './thread-messages.ts'
import type { CallTrace } from './trace/message-trace.ts'

export interface EmbeddedSip {
  /** For drachtio-srf's `connect`. The secret is new each time. */
  readonly admin: {
    readonly host: string
    readonly port: number
    readonly secret: string
    /** What it says about certificates in a header of its own comes from nobody else. */
    readonly trustsTlsNames: true
  }
  /** Really bound: a port 0 has become a port. */
  readonly addresses: readonly ListenAddress[]
  stats(): Promise<EmbeddedSipStats>
  /** The messages of a SIP Call-ID that are still kept, credentials masked; phone numbers are in them. */
  trace(callId: string): Promise<CallTrace>
  /**
   * Calls off an INVITE that an earlier run sent from the same address, or was about to: CANCEL to wherever it may have
   * gone. Whoever answers it nevertheless, in the next minutes, is acknowledged and hung up.
   */
  callOff(invite: LostInviteFacts): Promise<LostInviteOutcome>
  /**
   * Other known addresses, or another rule for strangers, from now on; calls are not touched.
   * @throws Error with the code EINVAL when an address is none; then nothing has changed
   */
  guard(gate: GateOptions): void
  /** Ends the server and its thread; rejects when it had to be forced. Calls are not hung up: the application does that before. */
  close(): Promise<void>
  /** Called once when the thread ends without having been closed, with the reason. */
  onExit(listener: (reason: string) => void): void
  /** Called with a stack when a message or a timer ran into a defect of the server; that one is lost, nothing else. */
  onFault(listener: (text: string) => void): void
}

const ADMIN_HOST = '127.0.0.1'
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '::0', '0:0:0:0:0:0:0:0'])
/** Closing sockets takes milliseconds; a thread that needs longer is stuck. */
const CLOSE_MS = 3_000
const ANSWER_MS = 2_000
/** 64·T1 at the usual T1 for the answer to a CANCEL, and a look-up before it. */
const CALL_OFF_MS = 40_000
/** A loaded machine may need seconds to start a thread. */
const START_MS = 15_000

/** Rejects with the system's `code` (EADDRINUSE, EACCES, EADDRNOTAVAIL) when an address cannot be bound. */
export async function startEmbeddedSip(options: EmbeddedSipOptions): Promise<EmbeddedSip> {
  checkAddresses(options)
  const secret = randomBytes(24).toString('hex')
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    name: 'embedded-sip',
    workerData: completeConfig(options, secret),
  })
  const started = await firstMessage(worker)
  if (started.kind !== 'listening') {
    await worker.terminate()
    const failed =
      started.kind === 'failed' ? started : { message: 'Unexpected first message', code: undefined }
    throw Object.assign(new Error(failed.message), { code: failed.code })
  }
  return new WorkerHandle(worker, {
    admin: { host: ADMIN_HOST, port: started.adminPort, secret, trustsTlsNames: true },
    addresses: started.addresses,
  })
}

function checkAddresses({ listen, advertise, gate }: EmbeddedSipOptions): void {
  checkGate(gate)
  const invalid = (message: string): Error => Object.assign(new Error(message), { code: 'EINVAL' })
  if (listen.length === 0) throw invalid('The embedded SIP server needs an address to listen on.')
  for (const { host } of listen) {
    if (isIP(host) === 0)
      throw invalid('The embedded SIP server listens on IP addresses, not on names.')
    if (WILDCARDS.has(host) && advertise === undefined) {
      throw invalid(
        'A wildcard address does not say what to put into Contact: listen on one address, or set the address to advertise.',
      )
    }
  }
}

/** Here too: the thread could not say what is wrong with it. */
const checkGate = (gate: GateOptions | undefined): unknown => gate && new KnownAddresses(gate.known)

function firstMessage(worker: Worker): Promise<FromThread> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('The embedded SIP server did not start in time.'))
      void worker.terminate()
    }, START_MS)
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      finish()
    }
    worker.once('message', (message: FromThread) => settle(() => resolve(message)))
    worker.once('error', (error: Error) => settle(() => reject(error)))
  })
}

class WorkerHandle implements EmbeddedSip {
  readonly admin: EmbeddedSip['admin']
  readonly addresses: readonly ListenAddress[]
  readonly #worker: Worker
  /** Each is told `undefined` when there will be no answer. */
  readonly #waiting = new Map<number, (answer: FromThread | undefined) => void>()
  readonly #exitListeners: ((reason: string) => void)[] = []
  readonly #faultListeners: ((text: string) => void)[] = []
  readonly #exited: Promise<void>
  #asked = 0
  #exitReason: string | undefined
  #closing: Promise<void> | undefined

  constructor(worker: Worker, facts: Pick<EmbeddedSip, 'admin' | 'addresses'>) {
    this.#worker = worker
    this.admin = facts.admin
    this.addresses = facts.addresses
    worker.on('message', (message: FromThread) => {
      if ('id' in message) this.#waiting.get(message.id)?.(message)
      if (message.kind === 'fault')
        for (const listener of this.#faultListeners) listener(message.text)
    })
    let reason = 'the thread ended'
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#onExited(reason)
        resolve()
      })
    })
  }

  async stats(): Promise<EmbeddedSipStats> {
    const answer = await this.#ask((id) => ({ kind: 'stats', id }))
    if (answer.kind !== 'stats')
      throw new Error('The embedded SIP server answered beside the question.')
    return answer.stats
  }

  async trace(callId: string): Promise<CallTrace> {
    const answer = await this.#ask((id) => ({ kind: 'trace', id, callId }))
    if (answer.kind !== 'trace')
      throw new Error('The embedded SIP server answered beside the question.')
    return answer.trace
  }

  readonly callOff = async (invite: LostInviteFacts): Promise<LostInviteOutcome> => {
    const answer = await this.#ask((id) => ({ kind: 'call-off', id, invite }), CALL_OFF_MS)
    if (answer.kind !== 'called-off')
      throw new Error('The embedded SIP server answered beside the question.')
    return answer.outcome
  }

  guard(gate: GateOptions): void {
    checkGate(gate)
    this.#post({ kind: 'guard', gate })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  onExit(listener: (reason: string) => void): void {
    if (this.#exitReason !== undefined) listener(this.#exitReason)
    else this.#exitListeners.push(listener)
  }

  onFault(listener: (text: string) => void): void {
    this.#faultListeners.push(listener)
  }

  async #close(): Promise<void> {
    const closing = { isForced: false }
    const stuck = setTimeout(() => {
      closing.isForced = true
      void this.#worker.terminate()
    }, CLOSE_MS)
    this.#post({ kind: 'close' })
    await this.#exited
    clearTimeout(stuck)
    if (closing.isForced) throw new Error('The embedded SIP server hung when it was closed.')
  }

  #ask(question: (id: number) => Question, withinMs = ANSWER_MS): Promise<FromThread> {
    if (this.#closing !== undefined || this.#exitReason !== undefined) {
      return Promise.reject(new Error('The embedded SIP server is closed.'))
    }
    const id = (this.#asked += 1)
    return new Promise((resolve, reject) => {
      const tell = (answer: FromThread | undefined): void => {
        clearTimeout(timer)
        this.#waiting.delete(id)
        if (answer === undefined) reject(new Error('The embedded SIP server did not answer.'))
        else resolve(answer)
      }
      const timer = setTimeout(() => tell(undefined), withinMs)
      this.#waiting.set(id, tell)
      this.#post(question(id))
    })
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  #onExited(reason: string): void {
    for (const tell of [...this.#waiting.values()]) tell(undefined)
    if (this.#closing !== undefined) return
    this.#exitReason = reason
    for (const listener of this.#exitListeners) listener(reason)
  }
}
