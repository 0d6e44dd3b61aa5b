// What scenarios of Voximplant call: to fetch what they are to do, and to tell what becomes of their calls. Open, for each
// request is signed with the key of its application.
import type { LabelsOf } from '#core/telemetry'
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { ms } from '#core/contracts'
import { codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { wallClock } from '#core/time'
import type { HttpServer } from '../../http-server.ts'
import { exchangeToken } from '../../voximplant/calls/exchange-token.ts'
import type { KnownApplication } from '../../voximplant/calls/known-applications.ts'
import { requireSigned } from '../../voximplant/calls/scenario-guard.ts'
import {
  decodeScenarioMessage,
  decodeTokenRequest,
} from '../../voximplant/calls/scenario-message.ts'
import { takeMessage } from '../../voximplant/calls/take-message.ts'
import type { LiveDesk } from '../../voximplant/calls/live-desk.ts'
import { problem } from '../problem.ts'
import { rawBodies } from '../raw-bodies.ts'
import { voximplantNotConfigured } from './route-words.ts'

/** A snapshot has some two. */
const MOST_BYTES = 32 * 1024
/** Scenarios wait 10 s, and some of them are the way. */
const ANSWER_WITHIN = ms(9000)

const errors = {
  400: problem,
  401: problem,
  404: problem,
  413: problem,
  501: problem,
  503: problem,
  504: problem,
}

const querystring = Type.Object({
  application: Type.String({ maxLength: 64, description: 'Ours, as its scenario was made for' }),
})

const common = {
  tags: ['vendor'],
  description:
    'X-Timestamp: Unix seconds, not older than 5 minutes; X-Signature: `v1=` and the HMAC-SHA256 of ' +
    '`timestamp.body` by the key of the application, in hexadecimal or base64; JSON, at most 32 KiB',
  security: [],
  querystring,
}

const tokenSchema = {
  ...common,
  operationId: 'exchangeVoximplantToken',
  summary: 'A scenario fetches what the call it was started for is to be',
  response: {
    200: Type.Object({
      call_id: Type.String(),
      to: Type.String(),
      from: Type.Union([Type.String(), Type.Null()]),
      agent_id: Type.String(),
      dynamic_variables: Type.Record(Type.String(), Type.Unknown()),
      conversation_config_override: Type.Union([
        Type.Object({
          agent: Type.Object({
            first_message: Type.Optional(Type.String()),
            language: Type.Optional(Type.String()),
          }),
        }),
        Type.Null(),
      ]),
      ring_timeout_seconds: Type.Integer(),
      max_duration_seconds: Type.Integer(),
      answering_machine: Type.Enum(['off', 'detect', 'gate']),
    }),
    403: problem,
    409: problem,
    ...errors,
  },
}

const messageSchema = {
  ...common,
  operationId: 'receiveVoximplantMessage',
  summary: 'A scenario tells all that it knows of its call; again and out of order does no harm',
  response: {
    204: { description: 'Taken, also when it was known', type: 'null' },
    409: problem,
    ...errors,
  },
}

/** @param desk undefined: nothing is set up, and whoever calls is told so */
export function voximplantWebhookRoutes(app: HttpServer, desk: LiveDesk | undefined): void {
  const config = { access: 'open' } as const
  rawBodies(app, MOST_BYTES, (scope) => {
    // Before the body is read: whatever its type, the answer is the same.
    if (!desk)
      scope.addHook('onRequest', (_request, _reply, done) => {
        done(voximplantNotConfigured())
      })
    scope.post('/api/webhook/voximplant/token', { schema: tokenSchema, config }, (request) =>
      counted(desk, 'token', async (given) => {
        const application = await signedBy(given, request)
        const order = await exchangeToken(given, application, decodeTokenRequest(bodyOf(request)))
        return { value: order, result: 'taken' }
      }),
    )
    scope.post(
      '/api/webhook/voximplant',
      { schema: messageSchema, config },
      async (request, reply) => {
        await counted(desk, 'event', async (given) => {
          const application = await signedBy(given, request)
          const message = decodeScenarioMessage(bodyOf(request))
          return { value: undefined, result: await takeMessage(given, application, message) }
        })
        return reply.status(204).send()
      },
    )
  })
}

type Signed = FastifyRequest<{ Querystring: { application: string } }>

const signedBy = (desk: LiveDesk, request: Signed): Promise<KnownApplication> =>
  requireSigned(
    { ...desk, clock: wallClock },
    {
      applicationId: request.query.application,
      timestamp: request.headers['x-timestamp'],
      signature: request.headers['x-signature'],
      body: bodyOf(request),
    },
  )

const bodyOf = ({ body }: Signed): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0))

const REFUSALS: ReadonlySet<string | undefined> = new Set([
  'SIGNATURE_INVALID',
  'NOT_FOUND',
  'FORBIDDEN',
  'STATE_CONFLICT',
  'REQUEST_INVALID',
])

/** In the time that a scenario waits. */
type Result = LabelsOf<'voximplant_webhooks_total'>['result']

async function counted<T>(
  desk: LiveDesk | undefined,
  kind: 'token' | 'event',
  act: (desk: LiveDesk) => Promise<{ readonly value: T; readonly result: Result | 'ignored' }>,
): Promise<T> {
  if (!desk) throw voximplantNotConfigured()
  const told = (result: Result): void =>
    desk.metrics.add('voximplant_webhooks_total', 1, { kind, result })
  try {
    const { value, result } = await waitFor(act(desk), {
      name: 'the records',
      timeout: ANSWER_WITHIN,
    })
    // Another session's, or no token of ours.
    told(result === 'ignored' ? 'refused' : result)
    return value
  } catch (error) {
    const code = codeOf(error)
    told(REFUSALS.has(code) ? 'refused' : 'failed')
    if (code === 'SIGNATURE_INVALID')
      desk.metrics.add('http_refused_total', 1, { reason: 'signature' })
    throw error
  }
}
