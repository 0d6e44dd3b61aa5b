// Prints what npm test would count: `node count.ts FILE …`.
import { runTap } from '../../../scripts/tap-run.ts'

const counts = await runTap(process.argv.slice(2))
console.log(JSON.stringify(counts))
