// How the routes describe whatever they answer when they could not do what was asked.
import { Type } from '@fastify/type-provider-typebox'

/** `problemSchema` of plugins/problem-details.ts, which the application knows by this name. */
export const problem = {
  description: 'What went wrong (RFC 9457)',
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
}
