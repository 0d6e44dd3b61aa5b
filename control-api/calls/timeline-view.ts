// The events of a call as REST shows them: one flat item each, snake_case, times as RFC 3339.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { CallEventRow } from '../db/schema.ts'

export const timelineItemSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    offset_ms: Type.Number({ description: 'Since the call was created' }),
    type: Type.String(),
  },
  { additionalProperties: true, description: 'The rest of the fields depend on the type' },
)

export type TimelineItem = Static<typeof timelineItemSchema> & Record<string, unknown>

export function viewTimeline(createdAt: number, events: readonly CallEventRow[]): TimelineItem[] {
  return events.map((event) => {
    const head = {
      at: rfc3339(epochMs(event.at)),
      offset_ms: Math.round((event.at - createdAt) * 1000) / 1000,
      type: event.type,
    }
    const data = asSnakeCase(JSON.parse(event.data) as Record<string, unknown>)
    // The head is first in order and last in force: no field of an event may pass for it.
    return { ...head, ...data, ...head }
  })
}

function asSnakeCase(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      viewValue(key, value),
    ]),
  )
}

function viewValue(key: string, value: unknown): unknown {
  // The one naming rule of event data: a number whose name ends in At is a time.
  if (key.endsWith('At') && typeof value === 'number') return rfc3339(epochMs(value))
  if (Array.isArray(value)) return value.map((one) => viewValue('', one))
  if (typeof value === 'object' && value !== null) {
    return asSnakeCase(value as Record<string, unknown>)
  }
  return value
}
