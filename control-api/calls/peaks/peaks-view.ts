// Peaks as REST shows them, for drawing: so many values a side, in time slices of the same length. Written as text here:
// 400,000 numbers through the serializer of the framework would hold the thread for tens of milliseconds.
import { setImmediate } from 'node:timers/promises'
import { Type } from '@fastify/type-provider-typebox'
import type { Peaks } from './peak-scan.ts'

export const MOST_POINTS = 200_000
export const USUAL_POINTS = 4000

const strict = { additionalProperties: false }
const side = (who: string) =>
  Type.Array(Type.Integer({ minimum: 0, maximum: 127 }), { description: who })

export const peaksSchema = Type.Object(
  {
    duration_seconds: Type.Number(),
    offset_ms: Type.Number({
      description: 'Where the recording begins, since the call was created, as in its timeline',
    }),
    points_per_second: Type.Number({ description: 'Not a whole number in general; 200 at most' }),
    channels: Type.Object(
      { caller: side('As loud as it got, 127 being full scale'), agent: side('The same') },
      strict,
    ),
  },
  strict,
)

/** Stretches looked at in one go: a millisecond or two. */
const IN_ONE_GO = 200_000
const MOST_IN_ONE_GO = 10_000
const FULL_SCALE = 32_768
const SCALE = 127

/** JSON of the schema above. */
export async function renderPeaks(
  peaks: Peaks,
  { points, offsetMs }: { readonly points: number; readonly offsetMs: number },
): Promise<string> {
  const { sampleRate, samples, stretch, caller, agent } = peaks
  const merged = Math.max(1, Math.ceil(caller.length / points))
  const head = {
    duration_seconds: samples / sampleRate,
    offset_ms: offsetMs,
    points_per_second: sampleRate / stretch / merged,
  }
  const parts = [JSON.stringify(head).slice(0, -1), ',"channels":{"caller":[']
  for await (const part of valuesOf(caller, merged)) parts.push(part)
  parts.push('],"agent":[')
  for await (const part of valuesOf(agent, merged)) parts.push(part)
  parts.push(']}}')
  return parts.join('')
}

/** The texts of all values with commas between them; others have their turn between two of them. */
async function* valuesOf(side: Uint16Array, merged: number): AsyncGenerator<string> {
  const count = Math.ceil(side.length / merged)
  const step = Math.max(1, Math.min(MOST_IN_ONE_GO, Math.floor(IN_ONE_GO / merged)))
  for (let first = 0; first < count; first += step) {
    if (first > 0) await setImmediate()
    const values: number[] = []
    for (let at = first; at < Math.min(count, first + step); at += 1)
      values.push(Math.round((loudest(side, at * merged, merged) * SCALE) / FULL_SCALE))
    yield (first === 0 ? '' : ',') + values.join(',')
  }
}

export function loudest(side: Uint16Array, from: number, count: number): number {
  const end = Math.min(side.length, from + count)
  let most = 0
  for (let at = from; at < end; at += 1) most = Math.max(most, side[at] ?? 0)
  return most
}
