// The id of a memorial, as callers name it.
import { Type } from '@fastify/type-provider-typebox'

/** An opaque key of the caller’s. Dots alone are a step in an address. */
export const memorialIdSchema = Type.String({
  pattern: '^[A-Za-z0-9._-]*[A-Za-z0-9_-][A-Za-z0-9._-]*$',
  minLength: 1,
  maxLength: 64,
})
