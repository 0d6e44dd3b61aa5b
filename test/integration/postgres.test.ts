// The whole product on PostgreSQL: calls are placed, recorded and listed; the server goes and comes; the product is
// killed.
import t from 'tap'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { needsPostgres, startPostgres } from '../support/postgres.ts'
import { eventually, temporaryFolder } from '../support/process.ts'

const reached = (product: ChildProduct, callId: string, status: string) =>
  eventually(`a call that is ${status}`, 15_000, async () => {
    return (await product.view.call(callId)).status === status
  })

t.test('calls on PostgreSQL', needsPostgres, async (t) => {
  // On the disk, as it would be: what is acknowledged survives a crash of the server.
  const server = await startPostgres(t, { settings: ['fsync = on'] })
  const url = await server.createDatabase('voicegate')
  const options = {
    dataDir: temporaryFolder(t, 'data'),
    env: { DATABASE_URL: url, RECORD_CALLS: 'always', API_KEY: 'k'.repeat(40) },
  }
  let product = await startChild(t, options)

  const first = await product.view.place('+4930555100')
  await reached(product, first, 'answered')
  await product.view.hangUp(first)
  await reached(product, first, 'ended')
  t.equal((await product.view.history()).length, 1)
  t.equal(await server.psql('voicegate', 'SELECT count(*) FROM calls'), '1')

  const talking = await product.view.place('+4930555100')
  await reached(product, talking, 'answered')
  const before = Number(
    await server.psql('voicegate', `SELECT count(*) FROM call_events WHERE call_id = '${talking}'`),
  )
  await server.stop('immediate')
  await t.test('while it is away calls are refused, and those that run go on', async (t) => {
    const refused = await product.view.start({ phone_number: '+4930555100' })
    t.match(refused, { status: 503, body: { code: 'DATABASE_UNAVAILABLE' } })
    t.equal((await product.view.request('/ready')).status, 503)
    t.equal((await product.view.request('/health')).status, 200)
  })
  await server.start()
  await eventually('it to be ready again', 20_000, async () => {
    return (await product.view.request('/ready')).status === 200
  })
  await product.view.hangUp(talking)
  await reached(product, talking, 'ended')
  const timeline = await product.view.timeline(talking)
  t.ok(timeline.length > before, 'what happened meanwhile and since is written')
  t.match(
    timeline.filter(({ type }) => type === 'call.ended'),
    [{ type: 'call.ended' }],
    'once',
  )
  const seqs = `SELECT count(*) = max(seq) + 1 FROM call_events WHERE call_id = '${talking}'`
  t.equal(await server.psql('voicegate', seqs), 't', 'without a gap')

  const cut = await product.view.place('+4930555100')
  await reached(product, cut, 'answered')
  await product.kill()
  product = await startChild(t, options)
  t.match(await product.view.call(cut), {
    status: 'ended',
    termination: { result: 'server_error', reason: 'gateway-crashed' },
  })
  t.equal((await product.view.history()).length, 3)
  const again = await product.view.place('+4930555100')
  await reached(product, again, 'answered')
  t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
  t.equal(await product.stop(), 0)
  const ended = "SELECT count(*) FROM calls WHERE status = 'ended'"
  t.equal(await server.psql('voicegate', ended), '4', 'all is written before the end')
})
