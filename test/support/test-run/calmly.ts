// Runs one file as npm test runs what measures sound: `node calmly.ts FILE`.
import { runCalmly } from '../../../scripts/tap-run.ts'

const counts = await runCalmly(process.argv[2] ?? '', new Set())
console.log(JSON.stringify(counts))
