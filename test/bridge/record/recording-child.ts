// A program that records: both sides talk, at ten times the speed of time, until it is killed or its disk is full.
// Usage: node recording-child.ts PATH. Prints a line for each second recorded, and why it ended.
import { openRecorder } from '../../../bridge/record/recorder.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { noise } from './stage.ts'

const [, , path = ''] = process.argv
const FRAMES_AT_ONCE = 10
const said = noise(160 * 500)
let frame = 0
// Without a listener the signal that comes with EFBIG ends the process.
process.on('SIGXFSZ', () => undefined)

const recorder = openRecorder(
  {
    logger: createLogger('silent'),
    now: () => frame * 20,
    onFailed(detail) {
      process.stdout.write(`failed ${detail}\n`)
      clearInterval(timer)
      void recorder.finish().then((file) => process.stdout.write(`kept ${file?.bytes ?? 0}\n`))
    },
  },
  { path, startedAtMs: 0 },
)

const timer = setInterval(() => {
  for (let count = 0; count < FRAMES_AT_ONCE; count += 1) {
    frame += 1
    const line = said.subarray((frame % 500) * 160, (frame % 500) * 160 + 160)
    recorder.caller(line, 'PCMU')
    recorder.agent(line, 0, 'PCMU', frame * 20, 0)
  }
  if (frame % 50 === 0) process.stdout.write(`second ${frame / 50}\n`)
}, 20)
