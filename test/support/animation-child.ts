// A process with the whole control API beside simulated providers of another process; it is killed in the middle of what it
// does. Says where it listens.
import { openControlApi, type ControlApiConfig } from '../../control-api/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

const [dataDir = '', given = '{}'] = process.argv.slice(2)
// Written by whoever starts it: tests and proofs.
const media = JSON.parse(given) as Pick<ControlApiConfig, 'media' | 'mediaTiming'>
const api = await openControlApi(
  {
    logger: createLogger('warn', process.stderr),
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
    howTo: () => ({ apiUrl: '', sipUri: '', exampleCurl: '', demoNumbers: [] }),
    ...media,
  },
)
await api.listen()
api.setReady('ready')
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${api.address.port}` })}\n`)
