// Branded quantities: a number that crosses a folder says its unit in its type or in its name.
declare const unit: unique symbol
type Unit<U extends string> = number & { readonly [unit]: U }

/** A duration in milliseconds. */
export type Milliseconds = Unit<'ms'>
/** Milliseconds since 1970-01-01 UTC, with a fraction; comparable across the threads of one process (core/time). */
export type EpochMs = Unit<'epoch-ms'>
/** Samples a second. */
export type SampleRate = Unit<'hz'>

export const ms = (value: number): Milliseconds => finite(value, 'milliseconds') as Milliseconds
export const epochMs = (value: number): EpochMs => finite(value, 'epoch milliseconds') as EpochMs
export const hz = (value: number): SampleRate => finite(value, 'hertz') as SampleRate

function finite(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`not a number of ${what}: ${value}`)
  return value
}

/** RFC 3339 UTC with milliseconds, as every document of ours writes a time. */
export const rfc3339 = (at: EpochMs): string => new Date(at).toISOString()
