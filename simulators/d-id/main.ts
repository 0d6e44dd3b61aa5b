// The simulated D-ID by hand.
import { runStudioByHand } from '../animation-studio/by-hand.ts'
import { dIdLines, dIdOptionsOf, D_ID_OPTIONS } from './program.ts'
import { startDId } from './simulator.ts'

await runStudioByHand({
  name: 'D-ID',
  folder: 'd-id',
  about: 'A stand-in for D-ID on 127.0.0.1: photos, talks, webhooks, results.',
  options: D_ID_OPTIONS,
  start: (asked, port) => startDId({ ...dIdOptionsOf(asked), port }),
  linesOf: dIdLines,
})
