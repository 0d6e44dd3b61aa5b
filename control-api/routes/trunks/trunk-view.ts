// A trunk as GET /api/trunks and `trunk.changed` show it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import {
  rfc3339,
  TRUNK_CODECS,
  type EpochMs,
  type SipProtocol,
  type TrunkReach,
  type TrunkRegistration,
  type TrunkView,
} from '#core/contracts'
import { nullable } from '../../view-parts.ts'

const REGISTRATIONS = [
  'none',
  'registering',
  'registered',
  'failing',
  'closed',
  'unregistered',
] as const satisfies readonly TrunkRegistration[]

const REACHES = ['up', 'down', 'unasked'] as const satisfies readonly TrunkReach[]
const TRANSPORTS = ['udp', 'tcp', 'tls'] as const satisfies readonly SipProtocol[]

const time = Type.String({ format: 'date-time' })
const strict = { additionalProperties: false }

const definition = {
  name: Type.String(),
  domain: Type.String({ description: 'Host and optional port' }),
  proxy: nullable(Type.String({ description: 'Host and optional port of the outbound proxy' })),
  transport: nullable(Type.Enum(TRANSPORTS, { description: 'Null: as the DNS says, UDP first' })),
  registers: Type.Boolean(),
  codecs: Type.Array(Type.Enum(TRUNK_CODECS), { description: 'The preferred first' }),
  media: Type.Enum(['direct', 'anchored'], { description: 'anchored: by a media server' }),
  srtp: Type.Enum(['off', 'required']),
  transfer: Type.Enum(['auto', 'refer', 'bridge']),
  numbers_count: Type.Integer({ description: 'How many numbers we may show as ours' }),
  routes: Type.Array(
    Type.Object(
      {
        prefixes: Type.Array(Type.String(), { description: '+ is every number' }),
        priority: Type.Integer({ description: 'The lowest is tried first' }),
        weight: Type.Number({ description: 'Share among those of one priority' }),
      },
      strict,
    ),
    { description: 'Which numbers it is dialled for; empty: none' },
  ),
  max_concurrent_calls: nullable(Type.Integer({ description: 'Null: no limit of its own' })),
  max_calls_per_second: nullable(Type.Number({ description: 'Null: no limit of its own' })),
} as const

export const trunkSchema = Type.Object(
  {
    ...definition,
    registration: Type.Enum(REGISTRATIONS, { description: 'none: it does not register' }),
    since: nullable(time),
    expires_at: nullable(
      Type.String({ format: 'date-time', description: 'Until when the registrar knows us' }),
    ),
    health: Type.Object(
      {
        reach: Type.Enum(REACHES, { description: 'unasked: it is never asked, or was not yet' }),
        since: nullable(time),
        sip_status: nullable(Type.Integer({ description: 'Of the last answer to OPTIONS' })),
        detail: nullable(Type.String({ description: 'Why nothing was answered' })),
      },
      strict,
    ),
    calls: Type.Integer({ description: 'Now, both directions' }),
    last_failure: nullable(
      Type.Object(
        {
          at: time,
          sip_status: nullable(Type.Integer()),
          detail: nullable(Type.String({ description: 'Why nothing was answered' })),
        },
        { ...strict, description: 'Of registering' },
      ),
    ),
  },
  strict,
)

/** What the gateway knows of its trunks. */
export interface TrunkStates {
  /** Empty before the gateway is up. */
  readonly trunks: readonly TrunkView[]
  /** It was there and is gone: nothing can be placed or taken. */
  readonly sipServerIsAway: boolean
}

export const NO_TRUNKS = (): TrunkStates => ({ trunks: [], sipServerIsAway: false })

const timeOf = (at: EpochMs | null): string | null => (at === null ? null : rfc3339(at))

export const viewTrunk = (trunk: TrunkView): Static<typeof trunkSchema> => ({
  name: trunk.name,
  domain: trunk.domain,
  proxy: trunk.proxy,
  transport: trunk.transport,
  registers: trunk.registers,
  codecs: [...trunk.codecs],
  media: trunk.media,
  srtp: trunk.srtp,
  transfer: trunk.transfer,
  numbers_count: trunk.numbers,
  routes: trunk.routes.map(({ prefixes, priority, weight }) => {
    return { prefixes: [...prefixes], priority, weight }
  }),
  max_concurrent_calls: trunk.maxConcurrentCalls,
  max_calls_per_second: trunk.maxCallsPerSecond,
  registration: trunk.registration,
  since: timeOf(trunk.since),
  expires_at: timeOf(trunk.expiresAt),
  health: {
    reach: trunk.health.reach,
    since: timeOf(trunk.health.since),
    sip_status: trunk.health.sipStatus,
    detail: trunk.health.detail,
  },
  calls: trunk.calls,
  last_failure: trunk.lastFailure && {
    at: rfc3339(trunk.lastFailure.at),
    sip_status: trunk.lastFailure.sipStatus,
    detail: trunk.lastFailure.detail,
  },
})
