// A way out to the telephone network. One for now; selection and failover come with the trunks file.
import type { E164 } from '#core/contracts'

export interface Trunk {
  /** Label in metrics and records. */
  readonly name: string
  /** Host and optional port of `sip:number@domain`. */
  readonly domain: string
  /** The numbers we may show as ours; the first is the default. */
  readonly numbers: readonly E164[]
}

/** `sip:+49…@domain`: the form every replaced system dialled, and the one carriers expect. */
export const requestUri = (trunk: Trunk, number: string): string => `sip:${number}@${trunk.domain}`

export const fromHeader = (trunk: Trunk, number: string): string =>
  `<sip:${number}@${trunk.domain}>`
