// Every error as application/problem+json (RFC 9457), mapped once, here.
import { STATUS_CODES } from 'node:http'
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, codeOf, ERROR_REGISTRY, type ErrorCode } from '#core/errors'
import { maskedText, type Logger } from '#core/telemetry'
import type { HttpServer } from '../http-server.ts'
import { namedRequest } from './request-telemetry.ts'
import { shownName, shownPath } from './shown-name.ts'

export const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:voicegate:error: and the code in lower case' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String({ description: 'Match on this' }),
    instance: Type.String(),
    what_to_do: Type.Optional(Type.String()),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), message: Type.String() })),
    ),
  },
  { $id: 'Problem', title: 'Problem' },
)

export type Problem = Static<typeof problemSchema>

interface FieldError {
  readonly field: string
  readonly message: string
}

interface Failure {
  readonly code: ErrorCode
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number | undefined
  /** Other than what the registry says, where a route knows better. */
  readonly whatToDo?: string | undefined
}

export function installProblemDetails(app: HttpServer, logger: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = describe(error)
    const route = request.routeOptions.url ?? '(unmatched)'
    logFailure(logger, error, failure, { ...namedRequest(request), route })
    return sendProblem(request, reply, failure)
  })
}

/** Nothing of ours failed: it is not set up, or there is more to do than is taken. */
const NO_FAILURES: ReadonlySet<ErrorCode> = new Set(['PROVIDER_NOT_CONFIGURED'])
const OVERLOADS: ReadonlySet<ErrorCode> = new Set(['MEDIA_BUSY'])

function logFailure(
  logger: Logger,
  error: unknown,
  { code, detail }: Failure,
  asked: Readonly<Record<string, string>>,
): void {
  if (ERROR_REGISTRY[code].httpStatus < 500 || NO_FAILURES.has(code)) return
  if (OVERLOADS.has(code) || isOverload(error))
    logger.warn({ code, detail, ...asked }, 'a request was sent away: there is no room for more')
  else logger.error({ err: error, code, ...asked }, 'a request failed')
}

/** Said by whoever threw it, of a code that else means a failure: a disk that is full. */
const isOverload = (error: unknown): boolean =>
  error instanceof AppError && error.details['is_overload'] === true

/** What a program gets for a path that nobody knows (a browser: console-files.ts). */
export const sendNotFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendProblem(request, reply, { code: 'NOT_FOUND', detail: 'There is no such route.' })

export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  failure: Failure,
): FastifyReply {
  const problem = renderProblem(failure, pathOf(request))
  if (failure.code === 'UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer')
  if (ERROR_REGISTRY[failure.code].retryable) {
    reply.header('retry-after', String(failure.retryAfterSeconds ?? 1))
  }
  return reply
    .status(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}

export function renderProblem(failure: Failure, instance: string): Problem {
  const entry = ERROR_REGISTRY[failure.code]
  return {
    type: `urn:voicegate:error:${failure.code.toLowerCase().replaceAll('_', '-')}`,
    title: entry.title,
    status: entry.httpStatus,
    detail: maskedText(failure.detail),
    code: failure.code,
    instance: shownPath(instance),
    what_to_do: failure.whatToDo ?? entry.whatToDo,
    ...(failure.errors ? { errors: failure.errors.map(maskedField) } : {}),
  }
}

const maskedField = ({ field, message }: FieldError): FieldError => ({
  field,
  message: maskedText(message),
})

/** Without the query: it may hold a number or a token. */
const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '/'

function describe(error: unknown): Failure {
  const code = codeOf(error)
  if (code !== undefined && error instanceof Error) return describeOurs(code, error)
  return describeFastify(error) ?? { code: 'INTERNAL', detail: 'The log has the details.' }
}

function describeOurs(code: ErrorCode, error: Error): Failure {
  if (!(error instanceof AppError)) return { code, detail: error.message }
  const { field, what_to_do: whatToDo } = error.details
  return {
    code,
    detail: error.message,
    ...(typeof field === 'string' ? { errors: [{ field, message: error.message }] } : {}),
    retryAfterSeconds: error.retryAfterSeconds,
    whatToDo: typeof whatToDo === 'string' ? whatToDo : undefined,
  }
}

const NO_JSON: ReadonlySet<unknown> = new Set([
  'FST_ERR_CTP_EMPTY_JSON_BODY',
  'FST_ERR_CTP_INVALID_JSON_BODY',
])

/** What Fastify says of requests it cannot take. Its texts may quote the request, so they are not passed on. */
function describeFastify(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined
  if ('validation' in error && Array.isArray(error.validation)) return describeInvalid(error)
  const code = 'code' in error ? error.code : undefined
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return { code: 'PAYLOAD_TOO_LARGE', detail: 'The request body is larger than 64 KiB.' }
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return { code: 'UNSUPPORTED_MEDIA_TYPE', detail: 'Only JSON is read here.' }
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined
  const detail =
    NO_JSON.has(code) || error instanceof SyntaxError
      ? 'The body is not valid JSON.'
      : `The request is not valid (${STATUS_CODES[status] ?? status}).`
  return { code: 'REQUEST_INVALID', detail }
}

interface SchemaError {
  readonly keyword?: string
  readonly instancePath?: string
  readonly message?: string
  readonly params?: Readonly<Record<string, unknown>>
}

/** The names users know, for the names Fastify gives. */
const PARTS: Readonly<Record<string, string>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'headers',
}

