// examples/place-a-call.mjs against the product in rehearsal, as `npm start` runs it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startChild } from '../support/child-product.ts'
import { eventually, freeTcpPort } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { runExample } from './run-example.ts'

const FILE = 'place-a-call.mjs'
const ANSWERS = '+4930231250000'
const HANGS_UP = '+4930231250071'
const BUSY = '+4930231250086'

t.test('in rehearsal', async (t) => {
  const product = await startChild(t)
  const place = (number: string) =>
    runExample(t, FILE, [number], { VOICEGATE_URL: product.view.apiUrl })

  const [answered, busy, wrong] = [place(HANGS_UP), place(BUSY), place('0301')]
  const aborted = place(ANSWERS)
  await eventually('an answer', 10_000, () => aborted.stdout.includes('answered'))
  aborted.signal('SIGINT')

  t.match(await answered.ended, { code: 0 }, answered.stderr)
  t.match(
    answered.stdout,
    /^call {5}call_\w+\n(?:status .*\n)*status {3}answered\nstatus {3}ended\noutcome {2}answered\n/,
  )
  t.match(answered.stdout, /^because {2}success\/hangup, by the callee$/m)
  const agent = /^agent {4}([\d.]+) s, 1 session\(s\), \d cent$/m.exec(answered.stdout)
  t.ok(Number(agent?.[1]) > 2, answered.stdout)

  t.match(await busy.ended, { code: 1 }, busy.stderr)
  t.match(busy.stdout, /^outcome {2}busy\nbecause {2}client_error\/busy, by the callee$/m)
  t.match(busy.stdout, /^agent {4}0 s, 0 session\(s\), 0 cent$/m, 'nobody answered: no agent')

  t.match(await wrong.ended, { code: 2 })
  t.match(wrong.stderr, /^NUMBER_INVALID: .*E\.164/)
  t.equal(wrong.stdout, '')

  t.match(await aborted.ended, { code: 0 }, aborted.stderr)
  t.match(aborted.stdout, /hanging up …\n(?:status .*\n)*status {3}ended\n/)
  t.match(aborted.stdout, /^because {2}success\/hangup, by the api$/m)
  t.equal((await product.view.history()).length, 3, 'each request rang once')
})

t.test('without its key, and with it', async (t) => {
  const key = 'a-key-of-this-test-with-32-characters'
  const { view } = await startProduct(t, { requireKey: true, settings: { API_KEY: key } })
  const refused = runExample(t, FILE, [BUSY], { VOICEGATE_URL: view.apiUrl })
  t.match(await refused.ended, { code: 2 })
  t.match(refused.stderr, /^UNAUTHENTICATED: .*Authorization: Bearer/)
  const taken = runExample(t, FILE, [BUSY], { VOICEGATE_URL: view.apiUrl, API_KEY: key })
  t.match(await taken.ended, { code: 1 }, taken.stderr)
})

t.test('where nothing listens it says so, and what to do', async (t) => {
  const url = `http://127.0.0.1:${await freeTcpPort()}`
  const lost = runExample(t, FILE, [ANSWERS], { VOICEGATE_URL: url })
  t.match(await lost.ended, { code: 2 })
  t.equal(lost.stderr.trim(), `Nobody listens at ${url}. Is voicegate running? (npm start)`)
})

t.test('without a number it says how it is used', async (t) => {
  const unused = runExample(t, FILE, [], {})
  t.match(await unused.ended, { code: 2 })
  t.match(unused.stderr, /^usage: node examples\/place-a-call\.mjs \+\d+/)
})

t.test('of what the vendor charges beside us no second is counted again', async (t) => {
  const call = {
    ...{ call_id: 'call_1', status: 'ended', outcome: 'answered', duration_seconds: 30 },
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
    agent: { sessions: 1 },
    cost: {
      amount_minor: 5,
      parts: [
        { kind: 'agent', seconds: 30 },
        { kind: 'vendor', usd: 0.05 },
      ],
    },
  }
  const server = createServer((_request, response) => response.end(JSON.stringify(call)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const placed = runExample(t, FILE, [ANSWERS], { VOICEGATE_URL: `http://127.0.0.1:${port}` })
  t.match(await placed.ended, { code: 0 }, placed.stderr)
  t.match(placed.stdout, /^agent {4}30 s, 1 session\(s\), 5 cent$/m)
})
