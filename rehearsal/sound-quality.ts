// How the sound fared as the product counted it, in one line: the call's `media.summary` in words. Pure.
import type { Take } from './take.ts'

type Fields = Readonly<Record<string, unknown>>

/** What is unknown is left out; null without a summary: the call was not answered. */
export function soundQualityOf({ timeline }: Take): string | null {
  const summary = timeline.find(({ type }) => type === 'media.summary')?.fields
  if (summary === undefined) return null
  const { concealed_ms: concealedMs, round_trip_ms: roundTripMs } = summary
  const received = fieldsOf(summary['received'])
  const sent = fieldsOf(summary['sent'])
  const expected = Number(received['packets']) + Number(received['lost'])
  const parts = [
    direction('received', [
      lossOf(received, expected),
      ...known(concealedMs, (ms) => `${ms.toFixed(0)} ms concealed`),
      mosOf(received),
    ]),
    direction('sent', [lossOf(sent, Number(sent['packets'])), mosOf(sent)]),
    ...known(roundTripMs, (ms) => `round trip ${ms.toFixed(ms < 10 ? 1 : 0)} ms`),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

function direction(name: string, facts: readonly string[]): string {
  const said = facts.filter((fact) => fact !== '')
  return said.length === 0 ? '' : `${name} ${said.join(', ')}`
}

/** Counted by RTCP it can be below 0: what came twice makes up for what was lost (RFC 3550 §6.4.1). */
function lossOf({ lost }: Fields, expected: number): string {
  if (typeof lost !== 'number' || !(expected > 0)) return ''
  return `${((Math.max(0, lost) / expected) * 100).toFixed(1)} % lost`
}

const mosOf = ({ mos }: Fields): string => known(mos, (score) => `MOS ${score.toFixed(1)}`).join('')

const known = (value: unknown, say: (value: number) => string): string[] =>
  typeof value === 'number' ? [say(value)] : []

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? { ...value } : {}
