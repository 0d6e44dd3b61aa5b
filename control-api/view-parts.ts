// What the schemas and the views of many resources are made of, each piece once.
import { Type, type TSchema } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'

export const nullable = <T extends TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

/** One of these. */
export const words = <const T extends readonly string[]>(values: T, description?: string) =>
  Type.Enum(
    values as readonly string[],
    description === undefined ? {} : { description },
  ) as unknown as Type.TEnum<[...T]>

/** RFC 3339 of milliseconds since 1970. */
export function viewTime(at: number): string
export function viewTime(at: number | null): string | null
export function viewTime(at: number | null): string | null {
  return at === null ? null : rfc3339(epochMs(at))
}

/** Seconds to the millisecond, money to the thousandth. */
export const roundTo3 = (value: number): number => Math.round(value * 1000) / 1000
