// What the control API is told by whoever composes the node.
import type { NumberRoute } from '#core/contracts'
import type { IvrConfig, MediaConfig, S3Config, TwilioConfig } from '#core/config'
import type { AgentVendorConfig } from './elevenlabs/open-agent-vendor.ts'
import type { ClientLimits } from './events/event-clients.ts'
import type { Rehearsals } from './rehearsals/rehearsals.ts'
import type { PrivacyConfig } from './privacy/privacy-feature.ts'
import type { MediaTiming } from './media-jobs/media-timing.ts'
import type { HttpLimits } from './plugins/http-limits.ts'
import type { HowTo } from './routes/how-to.ts'
import type { NodeSettings } from './routes/settings.ts'
import type { TrunkStates } from './routes/trunks/trunk-view.ts'
import type { TwilioTiming } from './twilio/twilio-feature.ts'
import type { VoximplantConfig } from './voximplant/voximplant-config.ts'
import type { KeyEncryptionKey } from './secrets/envelope.ts'

export interface ControlApiConfig extends PrivacyConfig {
  readonly httpHost: string
  /** 0: any free one. */
  readonly httpPort: number
  /** Rehearsal: a busy port is replaced by a free one. */
  readonly freePortWhenBusy?: boolean
  readonly publicUrl?: string | undefined
  /** Proxies whose X-Forwarded-For and -Proto are believed: addresses or networks; none by default. */
  readonly trustedProxies?: readonly string[] | undefined
  /** Of one key, or of one address without a key; 300 unless told. */
  readonly requestsPerSecond?: number
  /** The folder of the database and the media, created when missing. */
  readonly dataDir: string
  /** A PostgreSQL instead of SQLite in `dataDir`. */
  readonly databaseUrl?: string | undefined
  readonly apiKey?: string | undefined
  /** True with any real credential or any listener beyond loopback. */
  readonly requireKey: boolean
  readonly rehearsal: boolean
  /** The rehearsal program; absent where it is not installed. */
  readonly rehearsals?: Rehearsals | undefined
  /** Answers inbound calls, and outbound ones that name no agent. */
  readonly defaultAgentId: string | undefined
  readonly agentVariables: readonly string[]
  /** Who answers which number; absent: the default agent all of them. */
  readonly numbers?: readonly NumberRoute[]
  /** Absent: no telephony of Twilio. */
  readonly twilio?: TwilioConfig | undefined
  /** Where accounts of Voximplant are asked; absent: there are none. */
  readonly voximplant?: VoximplantConfig | undefined
  /** Who makes photos speak, and how large files may be; absent: nobody, and as uploads are by default. */
  readonly media?: MediaConfig | undefined
  /** Other than MEDIA_TIMING, in tests. */
  readonly mediaTiming?: Partial<MediaTiming> | undefined
  /** Where recordings and media are kept; absent: on the disk. */
  readonly s3?: S3Config | undefined
  /** Other than what is right outside tests. */
  readonly twilioTiming?: TwilioTiming
  /** The menu; absent: no number is answered by it. */
  readonly ivr?: IvrConfig | undefined
  /** US dollars an agent minute. */
  readonly pricePerMinute: number
  readonly version: string
  /** Of the built console; absent, or nothing in it: its pages say so. */
  readonly consoleDirectory?: string | undefined
  readonly howTo: () => HowTo
  /** Of the gateway; absent: it has none. */
  readonly trunks?: () => TrunkStates
  /** What other parts of the node are set to, for GET /api/settings alone. */
  readonly settings?: NodeSettings
  /** The agent's vendor, asked about conversations and agents; absent: it is not asked. */
  readonly agentVendor?: AgentVendorConfig
  /** Encrypt the secrets of others, the active one first; none: they are not kept, but in rehearsal. */
  readonly secretsKeys?: readonly KeyEncryptionKey[]
  /** `host` or `host:port` that webhooks may reach, whatever the endpoint policy says. */
  readonly webhookAllowHosts?: readonly string[]
  /** Of `GET /api/events`. */
  readonly eventLimits?: ClientLimits
  /** Other than HTTP_LIMITS, in tests. */
  readonly httpLimits?: Partial<HttpLimits>
}
