// Runs one file as npm test runs what it runs alone: `node alone.ts FILE`.
import { runAlone } from '../../../scripts/tap-run.ts'

const counts = await runAlone(process.argv[2] ?? '', new Set())
console.log(JSON.stringify(counts))
