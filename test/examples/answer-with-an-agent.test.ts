// examples/answer-with-an-agent.mjs: a phone calls in, and its reader follows the conversation.
import t from 'tap'
import { startCarrier } from '../../simulators/carrier/index.ts'
import { startChild } from '../support/child-product.ts'
import { eventually, freeTcpPort } from '../support/process.ts'
import { runExample } from './run-example.ts'

const FILE = 'answer-with-an-agent.mjs'

t.test('a call is told from its beginning to its end', async (t) => {
  const product = await startChild(t)
  const carrier = await startCarrier()
  t.teardown(() => carrier.close())
  const watcher = runExample(t, FILE, [], { VOICEGATE_URL: product.view.apiUrl })
  await eventually('it to wait', 5000, () => watcher.stdout.includes('waiting for calls to sip:'))
  t.match(watcher.stdout, new RegExp(`waiting for calls to ${product.sipUri}`))
  await carrier.call({
    to: product.sipUri,
    from: '+4930555200',
    script: [
      { listen: 2500 },
      { say: { speech: 'caller-hello' } },
      { listen: 2000 },
      { hangUp: true },
    ],
  })
  await eventually('the transcript', 15_000, () => / {2}caller {3}.*\n/.test(watcher.stdout))
  const lines = watcher.stdout.trimEnd().split('\n').slice(1)
  const [name = ''] = /^\w{6}/.exec(lines[0] ?? '') ?? []
  t.ok(
    lines.every((line) => line.startsWith(name)),
    'each line says whose it is',
  )
  t.match(lines[0], /call from \+4930555200$/)
  const told = (what: string): number => lines.findIndex((line) => line.includes(what))
  const order = [
    'answered',
    'the agent is on the line',
    'agent:  Hello, this is',
    'caller: ',
    'the caller hangs up',
    ' over after ',
  ]
  const at = order.map(told)
  t.notOk(at.includes(-1), watcher.stdout)
  t.same(
    at,
    at.toSorted((one, other) => one - other),
    watcher.stdout,
  )
  t.match(lines[at.at(-1) ?? 0], /over after [\d.]+ s: success\/hangup$/)
  const transcript = lines.slice((at.at(-1) ?? 0) + 1)
  t.match(transcript, [
    /^\w{6} {2}agent {4}Hello, this is .* \(cut off\)$/,
    /^\w{6} {2}caller {3}\(/,
    /^\w{6} {2}agent {4}Thank you\./,
  ])

  const stopped = await product.stop()
  t.equal(stopped, 0)
  t.match(await watcher.ended, { code: 2 })
  t.match(watcher.stderr, /^Nobody listens at .* Is voicegate running\? \(npm start\)/)
})

t.test('where nothing listens it says so, and what to do', async (t) => {
  const url = `http://127.0.0.1:${await freeTcpPort()}`
  const lost = runExample(t, FILE, [], { VOICEGATE_URL: url })
  t.match(await lost.ended, { code: 2 })
  t.equal(lost.stderr.trim(), `Nobody listens at ${url}. Is voicegate running? (npm start)`)
})
