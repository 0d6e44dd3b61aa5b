// A conversation beside a simulated vendor, with everything it tells written down.
import type { Test } from 'tap'
import { ms } from '#core/contracts'
import { waitUntil } from '#core/lifecycle'
import { createLogger } from '#core/telemetry'
import { createClock } from '#core/time'
import {
  createConversation,
  type Conversation,
  type ConversationListener,
  type ConversationOptions,
} from '../../../bridge/elevenlabs/conversation.ts'
import {
  startElevenLabs,
  type AgentScript,
  type ElevenLabsOptions,
  type ElevenLabsSimulator,
} from '../../../simulators/elevenlabs/index.ts'

export type Told = {
  [K in keyof ConversationListener]: {
    readonly what: K
    readonly args: Parameters<ConversationListener[K]>
    readonly at: number
  }
}[keyof ConversationListener]

export interface Witness {
  readonly listener: ConversationListener
  readonly told: readonly Told[]
  /** Names of what was told, in order; runs of audio as one. */
  names(): string[]
  of<K extends keyof ConversationListener>(what: K): Parameters<ConversationListener[K]>[]
  audio(): Buffer
  until(what: keyof ConversationListener, timeoutMs?: number): Promise<void>
}

export function createWitness(): Witness {
  const told: Told[] = []
  const clock = createClock()
  const note =
    (what: keyof ConversationListener) =>
    (...args: unknown[]): void => {
      told.push({ what, args, at: clock.now() } as unknown as Told)
    }
  const listener: ConversationListener = {
    onPrewarmed: note('onPrewarmed'),
    onAttempted: note('onAttempted'),
    onOpened: note('onOpened'),
    onMetadata: note('onMetadata'),
    onAudio: note('onAudio'),
    onInterrupted: note('onInterrupted'),
    onUserTranscript: note('onUserTranscript'),
    onAgentResponse: note('onAgentResponse'),
    onAgentResponseCorrected: note('onAgentResponseCorrected'),
    onEnding: note('onEnding'),
    onFault: note('onFault'),
    onClosed: note('onClosed'),
  }
  const of = <K extends keyof ConversationListener>(
    what: K,
  ): Parameters<ConversationListener[K]>[] =>
    told
      .filter((entry) => entry.what === what)
      .map((entry) => entry.args as Parameters<ConversationListener[K]>)
  return {
    listener,
    told,
    names() {
      const names = told.map((entry): string => entry.what)
      return names.filter((name, at) => name !== 'onAudio' || names[at - 1] !== 'onAudio')
    },
    of,
    audio: () => Buffer.concat(of('onAudio').map(([ulaw]) => ulaw)),
    async until(what, timeoutMs = 3000) {
      const came = await waitUntil(() => of(what).length > 0, ms(timeoutMs), 5)
      if (!came) throw new Error(`${what} was not told within ${timeoutMs} ms`)
    },
  }
}

export interface Stage {
  readonly vendor: ElevenLabsSimulator
  readonly conversation: Conversation
  readonly witness: Witness
  readonly requests: string[]
  readonly logged: string[]
}

export const AGENT_ID = 'agent_test'
export const API_KEY = 'xi-planted-key-0123456789'

export interface StageOptions extends Partial<Pick<ConversationOptions, 'timing' | 'agent'>> {
  readonly vendor?: ElevenLabsOptions
  /** Default: with the simulator's key, when it has one. */
  readonly apiKey?: string
  readonly wsUrl?: string
}

/** A vendor playing `script`, and a conversation with it that is not open yet. Both end with the test. */
export async function setStage(
  t: Test,
  script: AgentScript = {},
  options: StageOptions = {},
): Promise<Stage> {
  const vendor = await startElevenLabs(options.vendor)
  vendor.script(AGENT_ID, script)
  const witness = createWitness()
  const requests: string[] = []
  const logged: string[] = []
  const apiKey = options.apiKey ?? options.vendor?.apiKey
  const conversation = createConversation(
    {
      logger: createLogger('debug', { write: (line: string) => void logged.push(line) }),
      clock: createClock(),
      onVendorRequest: (operation, result) => void requests.push(`${operation} ${result}`),
    },
    {
      connection: {
        restUrl: vendor.restUrl,
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(options.wsUrl === undefined ? {} : { wsUrl: options.wsUrl }),
      },
      agent: options.agent ?? {
        agentId: AGENT_ID,
        dynamicVariables: { caller_number: '+15550100' },
      },
      listener: witness.listener,
      ...(options.timing === undefined ? {} : { timing: options.timing }),
    },
  )
  t.teardown(async () => {
    conversation.close()
    await vendor.close()
  })
  return { vendor, conversation, witness, requests, logged }
}

/** Polls; fails with the name of what did not happen. */
export async function eventually(
  what: string,
  condition: () => boolean,
  timeoutMs = 3000,
): Promise<void> {
  if (!(await waitUntil(condition, ms(timeoutMs), 5))) {
    throw new Error(`not within ${timeoutMs} ms: ${what}`)
  }
}
