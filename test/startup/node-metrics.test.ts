// What the metrics say of the node as a whole, against what others say of it.
import { X509Certificate } from 'node:crypto'
import { mkdirSync, rmdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { compileConfig, type Config } from '../../core/config/index.ts'
import { createMetrics, type Metrics } from '../../core/telemetry/index.ts'
import { exposeDisk } from '../../startup/disk-space.ts'
import { nodeMetrics } from '../../startup/node-metrics.ts'
import { sample } from '../support/build-app.ts'
import { makeCertificate, opensslOptions, pemOf } from '../support/certificates.ts'
import { temporaryFolder } from '../support/process.ts'

function configOf(settings: Readonly<Record<string, string>>): Config {
  const compiled = compileConfig(settings, {})
  if ('config' in compiled) return compiled.config
  throw new Error(compiled.problems.map(({ problem }) => problem).join('\n'))
}

const seriesOf = async (metrics: Metrics, name: string): Promise<string[]> =>
  (await metrics.render()).body.split('\n').filter((line) => line.startsWith(`voicegate_${name}`))

t.test('the version, the budget, and what seconds cost', async (t) => {
  const settings = { AGENT_BUDGET_PER_DAY: '12.5', ELEVENLABS_PRICE_PER_MINUTE: '0.6' }
  const metrics = nodeMetrics(createMetrics(), configOf(settings), '1.2.3')
  t.equal(await sample(metrics, `build_info{version="1.2.3",node="${process.version}"}`), 1)
  t.equal(await sample(metrics, 'agent_budget_usd_per_day'), 12.5)
  metrics.add('agent_seconds_total', 100)
  t.equal(await sample(metrics, 'agent_cost_usd_total'), 1)
  const none = nodeMetrics(createMetrics(), configOf({}), '1.2.3')
  t.same(await seriesOf(none, 'agent_budget_usd_per_day'), ['voicegate_agent_budget_usd_per_day 0'])
})

t.test('a budget that is none is said at the start', async (t) => {
  for (const budget of ['-1', 'ten', '1e9'])
    t.match(compileConfig({ AGENT_BUDGET_PER_DAY: budget }, {}), {
      problems: [{ name: 'AGENT_BUDGET_PER_DAY' }],
    })
})

t.test('the disk of DATA_DIR, as the system has it', async (t) => {
  const dataDir = temporaryFolder(t, 'disk')
  const metrics = nodeMetrics(createMetrics(), { ...configOf({}), dataDir }, '1')
  const { bsize, blocks, bavail } = statfsSync(dataDir)
  t.equal(await sample(metrics, 'disk_size_bytes{folder="data"}'), blocks * bsize)
  const free = await sample(metrics, 'disk_free_bytes{folder="data"}')
  t.ok(Math.abs(free - bavail * bsize) < 0.05 * blocks * bsize, 'others use it meanwhile')
  const gone = nodeMetrics(
    createMetrics(),
    { ...configOf({}), dataDir: join(dataDir, 'gone') },
    '1',
  )
  t.same(await seriesOf(gone, 'disk_'), [], 'what is not known is not said')
})

t.test('a disk that can no longer be read is no longer shown', async (t) => {
  const folder = temporaryFolder(t, 'disk')
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const metrics = createMetrics()
  exposeDisk(metrics, dataDir, 0)
  t.equal((await seriesOf(metrics, 'disk_')).length, 2)
  rmdirSync(dataDir)
  t.same(await seriesOf(metrics, 'disk_'), [], 'a free space that was would never run out')
  t.equal(await sample(metrics, 'scrape_failures_total'), 2)
  mkdirSync(dataDir)
  t.equal((await seriesOf(metrics, 'disk_')).length, 2)
})

t.test('when the certificate expires that we show', opensslOptions, async (t) => {
  const { cert } = makeCertificate(t, 30)
  const pem = pemOf(cert)
  const config = { ...configOf({}), sipTls: { cert: pem } }
  const metrics = nodeMetrics(createMetrics(), config, '1')
  const value = await sample(metrics, 'certificate_not_after_seconds{certificate="sip"}')
  t.equal(value, Date.parse(new X509Certificate(pem).validTo) / 1000)
  const days = (value - Date.now() / 1000) / 86_400
  t.ok(days > 29 && days < 31, `${days} days`)
  const drachtio = { host: '127.0.0.1', port: 9022, secret: 'x' }
  const other = nodeMetrics(createMetrics(), { ...config, drachtio }, '1')
  t.same(await seriesOf(other, 'certificate_'), [], 'a drachtio-server shows its own')
})
