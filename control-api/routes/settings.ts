// GET /api/settings: what this node is set to, for whoever runs it. No secrets: of a vendor it says whether it has a key.
import { Type } from '@fastify/type-provider-typebox'
import { rfc3339, type RecordingPolicy } from '#core/contracts'
import type { ControlApiConfig } from '../control-api.ts'
import type { Database } from '../db/database.ts'
import { dialectOf } from '../db/dialect-of.ts'
import type { HttpServer } from '../http-server.ts'
import type { Retention } from '../privacy/retention-job.ts'
import { DELETED_KINDS } from '../privacy/sweep.ts'

/** What the control API itself is not told. */
export interface NodeSettings {
  readonly recordCalls: RecordingPolicy
  readonly limits: {
    readonly maxConcurrentCalls: number
    readonly maxOutboundCallsPerSecond: number
    readonly maxInboundCallsPerSecond: number
    readonly agentMaxSessions: number | undefined
  }
  /** `+` allows every number. */
  readonly dialAllowPrefixes: readonly string[]
  /** Vendor → whether it can be asked. */
  readonly vendors: { readonly elevenlabs: boolean; readonly twilio: boolean }
}

export interface SettingsDeps {
  readonly database: Pick<Database, 'query'>
  readonly retention: Retention
}

type SettingsConfig = Pick<
  ControlApiConfig,
  'version' | 'rehearsal' | 'howTo' | 'pricePerMinute' | 'defaultAgentId' | 'settings'
>

const POLICIES = ['off', 'after-consent', 'always'] as const satisfies readonly RecordingPolicy[]

const strict = { additionalProperties: false }
const days = Type.Integer({ description: 'Days since the end of the call' })
const mediaDays = Type.Union([Type.Integer(), Type.Null()], {
  description: 'Days since photos and videos were added; null: they are kept',
})
const limit = Type.Union([Type.Number(), Type.Null()], { description: 'Null: none' })
const counts = Type.Object(
  Object.fromEntries(DELETED_KINDS.map((kind) => [kind, Type.Integer()])),
  strict,
)

const schema = {
  operationId: 'getSettings',
  tags: ['operation'],
  summary: 'What this node is set to, without secrets',
  response: {
    200: Type.Object(
      {
        version: Type.String(),
        rehearsal: Type.Boolean(),
        node: Type.Object(
          {
            http_url: Type.String(),
            sip_uri: Type.String({ description: 'Empty before the SIP server listens' }),
          },
          strict,
        ),
        retention_days: Type.Object(
          { audio: days, transcripts: days, events: days, media: mediaDays },
          strict,
        ),
        last_sweep: Type.Union(
          [
            Type.Object(
              {
                at: Type.String({ format: 'date-time' }),
                deleted: Type.Union([counts, Type.Null()], {
                  description: 'Null: it was before the last start',
                }),
              },
              strict,
            ),
            Type.Null(),
          ],
          { description: 'When what was over its time was last deleted' },
        ),
        record_calls: Type.Enum(POLICIES),
        price_per_minute: Type.Number({ description: 'US dollars an agent minute' }),
        limits: Type.Object(
          {
            max_concurrent_calls: limit,
            max_outbound_calls_per_second: limit,
            max_inbound_calls_per_second: limit,
            agent_max_sessions: limit,
          },
          strict,
        ),
        dial_allow_prefixes: Type.Array(Type.String(), { description: '+ is every number' }),
        default_agent_id: Type.Union([Type.String(), Type.Null()]),
        database: Type.Enum(['sqlite', 'postgres']),
        vendors: Type.Object(
          {
            elevenlabs: Type.Boolean({ description: 'It has a key' }),
            twilio: Type.Boolean({ description: 'It has an account: calls can go by it' }),
          },
          strict,
        ),
      },
      strict,
    ),
  },
}

export function settingsRoute(
  app: HttpServer,
  { database, retention }: SettingsDeps,
  config: SettingsConfig,
): void {
  app.get('/api/settings', { schema }, async () => {
    const { apiUrl, sipUri } = config.howTo()
    const { audio, transcripts, events, media = null } = retention.days
    const last = await retention.lastSweep()
    const { recordCalls, limits, dialAllowPrefixes, vendors } = config.settings ?? UNTOLD
    return {
      version: config.version,
      rehearsal: config.rehearsal,
      node: { http_url: apiUrl, sip_uri: sipUri },
      retention_days: { audio, transcripts, events, media },
      last_sweep: last ? { at: rfc3339(last.at), deleted: last.deleted } : null,
      record_calls: recordCalls,
      price_per_minute: config.pricePerMinute,
      limits: {
        max_concurrent_calls: limits.maxConcurrentCalls ?? null,
        max_outbound_calls_per_second: limits.maxOutboundCallsPerSecond ?? null,
        max_inbound_calls_per_second: limits.maxInboundCallsPerSecond ?? null,
        agent_max_sessions: limits.agentMaxSessions ?? null,
      },
      dial_allow_prefixes: [...dialAllowPrefixes],
      default_agent_id: config.defaultAgentId ?? null,
      database: dialectOf(database.query),
      vendors: { elevenlabs: vendors.elevenlabs, twilio: vendors.twilio },
    }
  })
}

/** Where there is no gateway nothing is dialled and nothing recorded. */
const UNTOLD: Omit<NodeSettings, 'limits'> & { readonly limits: Partial<NodeSettings['limits']> } =
  {
    recordCalls: 'off',
    limits: {},
    dialAllowPrefixes: [],
    vendors: { elevenlabs: false, twilio: false },
  }
