// The body of POST /api/calls: its schema, and its decoding into a request to the gateway.
import { Type, type Static } from '@fastify/type-provider-typebox'
import {
  ANSWER_WITH,
  ms,
  type AgentTarget,
  type E164,
  type OriginateRequest,
} from '#core/contracts'
import { decodePhoneNumber, whyNoPhoneNumber } from '#core/phone-numbers'
import { AppError } from '#core/errors'
import { retrySchema } from '../../dialling/retry-policy.ts'
import { notConfigured } from '../twilio/twilio-routes.ts'
import { voximplantNotConfigured } from '../voximplant/route-words.ts'

const MAX_METADATA_BYTES = 4096
const DEFAULT_RING_SECONDS = 45
const DEFAULT_DURATION_SECONDS = 1800

export const startCallSchema = Type.Object(
  {
    phone_number: Type.String({
      maxLength: 64,
      description: 'E.164 with a leading plus',
      examples: ['+4930123456'],
    }),
    provider: Type.Optional(
      Type.Enum(['sip', 'twilio', 'voximplant'], {
        default: 'sip',
        description:
          'By whom it is placed: our own SIP trunks, Twilio, or an application of Voximplant',
      }),
    ),
    application_id: Type.Optional(
      Type.Union([Type.String({ maxLength: 128 }), Type.Null()], {
        description:
          'By Voximplant, and there needed: ours, as GET /api/voximplant/applications has it',
      }),
    ),
    from: Type.Optional(
      Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
        description:
          'One of the trunk’s numbers, E.164; by Twilio TWILIO_PHONE_NUMBER; by Voximplant the application’s',
      }),
    ),
    trunk: Type.Optional(
      Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()], {
        description: 'The name of a trunk: this one and no other; the routes decide when absent',
      }),
    ),
    answer_with: Type.Optional(
      Type.Enum([...ANSWER_WITH], {
        default: 'agent',
        description:
          'Who talks to the callee: the agent, our menu (consent and order by keypad), or the agent after the menu',
      }),
    ),
    agent_id: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: 'The application’s, or the default one, when absent',
      }),
    ),
    dynamic_variables: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1, maxLength: 128 }),
        Type.Union([Type.String({ maxLength: 4096 }), Type.Number(), Type.Boolean()]),
        { maxProperties: 50 },
      ),
    ),
    first_message: Type.Optional(Type.String({ minLength: 1, maxLength: 4096 })),
    language: Type.Optional(
      Type.String({ pattern: '^[a-z]{2}(-[a-zA-Z]{2,4})?$', description: 'ISO 639-1' }),
    ),
    ring_timeout_seconds: Type.Optional(
      Type.Integer({ minimum: 5, maximum: 120, default: DEFAULT_RING_SECONDS }),
    ),
    max_duration_seconds: Type.Optional(
      Type.Integer({
        minimum: 10,
        maximum: 7200,
        description: `${DEFAULT_DURATION_SECONDS}, or what the application’s options say, when absent`,
      }),
    ),
    answering_machine: Type.Optional(
      Type.Enum(['off', 'detect', 'gate'], {
        default: 'off',
        description:
          'detect: who picked up is recorded; gate: and a machine is hung up on. On SIP not built',
      }),
    ),
    retry: Type.Optional(retrySchema),
    metadata: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'At most 4 KiB of JSON' }),
    ),
  },
  { additionalProperties: false },
)

export type StartCallBody = Static<typeof startCallSchema>

export interface StartCallRules {
  readonly defaultAgentId: string | undefined
  /** There is an account of Twilio. */
  readonly hasTwilio: boolean
  /** It is known where Voximplant is. */
  readonly hasVoximplant: boolean
  /** There is a menu. */
  readonly hasFlow: boolean
}

/** What the application that the body names has for its calls. */
export interface StartingApplication {
  readonly agentId: string
  readonly maxDurationSeconds: number
}

