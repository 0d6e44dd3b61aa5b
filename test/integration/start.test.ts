// What a newcomer sees: the lines of a start, and that the printed curl line really places a call.
import t from 'tap'
import { buildConsole } from '../../scripts/build-console.ts'
import { consolePlaces } from '../../scripts/console/places.ts'
import { startChild } from '../support/child-product.ts'
import { needs, startProgram, eventually } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'

t.test(
  'a start says where to call; the line it prints places a call, the SIP address takes one',
  needs('curl', 'curl'),
  async (t) => {
    // As npm start does; this is node itself, which builds nothing.
    await buildConsole(consolePlaces(), { whenStale: true })
    const product = await startChild(t)
    const { stdout } = product.program
    t.notMatch(stdout, 'npm run console')
    t.match(stdout, /^voicegate is ready\. Rehearsal: .*nothing costs money\.$/m)
    t.match(product.sipUri, /^sip:agent@127\.0\.0\.1:\d+$/)
    t.match(stdout, /^ {2}API +http:\/\/127\.0\.0\.1:\d+\/docs$/m)
    t.match(stdout, /^ {2}console +http:\/\/127\.0\.0\.1:\d+\/$/m)
    t.match(stdout, /^ {2}stop +Ctrl-C/m)
    t.match(product.curl, /^curl -X POST http:\/\/127\.0\.0\.1:\d+\/api\/calls\/start /)
    for (const path of [
      '/',
      '/docs',
      '/openapi.json',
      '/health',
      '/api/health',
      '/ready',
      '/metrics',
    ])
      t.equal((await product.view.request(path)).status, 200, path)

    const line = `${product.curl} -s -w ' %{http_code}'`
    const curl = startProgram(t, ['sh', '-c', line])
    t.equal((await curl.ended).code, 0)
    t.match(curl.stdout, / 202$/)
    const { call_id } = JSON.parse(curl.stdout.slice(0, -4)) as { call_id: string }
    await eventually('the agent to be heard', 15_000, async () =>
      (await product.view.timeline(call_id)).some(({ type }) => type === 'agent.first_audio'),
    )
    t.equal(await product.view.hangUp(call_id), 202)
    t.match(await product.view.ended(call_id), {
      direction: 'outbound',
      outcome: 'answered',
      termination: { result: 'success', reason: 'hangup', by: 'api' },
      agent: { sessions: 1 },
    })
    await t.test('the printed SIP address takes a call', sippOptions, async (t) => {
      const args = ['-s', 'agent', '-d', '1000']
      const sipp = await runSipp(t, { scenario: 'call-in', target: product.sipTarget, args })
      await succeeds(t, sipp)
      t.match(await product.view.allEnded(2), [
        { direction: 'inbound', to: 'agent', outcome: 'answered' },
        { direction: 'outbound' },
      ])
    })
    t.equal(product.program.stderr, '')
    t.equal(await product.stop(), 0)
  },
)
