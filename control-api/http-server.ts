// The Fastify instance type every plugin and route of ours works on.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'

export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Who may call a route: anyone, whoever has a key, or (metrics) anyone on loopback and else whoever has a key. */
export type Access = 'open' | 'key' | 'metrics'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `key` unless said otherwise. */
    access?: Access
  }
}
