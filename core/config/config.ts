// The configuration as the composition root uses it: complete, validated, units in the names.
import type {
  AnswerWith,
  E164,
  Milliseconds,
  NumberRoute,
  RecordingPolicy,
  Trunk,
} from '../contracts/index.ts'
import type { LanguagePrefix } from './ivr-setting.ts'
import type { LogLevel, TracingConfig } from '../telemetry/index.ts'
import type { SipListenAddress } from './sip-setting.ts'
import type { RetentionDays, SecretsKey } from './setting.ts'
import type { SipTlsTexts } from './sip-tls.ts'

/** A program of others that we steer over TCP. */
export interface ServerAccess {
  readonly host: string
  readonly port: number
  readonly secret: string
}

export interface TwilioConfig {
  readonly accountSid: string
  readonly authToken: string
  /** What it signed is believed, too. */
  readonly formerAuthToken: string | undefined
  readonly phoneNumber: E164
  readonly baseUrl: string
  /** Calls to the number. */
  readonly answerWith: AnswerWith
}

/** Who makes photos speak. */
export interface AnimationVendorConfig {
  readonly apiKey: string
  readonly baseUrl: string
  /** Where a request names none; null: it must. */
  readonly voiceId: string | null
  readonly deadlineMs: number
  /** It renders so many at a time. */
  readonly maxJobs: number
}

export interface MediaConfig {
  readonly dId: (AnimationVendorConfig & { readonly webhookUrl: string | undefined }) | undefined
  readonly heyGen:
    | (AnimationVendorConfig & { readonly webhookSecret: string | undefined })
    | undefined
  readonly defaultProvider: 'd-id' | 'heygen'
  readonly maxUploadBytes: number
  /** Of the whole node, in 24 hours. */
  readonly maxAnimationsADay: number
  /** Where results may come from beside the providers’ own: hosts, or suffixes that begin with a dot. */
  readonly resultHosts: readonly string[]
}

/** Where recordings and media are kept, other than on the disk. */
export interface S3Config {
  readonly bucket: string
  readonly region: string
  /** Undefined: Amazon’s. */
  readonly endpoint: string | undefined
  /** Undefined: what the surroundings give. */
  readonly credentials:
    | { readonly accessKeyId: string; readonly secretAccessKey: string }
    | undefined
  readonly reads: 'proxied' | 'presigned'
}

/** The menu: consent and order by keypad. */
export interface IvrConfig {
  readonly company: string | undefined
  readonly website: string | undefined
  /** At Twilio. */
  readonly voiceName: string | undefined
  /** Callers of which numbers hear which language; all others German. */
  readonly languages: readonly LanguagePrefix[]
  /** Regular expression for the whole number. */
  readonly orderPattern: string
  readonly onRefusal: 'end' | 'continue'
  /** Behind key 0. */
  readonly human: E164 | null
}

export interface Config {
  /** Nothing real is configured: the carrier and the agent are simulated, on loopback. */
  readonly rehearsal: boolean
  /** A real credential, a listener beyond loopback, or a key that was set: the administrator key is needed. */
  readonly requireKey: boolean
  readonly httpHost: string
  readonly httpPort: number
  /** Addresses or networks: what they say of who asks, and how, is believed. */
  readonly httpTrustedProxies: readonly string[]
  readonly publicUrl: string | undefined
  readonly apiKey: string | undefined
  /** Where this run keeps its data; rehearsals keep theirs apart. */
  readonly dataDir: string
  /** A PostgreSQL instead of SQLite in the data folder. */
  readonly databaseUrl: string | undefined
  /** Encrypt the secrets of others, the active one first; none: nothing can be kept encrypted. */
  readonly secretsKeys: readonly SecretsKey[]
  readonly retentionDays: RetentionDays
  /** `host` or `host:port` that outgoing webhooks may reach, whatever the endpoint policy says. */
  readonly webhookAllowHosts: readonly string[]
  readonly sipListen: readonly SipListenAddress[]
  readonly sipAdvertise: string | undefined
  /** The address of SIP_ADVERTISE, for SDP: a name serves Contact and Via only. */
  readonly rtpAdvertise: string | undefined
  readonly sipTls: SipTlsTexts
  /** The real ones; in rehearsal and for a node that only takes calls there are none. */
  readonly trunks: readonly Trunk[]
  /** Who answers which number of ours; all others go to the default agent. */
  readonly numbers: readonly NumberRoute[]
  /** Its path, when there is one: it can be read again. */
  readonly trunksFile: string | undefined
  /** What is done with callers that no trunk knows. */
  readonly strangers: 'drop' | 'refuse'
  /** Instead of the embedded SIP server. */
  readonly drachtio: ServerAccess | undefined
  /** For trunks whose media is anchored. */
  readonly freeswitch: ServerAccess | undefined
  /** To whom an agent may hand a caller over, the default first. */
  readonly transferNumbers: readonly E164[]
  readonly rtpHost: string
  readonly rtpPortMin: number
  readonly rtpPortMax: number
  readonly agent: {
    readonly apiKey: string | undefined
    readonly agentId: string | undefined
    readonly restUrl: string
    /** Signs the post-call webhooks that the vendor sends us. */
    readonly webhookSecret: string | undefined
    /** Conversations at a time that the vendor allows us. */
    readonly maxSessions: number | undefined
    readonly wsUrl: string | undefined
    readonly pricePerMinute: number
    /** In US dollars; 0: none. It is told, and holds nothing back. */
    readonly budgetPerDay: number
    readonly variables: readonly string[]
    /** How much caller audio one message to the agent carries. */
    readonly frameMs: 20 | 40 | 60
    readonly dtmf: 'user_message' | 'contextual_update' | 'off'
    /** Said before we hang up because the agent failed. */
    readonly fallbackMessage: string | undefined
    readonly voiceId: string
    readonly toolServer: { readonly url: string; readonly secret: string } | undefined
  }
  /** Telephony of Twilio; undefined: none. */
  readonly twilio: TwilioConfig | undefined
  /** Of the Management API. */
  readonly voximplant: { readonly baseUrl: string }
  readonly media: MediaConfig
  /** Undefined: the disk. */
  readonly s3: S3Config | undefined
  readonly ivr: IvrConfig
  readonly recordCalls: RecordingPolicy
  /** `+` allows every number. */
  readonly dialAllowPrefixes: readonly string[]
  readonly maxConcurrentCalls: number
  readonly maxOutboundCallsPerSecond: number
  readonly maxInboundCallsPerSecond: number
  /** How long calls may finish once we are told to stop. */
  readonly drain: Milliseconds
  readonly logLevel: LogLevel
  /** Undefined: no traces. */
  readonly tracing: TracingConfig | undefined
}
