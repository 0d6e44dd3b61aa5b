// When a call that did not reach anybody is dialled again: what may be asked for, and how it is kept.
import { Type, type Static } from '@fastify/type-provider-typebox'

/** Nobody who declined is rung again, and nobody calls again where we called off. */
export const RETRIED_OUTCOMES = ['no-answer', 'busy', 'failed'] as const
export type RetriedOutcome = (typeof RETRIED_OUTCOMES)[number]

export const retrySchema = Type.Object(
  {
    attempts: Type.Integer({
      minimum: 1,
      maximum: 5,
      description: 'How often it is dialled again at most',
    }),
    after_seconds: Type.Integer({
      minimum: 60,
      maximum: 86_400,
      description: 'From the end of one attempt to the next',
    }),
    on: Type.Array(Type.Enum([...RETRIED_OUTCOMES]), {
      minItems: 1,
      maxItems: RETRIED_OUTCOMES.length,
      uniqueItems: true,
      description:
        'After these outcomes. failed: only where another attempt may do better, so not after a number that does not exist',
    }),
  },
  {
    additionalProperties: false,
    description: 'Whoever declines is never rung again, and a call that was called off is over',
  },
)

export type RetryPolicy = Static<typeof retrySchema>

export const encodePolicy = ({ attempts, after_seconds, on }: RetryPolicy): string =>
  JSON.stringify({ attempts, after_seconds, on })

/** We wrote it ourselves, so its shape is taken on trust. */
export const decodePolicy = (text: string): RetryPolicy => JSON.parse(text) as RetryPolicy
