// The Fastify instance type every plugin and route of ours works on.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { CallId } from '#core/contracts'
import type { DialBudget } from './access/dial-budget.ts'

export type HttpServer = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What a key may do: a viewer reads, an operator acts on calls, an admin does everything; metrics only scrapes. */
export const ROLES = ['admin', 'operator', 'viewer', 'metrics'] as const
export type Role = (typeof ROLES)[number]

/** Who may call a route: anyone, or whoever has a key of this role or a higher one. */
export type Access = 'open' | Role

/** Whoever sent a request, once known. */
export interface Principal {
  /** Of the key; `bootstrap` for API_KEY, `rehearsal` where no key is needed, `anybody` on a route open to all. */
  readonly keyId: string
  readonly role: Role
  /** Where the key came from: a program's header, or the console's session. */
  readonly by: 'key' | 'session' | 'nobody'
  readonly budget?: DialBudget
  /** For what outlives the request: the role they have by then; undefined once key or session is over. */
  readonly roleNow?: () => Promise<Role | undefined>
}

/** `viewer` for GET, `operator` for everything else, unless the route says otherwise. */
export const accessOf = (method: string, config: { readonly access?: Access }): Access =>
  config.access ?? (method === 'GET' || method === 'HEAD' ? 'viewer' : 'operator')

/** Every role may do what the ones behind it may. */
export const mayUse = (role: Role, access: Role): boolean =>
  ROLES.indexOf(role) <= ROLES.indexOf(access)

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See `accessOf` for what holds when it is absent. */
    access?: Access
  }
  interface FastifyRequest {
    principal: Principal
    /** The call that it has placed. */
    startedCall?: CallId | undefined
  }
}
