// Run in a worker: the console of this thread is the test's own.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'

const LOGGER = new URL('../../../core/telemetry/index.ts', import.meta.url).href
const PROGRAM = `
  import { parentPort, workerData } from 'node:worker_threads'
  const { createLogger, logLibraryConsole } = await import('${LOGGER}')
  const lines = []
  logLibraryConsole(createLogger('debug', { write: (line) => lines.push(JSON.parse(line)) }))
  console.error(new Error('failed to parse'), 'unable to parse incoming message: SIP/2.0 486 ' + workerData)
  console.log(workerData.padStart(200, '-'))
  console.warn({ workerData })
  parentPort.postMessage(lines)
`

t.test('of what a library prints only its own words are logged', async (t) => {
  const url = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`)
  const worker = new Worker(url, { workerData: 'planted', stdout: true, stderr: true })
  t.teardown(() => worker.terminate())
  const [lines] = (await once(worker, 'message')) as [readonly Record<string, unknown>[]]
  t.notMatch(JSON.stringify(lines), /planted/)
  t.match(lines, [
    {
      level: 'warn',
      msg: 'a library wrote to the console',
      words: 'unable to parse incoming message',
      err: { message: 'failed to parse' },
    },
    { words: /^-{80}$/ },
    { words: '' },
  ])
  t.equal(worker.stderr.read(), null, 'nothing was printed')
  t.equal(worker.stdout.read(), null)
})
