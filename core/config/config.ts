// The configuration as the composition root uses it: complete, validated, units in the names.
import type { LogLevel } from '../telemetry/index.ts'
import type { SipListenAddress } from './setting.ts'

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
  }
  /** `+` allows every number. */
  readonly dialAllowPrefixes: readonly string[]
  readonly maxConcurrentCalls: number
  readonly maxOutboundCallsPerSecond: number
  readonly maxInboundCallsPerSecond: number
  readonly logLevel: LogLevel
}
