// The page at / and what it needs: three files without any data in them, and one answer that tells how to try a call.
import { readFileSync } from 'node:fs'
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox'
import { rfc3339, type TrunkReach, type TrunkRegistration, type TrunkView } from '#core/contracts'
import type { HttpServer } from '../http-server.ts'
import { CONSOLE_POLICY } from '../plugins/security-headers.ts'

/** How a stranger tries this node. */
export interface HowTo {
  readonly apiUrl: string
  /** Empty before the SIP server listens. */
  readonly sipUri: string
  readonly exampleCurl: string
  readonly demoNumbers: readonly { readonly number: string; readonly what: string }[]
  /** It was there and is gone: nothing can be placed or taken. Absent: no. */
  readonly sipIsAway?: boolean
  /** Empty before the gateway is up. */
  readonly trunks: readonly TrunkView[]
}

export interface ConsoleOptions {
  readonly howTo: () => HowTo
  readonly rehearsal: boolean
}

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/console/console.js', file: 'console.js', type: 'text/javascript; charset=utf-8' },
  { url: '/console/console.css', file: 'console.css', type: 'text/css; charset=utf-8' },
] as const

const REGISTRATIONS = [
  'none',
  'registering',
  'registered',
  'failing',
  'closed',
  'unregistered',
] as const satisfies readonly TrunkRegistration[]

const REACHES = ['up', 'down', 'unasked'] as const satisfies readonly TrunkReach[]

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const time = Type.String({ format: 'date-time' })

const trunkSchema = Type.Object({
  name: Type.String(),
  registration: Type.Enum(REGISTRATIONS, { description: 'none: it does not register' }),
  since: nullable(time),
  health: Type.Object({
    reach: Type.Enum(REACHES, { description: 'unasked: it is never asked, or was not yet' }),
    since: nullable(time),
    sip_status: nullable(Type.Integer({ description: 'Of the last answer to OPTIONS' })),
    detail: nullable(Type.String({ description: 'Why nothing was answered' })),
  }),
  calls: Type.Integer({ description: 'Both directions' }),
  last_failure: nullable(
    Type.Object({
      at: time,
      sip_status: nullable(Type.Integer()),
      detail: nullable(Type.String({ description: 'Why nothing was answered' })),
    }),
  ),
})

function viewTrunk({
  name,
  registration,
  since,
  lastFailure,
  health,
  calls,
}: TrunkView): Static<typeof trunkSchema> {
  return {
    name,
    registration,
    since: since === null ? null : rfc3339(since),
    health: {
      reach: health.reach,
      since: health.since === null ? null : rfc3339(health.since),
      sip_status: health.sipStatus,
      detail: health.detail,
    },
    calls,
    last_failure: lastFailure && {
      at: rfc3339(lastFailure.at),
      sip_status: lastFailure.sipStatus,
      detail: lastFailure.detail,
    },
  }
}

export function consoleRoutes(app: HttpServer, options: ConsoleOptions): void {
  for (const { url, file, type } of FILES) {
    const body = readFileSync(new URL(`../console/${file}`, import.meta.url))
    app.get(url, { config: { access: 'open' }, schema: { hide: true } }, (_request, reply) =>
      reply
        .header('content-type', type)
        .header('content-security-policy', CONSOLE_POLICY)
        .header('cache-control', 'no-cache')
        .send(body),
    )
  }
  app.get(
    '/api/how-to',
    {
      schema: {
        tags: ['operation'],
        summary: 'How to try a call on this node; the console shows it',
        response: {
          200: Type.Object({
            api_url: Type.String(),
            sip_uri: Type.String(),
            example_curl: Type.String(),
            demo_numbers: Type.Array(Type.Object({ number: Type.String(), what: Type.String() })),
            rehearsal: Type.Boolean(),
            sip_server_away: Type.Boolean({ description: 'Nothing can be placed or taken now' }),
            trunks: Type.Array(trunkSchema),
          }),
        },
      },
    },
    () => {
      const { apiUrl, sipUri, exampleCurl, demoNumbers, trunks, sipIsAway } = options.howTo()
      return {
        api_url: apiUrl,
        sip_uri: sipUri,
        example_curl: exampleCurl,
        demo_numbers: demoNumbers.map(({ number, what }) => ({ number, what })),
        rehearsal: options.rehearsal,
        sip_server_away: sipIsAway ?? false,
        trunks: trunks.map(viewTrunk),
      }
    },
  )
}