function describeInvalid(error: Error & { validation?: unknown }): Failure {
  const context = 'validationContext' in error ? String(error.validationContext) : 'body'
  const part = PARTS[context] ?? 'request'
  const errors = oneByField(
    withoutEchoes(error.validation as SchemaError[]).map((one) => fieldOf(one, part)),
  )
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ')
  return { code: 'REQUEST_INVALID', detail: `The ${part} is not valid: ${detail}.`, errors }
}

/** A field that is not known is told by its name; its object says the same again, without one. */
function withoutEchoes(errors: readonly SchemaError[]): readonly SchemaError[] {
  const isNamed = errors.some(({ keyword }) => keyword === 'boolean')
  return isNamed ? errors.filter(({ keyword }) => keyword !== 'additionalProperties') : errors
}

/** A place in a list is no part of a number. */
const shownStep = (step: string): string => (/^\d{1,2}$/.test(step) ? step : shownName(step))

function fieldOf(
  { keyword, instancePath, message, params }: SchemaError,
  part: string,
): FieldError {
  const path = (instancePath ?? '').split('/').filter(Boolean)
  const name = (at: readonly string[]): string =>
    at.length === 0 ? part : at.map(shownStep).join('.').slice(0, 128)
  switch (keyword) {
    case 'required':
      return {
        field: name([...path, ...namesIn(params, 'requiredProperties')]),
        message: 'is missing',
      }
    case 'boolean': // The schema `false` of additionalProperties.
      return { field: name(path), message: 'is not known here' }
    case 'enum':
      return { field: name(path), message: `must be one of ${allowedValues(params)}` }
    case 'anyOf':
      return { field: name(path), message: UNION_MESSAGE }
    default:
      return { field: name(path), message: message ?? 'is not valid' }
  }
}

const UNION_MESSAGE = 'has a type or value that is not allowed here'

function allowedValues(params: SchemaError['params']): string {
  const values = params?.['allowedValues']
  return Array.isArray(values) ? values.map(String).join(', ') : 'the values of /docs'
}

function namesIn(params: SchemaError['params'], key: string): string[] {
  const names = params?.[key]
  return Array.isArray(names) ? names.slice(0, 1).map(String) : []
}

/** A union says no once for each branch and once for itself; the reader needs one line a field. */
function oneByField(errors: readonly FieldError[]): FieldError[] {
  const byField = new Map<string, FieldError>()
  for (const error of errors) {
    const known = byField.get(error.field)
    if (!known || error.message === UNION_MESSAGE) byField.set(error.field, error)
  }
  return [...byField.values()].slice(0, 10)
}
