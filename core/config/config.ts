// The configuration as the composition root uses it: complete, validated, units in the names.
import type { Milliseconds, RecordingPolicy } from '../contracts/index.ts'
import type { LogLevel } from '../telemetry/index.ts'
import type { SipListenAddress } from './sip-setting.ts'
import type { SipTlsTexts } from './sip-tls.ts'

/** A trunk that knows us by user and password, and where we register. */
export interface TrunkConfig {
  readonly name: string
  readonly user: string
  readonly password: string
  /** Host and optional port. */
  readonly domain: string
  /** SIP URI of the outbound proxy. */
  readonly proxy: string | undefined
}

export interface Config {
  /** Nothing real is configured: the carrier and the agent are simulated, on loopback. */
  readonly rehearsal: boolean
  /** A real credential, a listener beyond loopback, or a key that was set: the administrator key is needed. */
  readonly requireKey: boolean
  readonly httpHost: string
  readonly httpPort: number
  readonly publicUrl: string | undefined
  readonly apiKey: string | undefined
  /** Where this run keeps its data; rehearsals keep theirs apart. */
  readonly dataDir: string
  readonly sipListen: readonly SipListenAddress[]
  readonly sipAdvertise: string | undefined
  /** The address of SIP_ADVERTISE, for SDP: a name serves Contact and Via only. */
  readonly rtpAdvertise: string | undefined
  readonly sipTls: SipTlsTexts
  /** The real one; in rehearsal and for a node that only takes calls there is none. */
  readonly trunk: TrunkConfig | undefined
  readonly rtpHost: string
  readonly rtpPortMin: number
  readonly rtpPortMax: number
  readonly agent: {
    readonly apiKey: string | undefined
    readonly agentId: string | undefined
    readonly restUrl: string
    readonly wsUrl: string | undefined
    readonly pricePerMinute: number
    readonly variables: readonly string[]
    /** How much caller audio one message to the agent carries. */
    readonly frameMs: 20 | 40 | 60
    readonly dtmf: 'user_message' | 'contextual_update' | 'off'
    /** Said before we hang up because the agent failed. */
    readonly fallbackMessage: string | undefined
    readonly voiceId: string
    readonly toolServer: { readonly url: string; readonly secret: string } | undefined
  }
  readonly recordCalls: RecordingPolicy
  /** `+` allows every number. */
  readonly dialAllowPrefixes: readonly string[]
  readonly maxConcurrentCalls: number
  readonly maxOutboundCallsPerSecond: number
  readonly maxInboundCallsPerSecond: number
  /** How long calls may finish once we are told to stop. */
  readonly drain: Milliseconds
  readonly logLevel: LogLevel
}
