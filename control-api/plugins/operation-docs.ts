// What every operation of the OpenAPI document says beside its route's own schema: a name for clients made from it, who
// may ask, and how it refuses.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import type { Access } from '../http-server.ts'

/** What @fastify/swagger reads of a schema beside what Fastify knows. */
interface Described extends FastifySchema {
  readonly hide?: boolean
  readonly operationId?: string
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly produces?: readonly string[]
  readonly consumes?: readonly string[]
  readonly description?: string
}

export interface DescribedRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
}

type Responses = Readonly<Record<string, unknown>>

/** How the two ways to show who one is are called in the document. */
export const KEY_SCHEME = 'apiKey'
export const SESSION_SCHEME = 'session'

const problem = (description: string): unknown => ({
  description,
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
})

const UPLOAD = 'multipart/form-data'
/** Told to readers alone: the route takes it as a stream, and says itself what is wrong with it. */
const FILE = Type.Object({ file: Type.String({ format: 'binary' }) })

const WITH_KEY: Described['security'] = [{ [KEY_SCHEME]: [] }, { [SESSION_SCHEME]: [] }]
const SECURITY: Readonly<Record<Access, Described['security']>> = {
  open: [],
  viewer: WITH_KEY,
  operator: WITH_KEY,
  admin: WITH_KEY,
  // On loopback nobody is asked.
  metrics: [...WITH_KEY, {}],
}

/** The schema as the document shows it; what the route says itself stays. */
export function describeOperation(schema: Described, route: DescribedRoute): Described {
  if (schema.hide === true) return schema
  const { access } = route
  return {
    operationId: operationId(route),
    security: SECURITY[access],
    ...(access === 'open' ? {} : { description: `Needs the role ${access}.` }),
    ...schema,
    ...(schema.consumes?.includes(UPLOAD) === true ? { body: FILE } : {}),
    response: withRefusals((schema.response ?? {}) as Responses, schema, access),
  } as Described
}

function withRefusals(responses: Responses, schema: Described, access: Access): Responses {
  const given = responses
  const has = (...codes: readonly string[]): boolean => codes.some((code) => code in given)
  const takesInput = schema.body ?? schema.querystring ?? schema.params ?? schema.headers
  return {
    ...(Object.keys(given).some((code) => /^[1-3]/.test(code))
      ? {}
      : { 200: plain(schema.produces) }),
    ...given,
    ...(takesInput === undefined || has('400', '4xx') ? {} : { 400: problem('Not valid') }),
    ...(access === 'open' || has('401', '4xx')
      ? {}
      : { 401: problem('No key was sent, or one that is not known') }),
    ...(access === 'open' || has('403', '4xx')
      ? {}
      : { 403: problem('The role of the key is not enough, or a foreign page asks') }),
    ...(has('429', '4xx') ? {} : { 429: problem('Too many requests, or too many wrong keys') }),
    ...(has('default') ? {} : { default: problem('What went wrong (RFC 9457)') }),
  }
}

const plain = (produces: Described['produces'] = ['application/json']): unknown => ({
  description: 'As asked',
  content: Object.fromEntries(produces.map((type) => [type, { schema: Type.String() }])),
})

/**
 * `GET /api/calls/:call_id/timeline` is getCallTimeline: one of a list goes by the list's name in the singular. A route
 * whose name would be another's too says its own.
 */
function operationId({ method, url }: DescribedRoute): string {
  const segments = url.split('/').filter((segment) => segment !== '')
  const words = (segments[0] === 'api' ? segments.slice(1) : segments).flatMap(
    (segment, at, all) => {
      if (segment.startsWith(':')) return []
      return [all[at + 1]?.startsWith(':') === true ? segment.replace(/s$/, '') : segment]
    },
  )
  return (
    method.toLowerCase() +
    words
      .flatMap((word) => word.split(/\W|_/))
      .map(capital)
      .join('')
  )
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
