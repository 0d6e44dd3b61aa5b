// What a call cost, for lists: its agent, and beside that what the telephony vendor charges in its own currency.
import { money } from '../words/amounts.ts'

interface Part {
  readonly kind: string
  readonly amount_minor: number | null
  readonly currency?: string
}

interface Cost {
  readonly amount_minor: number
  readonly currency: string
  readonly parts: readonly Part[]
}

/** Undefined: the vendor has told nothing, or there is none. */
export function telephonyWords(cost: Cost | null): string | undefined {
  const charge = telephonyOf(cost)
  return charge && money(charge.amountMinor, charge.currency)
}

function telephonyOf(cost: Cost | null) {
  const part = cost?.parts.find(({ kind }) => kind === 'telephony')
  if (part?.currency === undefined || part.amount_minor === null) return undefined
  return { amountMinor: part.amount_minor, currency: part.currency }
}

/** Two sums stay two: nobody here knows today's rates. Empty: it cost nothing. */
export function costWords(cost: Cost | null): string {
  const agent = cost && { amountMinor: cost.amount_minor, currency: cost.currency }
  return [agent, telephonyOf(cost)]
    .flatMap((one) => (one && one.amountMinor > 0 ? [money(one.amountMinor, one.currency)] : []))
    .join(' + ')
}
