// What a scenario is: a phone's script, an agent's script, and what must come of them.
import type { CarrierCallRecord, PhoneScript } from '#simulators/carrier'
import type { AgentScript, AgentSessionRecord } from '#simulators/elevenlabs'
import type { SpeechName } from '#simulators/speech'
import type { Take, TerminationFacts } from './take.ts'

export interface Expectation {
  readonly outcome: string
  readonly termination: TerminationFacts
  /** Upgrade requests: 2 where a first attempt fails early. */
  readonly agentSessions: 0 | 1 | 2
  /** Recordings that the person on the phone hears, each whole: byte for byte, without a gap. */
  readonly callerHears: readonly SpeechName[]
  /** Recordings that the agent hears, each whole. */
  readonly agentHears: readonly SpeechName[]
  /** Packets are lost on purpose: speech has to be understood, not whole, and gaps are no fault. */
  readonly lossy?: boolean
}

/** What can be seen while the call lasts. */
export interface Seen {
  readonly carrier: CarrierCallRecord
  readonly sessions: readonly AgentSessionRecord[]
  readonly now: number
}

interface AnyScenario {
  readonly name: string
  /** One line for the report. */
  readonly story: string
  readonly phone: PhoneScript
  readonly expect: Expectation
  /** What is special to it, beyond the expectation: complaints in words, none when all is well. */
  readonly check: (take: Take) => readonly string[]
  /** The recording is wanted as evidence. */
  readonly recorded?: boolean
  /** What the menu was answered is wanted as evidence. */
  readonly menu?: boolean
  /** When it is much longer than others: such ones begin first, and are waited for. */
  readonly lastsSeconds?: number
}

/** The gateway calls the phone. */
export interface OutboundScenario extends AnyScenario {
  readonly direction: 'outbound'
  readonly agent?: AgentScript
  readonly ringTimeoutSeconds?: number
  /** Polled during the call; the first true hangs up by `POST /api/calls/{id}/hangup`. */
  readonly apiHangsUpWhen?: (seen: Seen) => boolean
}

/** The phone calls the gateway; the default agent answers, or who else the number goes to. */
export interface InboundScenario extends AnyScenario {
  readonly direction: 'inbound'
  readonly number?: string
}

export type Scenario = OutboundScenario | InboundScenario
