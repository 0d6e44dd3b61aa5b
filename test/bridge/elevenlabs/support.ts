// A conversation beside a simulated vendor, with everything it tells written down.
import type { Test } from 'tap'
import { ms, newCallId, type CallId, type TelephoneCodec } from '#core/contracts'
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
  /** Runs inside the listener, when it is told. */
  reactTo(what: keyof ConversationListener, run: () => void): void
}

export function createWitness(): Witness {
  const told: Told[] = []
  const reactions = new Map<string, () => void>()
  const clock = createClock()
  const note =
    (what: keyof ConversationListener) =>
    (...args: unknown[]): void => {
      told.push({ what, args, at: clock.now() } as unknown as Told)
      reactions.get(what)?.()
    }
  const listener: ConversationListener = {
    onPrewarmed: note('onPrewarmed'),
    onBusy: note('onBusy'),
    onAttempted: note('onAttempted'),
    onAttemptFailed: note('onAttemptFailed'),
    onOpened: note('onOpened'),
    onMetadata: note('onMetadata'),
    // As everybody must who keeps the bytes: a copy.
    onAudio: (line, eventId, alignment) =>
      note('onAudio')(Buffer.from(line), eventId, ...(alignment === undefined ? [] : [alignment])),
    onInterrupted: note('onInterrupted'),
    onTalkedOverByKeys: note('onTalkedOverByKeys'),
    onUserTranscript: note('onUserTranscript'),
    onAgentResponse: note('onAgentResponse'),
    onAgentResponseCorrected: note('onAgentResponseCorrected'),
    onToolCalled: note('onToolCalled'),
    onToolAnswered: note('onToolAnswered'),
    onTransferRequested: note('onTransferRequested'),
    onDigitsRequested: note('onDigitsRequested'),
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
  const names = (): string[] => {
    const all = told.map((entry): string => entry.what)
    return all.filter((name, at) => name !== 'onAudio' || all[at - 1] !== 'onAudio')
  }
  return {
    listener,
    told,
    names,
    of,
    reactTo: (what, run) => void reactions.set(what, run),
    audio: () => Buffer.concat(of('onAudio').map(([line]) => line)),
    async until(what, timeoutMs = 10_000) {
      const came = await waitUntil(() => of(what).length > 0, ms(timeoutMs), 5)
      if (came) return
      const instead = JSON.stringify([names(), ...of('onFault'), ...of('onClosed')])
      throw new Error(`${what} was not told within ${timeoutMs} ms, but ${instead}`)
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

export const CALL_ID: CallId = newCallId()

export interface StageOptions extends Partial<
  Pick<ConversationOptions, 'timing' | 'agent' | 'dtmf' | 'frameMs'>
> {
  readonly toolServer?: NonNullable<ConversationOptions['tools']['server']>
  /** Default PCMU. */
  readonly lineCodec?: () => TelephoneCodec
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
      lineCodec: options.lineCodec ?? (() => 'PCMU'),
      dtmf: options.dtmf ?? 'user_message',
      frameMs: options.frameMs ?? 20,
      tools: {
        callId: CALL_ID,
        ...(options.toolServer === undefined ? {} : { server: options.toolServer }),
      },
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
  timeoutMs = 10_000,
): Promise<void> {
  if (!(await waitUntil(condition, ms(timeoutMs), 5))) {
    throw new Error(`not within ${timeoutMs} ms: ${what}`)
  }
}
