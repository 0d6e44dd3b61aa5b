// A process with the whole control API beside simulated vendors of another process; it is killed in the middle of what it
// does. Says where it listens.
import type { ControlApiConfig } from '../../control-api/index.ts'
import { openBareApi } from './bare-api.ts'

const [dataDir = '', config = '{}'] = process.argv.slice(2)
// Written by whoever starts it: tests and proofs.
const api = await openBareApi({ ...(JSON.parse(config) as Partial<ControlApiConfig>), dataDir })
await api.listen()
api.setReady('ready')
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${api.address.port}` })}\n`)
