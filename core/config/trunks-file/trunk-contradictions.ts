// What cannot stand together in one trunk, whatever else is configured. The entry may be incomplete: what is missing or
// wrong in itself is told already.
import type { NumberEntry, TrunkEntry } from './trunks-schema.ts'

/** Anything may be missing, at any depth. */
export type Draft<T> = T extends readonly (infer E)[]
  ? readonly (Draft<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
    : T

export interface Contradiction {
  /** The key it is told at. */
  readonly key: string
  readonly problem: string
}

export function contradictions(trunk: Draft<TrunkEntry>): readonly Contradiction[] {
  return [
    ...ofReach(trunk),
    ...ofNumbers(trunk),
    ...ofCallerId(trunk),
    ...ofRoutes(trunk),
    ...ofMedia(trunk),
  ]
}

/** The same of who answers a number. */
export function numberContradictions({
  agent,
  answer_with: answerWith,
  reject,
}: Draft<NumberEntry>): readonly Contradiction[] {
  if (reject !== undefined && (agent !== undefined || answerWith !== undefined))
    return [{ key: 'reject', problem: 'refuses whom another key answers: take one of the two out' }]
  if (answerWith !== 'order-ivr' || agent === undefined) return []
  const problem =
    'is of no use beside answer_with: order-ivr, where nobody follows: write order-ivr-then-agent, or take it out'
  return [{ key: 'agent', problem }]
}

function ofReach({ proxy, transport }: Draft<TrunkEntry>): Contradiction[] {
  if (proxy === undefined || transport === undefined) return []
  const problem =
    'is of no use beside proxy, which is what is reached: take it out, and write ;transport=… behind the proxy'
  return [{ key: 'transport', problem }]
}

/** A number of the country could not be told from one abroad, neither by us nor by who dials it. */
function ofNumbers({ number_format: format }: Draft<TrunkEntry>): Contradiction[] {
  if (typeof format !== 'object') return []
  if (format.national_prefix !== '' || format.international_prefix !== '') return []
  const problem = 'is empty, as national_prefix is: numbers here and abroad would look alike'
  return [{ key: 'number_format.international_prefix', problem }]
}

function ofCallerId(trunk: Draft<TrunkEntry>): Contradiction[] {
  const { caller_id: callerId } = trunk
  if (callerId?.from !== 'account') return []
  const key = 'caller_id.from'
  if (callerId.anonymous === true)
    return [{ key, problem: 'shows the account, while anonymous hides it: choose one' }]
  if (Object.hasOwn(trunk, 'account')) return []
  return [{ key, problem: 'is account, and there is none: add account, or choose number' }]
}

/** One prefix twice would have two priorities. */
function ofRoutes({ routes }: Draft<TrunkEntry>): Contradiction[] {
  const seen = new Set<string>()
  return (routes ?? []).flatMap((route, at) => {
    const own = new Set((route?.prefixes ?? []).filter((prefix) => prefix !== undefined))
    const isRepeated = [...own].some((prefix) => seen.has(prefix))
    for (const prefix of own) seen.add(prefix)
    const problem = 'has a prefix of an earlier route of this trunk: leave it in one of them'
    return isRepeated ? [{ key: `routes[${at}].prefixes`, problem }] : []
  })
}

const needsAnchor = (codec: string | undefined): boolean => codec === 'G722' || codec === 'opus'

function ofMedia(trunk: Draft<TrunkEntry>): Contradiction[] {
  const { media, codecs, srtp } = trunk
  // One that could not be read may mean it.
  if (media === 'anchored' || (media === undefined && Object.hasOwn(trunk, 'media'))) return []
  const todo = 'set media: anchored and FREESWITCH_HOST'
  const foreign = (codecs ?? []).findIndex(needsAnchor)
  return [
    ...(foreign === -1
      ? []
      : [
          {
            key: `codecs[${foreign}]`,
            problem: `is spoken by FreeSWITCH only: ${todo}, or keep to PCMU and PCMA`,
          },
        ]),
    ...(srtp === 'required'
      ? [{ key: 'srtp', problem: `is done by FreeSWITCH only: ${todo}, or take it out` }]
      : []),
  ]
}
