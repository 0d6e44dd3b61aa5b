// A process with the whole control API beside a Voximplant of another process; it is killed in the middle of what it reads.
// Says where it listens, and how far the synchronisation is that somebody asked for.
import { openControlApi } from '../../control-api/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

const [dataDir = '', baseUrl = ''] = process.argv.slice(2)
const logger = createLogger('warn', process.stderr)
const api = await openControlApi(
  {
    logger,
    metrics: createMetrics(),
    clock: createClock(),
    events: createCallEventBus((error) => {
      throw error
    }),
    callControl: () => undefined,
    sipTrace: { ofCall: () => Promise.resolve({ kind: 'unavailable', why: 'There is none.' }) },
  },
  {
    httpHost: '127.0.0.1',
    httpPort: 0,
    requireKey: false,
    rehearsal: true,
    dataDir,
    defaultAgentId: undefined,
    agentVariables: [],
    pricePerMinute: 0.08,
    version: '0.0.0-test',
    voximplant: { baseUrl },
    howTo: () => ({ apiUrl: '', sipUri: '', exampleCurl: '', demoNumbers: [] }),
  },
)
await api.listen()
api.setReady('ready')
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${api.address.port}` })}\n`)
