// The simulated HeyGen by hand.
import { runStudioByHand } from '../animation-studio/by-hand.ts'
import { heyGenLines, heyGenOptionsOf, HEYGEN_OPTIONS } from './program.ts'
import { startHeyGen } from './simulator.ts'

await runStudioByHand({
  name: 'HeyGen',
  folder: 'heygen',
  about: 'A stand-in for HeyGen (API v3) on 127.0.0.1: assets, videos, webhooks, results.',
  options: HEYGEN_OPTIONS,
  start: (asked, port) => startHeyGen({ ...heyGenOptionsOf(asked), port }),
  linesOf: heyGenLines,
})
