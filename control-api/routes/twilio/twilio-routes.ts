// What Twilio calls: for TwiML, and to tell what becomes of a call. Open, for each request is signed; answered in XML, and
// where something fails in JSON, never in HTML.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { decodeCallId, ms, type FlowStep } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Metrics } from '#core/telemetry'
import type { HttpServer } from '../../http-server.ts'
import { tellStatus } from '../../twilio/status-desk.ts'
import type { TwilioDesk } from '../../twilio/twilio-desk.ts'
import type { Asked, VoiceDesk } from '../../twilio/voice-desk.ts'
import type { WebhookGuard } from '../../twilio/webhook-guard.ts'
import { WebhookParams } from '../../twilio/webhook-params.ts'
import { STATUS_KINDS } from '../../twilio/webhook-urls.ts'
import { problem } from '../problem.ts'

export interface TwilioRoutesDeps {
  readonly desk: TwilioDesk
  readonly voice: VoiceDesk
  readonly guard: WebhookGuard
  readonly metrics: Pick<Metrics, 'add'>
}

/** Twilio waits 15 s, and some of them are the way. */
const ANSWER_WITHIN = ms(10_000)

const twiml = {
  description: 'TwiML: what Twilio is to do',
  content: { 'text/xml': { schema: Type.String() } },
}
const errors = { 400: problem, 403: problem, 501: problem, 503: problem, 504: problem }

/** Its own query: whatever else stands in the address somebody configured is signed, and left alone. */
const named = Type.Object({
  call: Type.Optional(Type.String({ maxLength: 64, description: 'Ours; of calls that we know' })),
  step: Type.Optional(
    Type.String({
      maxLength: 32,
      description: 'Of the turn that is answered; without it the current one',
    }),
  ),
  attempt: Type.Optional(Type.String({ maxLength: 4, description: 'The same' })),
})

const SIGNED = 'Signed (X-Twilio-Signature) for PUBLIC_URL; a form, as Twilio sends it'

const routes = [
  ['voice', 'consent', 'receiveTwilioVoice', 'A call of Twilio begins: what to do with it'],
  ['consent', 'consent', 'receiveTwilioConsent', 'The answer to the question for consent'],
  ['order', 'order', 'receiveTwilioOrder', 'The order number that was typed'],
  ['order_confirm', 'order_confirm', 'receiveTwilioOrderConfirm', 'Whether it is right'],
  ['help', 'help', 'receiveTwilioHelp', 'Whether there is more to do'],
] as const satisfies readonly (readonly [string, FlowStep, string, string])[]

/** @param deps undefined: there is no account, and whoever calls is told so */
export function twilioRoutes(app: HttpServer, deps: TwilioRoutesDeps | undefined): void {
  formScope(app, (scope) => {
    // Before the body is read: whatever its type, the answer is the same.
    if (!deps) scope.addHook('onRequest', (_request, _reply, done) => done(notConfigured()))
    for (const [path, step, operationId, summary] of routes) {
      const schema = describe(operationId, summary, { 200: twiml })
      const config = { access: 'open' } as const
      scope.post(`/webhook/${path}`, { schema, config }, (request, reply) =>
        answer(deps, reply, path, ({ voice, guard }) => {
          const asked = read(guard, request)
          return path === 'voice' ? voice.begin(asked) : voice.answer(asked, step)
        }),
      )
    }
    statusRoute(scope, deps)
  })
}

function statusRoute(scope: HttpServer, deps: TwilioRoutesDeps | undefined): void {
  const schema = {
    ...describe('receiveTwilioStatus', 'What becomes of a call of Twilio', {
      200: twiml,
      204: { description: 'Taken', type: 'null' },
    }),
    querystring: Type.Object({
      ...named.properties,
      kind: Type.Optional(
        Type.Enum([...STATUS_KINDS], {
          description:
            'machine: who picked up (AsyncAmdStatusCallback); recording: RecordingStatusCallback; stream: of Media ' +
            'Streams; connect: the stream is over (action of Connect); dial: a human was called (action of Dial). ' +
            'Without it: StatusCallback of the call; for calls that come in, write PUBLIC_URL/webhook/status into the ' +
            'number’s configuration at Twilio',
        }),
      ),
    }),
  }
  scope.post('/webhook/status', { schema, config: { access: 'open' } }, async (request, reply) => {
    const { kind } = request.query
    if (kind === 'connect' || kind === 'dial')
      return answer(deps, reply, kind, ({ voice, guard }) => {
        const asked = read(guard, request)
        return kind === 'connect' ? voice.afterStream(asked) : voice.afterDial(asked)
      })
    await counted(deps, kind ?? 'status', ({ desk, guard }) => {
      const { params, named: names } = read(guard, request)
      return tellStatus(desk, kind, { params, callId: names.callId })
    })
    return reply.status(204).send()
  })
}

const describe = <R extends Readonly<Record<number, unknown>>>(
  operationId: string,
  summary: string,
  response: R,
) => ({
  operationId,
  tags: ['vendor'],
  summary,
  description: SIGNED,
  security: [],
  querystring: named,
  response: { ...response, ...errors },
})

/** Whoever it is, and what they said. @throws AppError `TWILIO_SIGNATURE_INVALID` */
function read(
  guard: WebhookGuard,
  request: FastifyRequest<{ Querystring: { call?: string; step?: string; attempt?: string } }>,
): Asked {
  const text = typeof request.body === 'string' ? request.body : ''
  const isForm = isFormType(request.headers['content-type'])
  const params = new WebhookParams(isForm ? text : '')
  if (isForm || text === '') guard.requireSigned(request, params.all)
  else guard.requireSigned(request, [], text)
  const { call, step, attempt } = request.query
  const callId = call === undefined ? undefined : decodeCallId(call)
  if (call !== undefined && callId === undefined)
    throw new AppError('REQUEST_INVALID', 'call is not the id of a call.')
  return { params, named: { callId, step, attempt } }
}

const isFormType = (contentType: string | undefined): boolean =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded'

async function answer(
  deps: TwilioRoutesDeps | undefined,
  reply: FastifyReply,
  kind: string,
  act: (deps: TwilioRoutesDeps) => Promise<string>,
): Promise<FastifyReply> {
  const document = await counted(deps, kind, act)
  return reply.type('text/xml; charset=utf-8').send(document)
}

/** In the time that Twilio waits. */
async function counted<T>(
  deps: TwilioRoutesDeps | undefined,
  kind: string,
  act: (deps: TwilioRoutesDeps) => Promise<T>,
): Promise<T> {
  if (!deps) throw notConfigured()
  const told = (result: 'taken' | 'failed'): void =>
    deps.metrics.add('twilio_webhooks_total', 1, { kind, result })
  try {
    const acting = Promise.try(() => act(deps))
    const value = await waitFor(acting, { name: 'the records', timeout: ANSWER_WITHIN })
    told('taken')
    return value
  } catch (error) {
    told('failed')
    throw error
  }
}

/** Bodies as they come: they are signed so. */
function formScope(app: HttpServer, add: (scope: HttpServer) => void): void {
  void app.register((scope: HttpServer, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, body),
    )
    add(scope)
    done()
  })
}

/** In the place of everything, while there is no account. */
export const notConfigured = (details: { readonly field?: string } = {}): AppError =>
  new AppError(
    'PROVIDER_NOT_CONFIGURED',
    'Twilio is not set up here: TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER are not set.',
    { details },
  )
