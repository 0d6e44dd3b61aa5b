// A process that runs a rehearsal, says which process that is, and can be killed.
import { createRehearsals } from '../../startup/rehearsal-runs.ts'

const [dataDir = ''] = process.argv.slice(2)
const rehearsals = createRehearsals({ dataDir, pricePerMinute: 0.08 })
await rehearsals?.start('carrier-vanishes', (event) => {
  process.stdout.write(`${JSON.stringify(event)}\n`)
})
