// The simulated D-ID as its options ask for it: used by its own program and by that of the whole world.
import { PUBLIC_URL, studioOptionsOf } from '../animation-studio/program.ts'
import type { AskedFor, OptionText } from '../command-line.ts'
import type { DIdOptions, DIdSimulator } from './options.ts'

export const D_ID_OPTIONS: readonly OptionText[] = [
  { name: 'd-id-key', takes: 'KEY', what: 'key at D-ID, USER:PASSWORD; default any-user:any-key' },
]

/** @throws UsageError */
export const dIdOptionsOf = (asked: AskedFor): DIdOptions => ({
  ...studioOptionsOf(asked),
  apiKey: asked.text('d-id-key') ?? 'any-user:any-key',
})

/** For .env. */
export const dIdLines = ({ apiKey, baseUrl }: DIdSimulator): string[] => [
  `DID_API_KEY=${apiKey}`,
  `DID_BASE_URL=${baseUrl}`,
  `PUBLIC_URL=${PUBLIC_URL}`,
]
