// The simulated HeyGen as its options ask for it: used by its own program and by that of the whole world.
import { PUBLIC_URL, studioOptionsOf } from '../animation-studio/program.ts'
import type { AskedFor, OptionText } from '../command-line.ts'
import type { HeyGenOptions, HeyGenSimulator } from './options.ts'

export const HEYGEN_OPTIONS: readonly OptionText[] = [
  { name: 'heygen-key', takes: 'KEY', what: 'key at HeyGen; default any-key' },
]

/** @throws UsageError */
export const heyGenOptionsOf = (asked: AskedFor): HeyGenOptions => ({
  ...studioOptionsOf(asked),
  apiKey: asked.text('heygen-key') ?? 'any-key',
})

/** For .env. */
export const heyGenLines = ({ apiKey, baseUrl }: HeyGenSimulator): string[] => [
  `HEYGEN_API_KEY=${apiKey}`,
  `HEYGEN_BASE_URL=${baseUrl}`,
  'HEYGEN_VOICE_ID=any-voice',
  `PUBLIC_URL=${PUBLIC_URL}`,
]