/** @throws AppError `NOT_BUILT`, `PROVIDER_NOT_CONFIGURED`, `NUMBER_INVALID`, `REQUEST_INVALID`, each naming its field. */
export function decodeStartCall(
  body: StartCallBody,
  rules: StartCallRules,
  application?: StartingApplication,
): OriginateRequest {
  refuseNotBuilt(body)
  refuseNotConfigured(body, rules)
  refuseApplication(body, application)
  refuseSecrets(body)
  const from = body.from ?? undefined
  const trunk = body.trunk ?? undefined
  const applicationId = body.application_id ?? undefined
  const metadata = body.metadata ?? {}
  const { agentId = rules.defaultAgentId, maxDurationSeconds = DEFAULT_DURATION_SECONDS } =
    application ?? {}
  if (Buffer.byteLength(JSON.stringify(metadata)) > MAX_METADATA_BYTES) {
    throw invalid('metadata', `is larger than ${MAX_METADATA_BYTES} bytes of JSON`)
  }
  return {
    to: decodeNumber('phone_number', body.phone_number),
    ...(from === undefined ? {} : { from: decodeNumber('from', from) }),
    ...(trunk === undefined ? {} : { trunk }),
    ...(body.provider === undefined || body.provider === 'sip' ? {} : { provider: body.provider }),
    ...(body.answer_with === undefined ? {} : { answerWith: body.answer_with }),
    ...(body.answering_machine === undefined || body.answering_machine === 'off'
      ? {}
      : { answeringMachine: body.answering_machine }),
    ...(applicationId === undefined ? {} : { applicationId }),
    agent: decodeAgent(body, agentId),
    ringTimeout: ms((body.ring_timeout_seconds ?? DEFAULT_RING_SECONDS) * 1000),
    maxDuration: ms((body.max_duration_seconds ?? maxDurationSeconds) * 1000),
    metadata,
  }
}

function decodeAgent(body: StartCallBody, defaultAgentId: string | undefined): AgentTarget {
  // Nobody talks but the menu: an agent that is named all the same is not asked.
  const agentId = body.answer_with === 'order-ivr' ? '' : (body.agent_id ?? defaultAgentId)
  if (agentId === undefined) {
    throw invalid('agent_id', 'is needed: no default agent (ELEVENLABS_AGENT_ID) is configured')
  }
  return {
    agentId,
    ...(body.first_message === undefined ? {} : { firstMessage: body.first_message }),
    ...(body.language === undefined ? {} : { language: body.language }),
    dynamicVariables: body.dynamic_variables ?? {},
  }
}

/**
 * Variables whose name begins so are the vendor's secret ones: they go into headers of the agent's tools, never to its
 * model. Metadata is shown to everybody, and what a later attempt needs is kept: secrets belong into neither.
 */
const SECRET_VARIABLE = /^secret__/i

function refuseSecrets({ metadata = {}, dynamic_variables: variables = {}, retry }: StartCallBody) {
  if (Object.keys(metadata).some((name) => SECRET_VARIABLE.test(name)))
    throw invalid(
      'metadata',
      'is shown to everybody: a secret__ variable goes to dynamic_variables',
    )
  if (retry && Object.keys(variables).some((name) => SECRET_VARIABLE.test(name)))
    throw invalid('retry', 'is not possible with secret__ variables: they are never kept')
}

/** Fields the contract names for later: their default does no harm, anything else must not be ignored. */
function refuseNotBuilt(body: StartCallBody): void {
  const { provider = 'sip', answering_machine: machine = 'off' } = body
  if (machine !== 'off' && provider === 'sip') throw notBuilt('answering_machine')
}

function refuseNotConfigured(
  { provider, answer_with: answerWith = 'agent' }: StartCallBody,
  { hasTwilio, hasVoximplant, hasFlow }: StartCallRules,
): void {
  if (provider === 'twilio' && !hasTwilio) throw notConfigured({ field: 'provider' })
  if (provider === 'voximplant' && !hasVoximplant)
    throw voximplantNotConfigured({ field: 'provider' })
  if (answerWith !== 'agent' && !hasFlow)
    throw new AppError('PROVIDER_NOT_CONFIGURED', 'There is no menu here (answer_with).', {
      details: { field: 'answer_with' },
    })
}

/** An application is Voximplant's, and there is no call of Voximplant without one. */
function refuseApplication(
  { provider = 'sip', application_id: id }: StartCallBody,
  application: StartingApplication | undefined,
): void {
  if (provider !== 'voximplant') {
    if (id == null) return
    throw invalid('application_id', 'is for provider "voximplant" alone')
  }
  if (id == null) throw invalid('application_id', 'is needed: a call by Voximplant goes by one')
  if (!application) throw invalid('application_id', 'is none of our Voximplant applications')
}

/** @throws AppError `NUMBER_INVALID`, naming the field. */
export function decodeNumber(field: string, text: string): E164 {
  const number = decodePhoneNumber(text)
  if (number !== undefined) return number
  // The text itself is personal data, and stays with whoever sent it.
  const details = { field }
  throw new AppError('NUMBER_INVALID', `${field} ${whyNoPhoneNumber(text)}.`, { details })
}

export const notBuilt = (field: string): AppError =>
  new AppError('NOT_BUILT', `${field} is not built yet.`, { details: { field } })

export const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', `${field} ${why}.`, { details: { field } })
