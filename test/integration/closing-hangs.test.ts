// What cannot close in good order, and what cannot even open: everything else is closed all the same, in bounded time.
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startVoicegate } from '../../main.ts'
import { compileConfig } from '../../core/config/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { optionsStatus } from '../support/options-ping.ts'
import { eventually, freeUdpPort, temporaryFolder } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { recordsIn } from '../support/trunked-child.ts'
import { BLOCK, runInWorker } from '../support/worker-inspector.ts'

t.test('a start that fails at its last step closes what it had opened', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const address = taken.address()
  const before = resources()
  const sipPort = await freeUdpPort()
  const settings = {
    HTTP_PORT: String(typeof address === 'object' && address?.port),
    SIP_LISTEN: `udp:127.0.0.1:${sipPort}`,
    DATA_DIR: temporaryFolder(t, 'data'),
    ELEVENLABS_AGENT_ID: 'agent_under_test',
    API_KEY: 'a-key-of-the-tests-that-is-long-enough',
  }
  const start = (more: Readonly<Record<string, string>> = {}) => {
    const compiled = compileConfig({ ...settings, ...more }, {})
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
    return startVoicegate(compiled.config, { logger: createLogger('silent') })
  }
  await t.rejects(start(), { code: 'CONFIGURATION_INVALID', message: /the port is taken/ })
  t.equal(await optionsStatus(sipPort), undefined, 'nobody speaks SIP there')
  await eventually('no socket and no thread to be left', 1000, () => isAs(before))

  const next = await start({ HTTP_PORT: '0' })
  t.equal(await optionsStatus(sipPort), 200, 'the folder and the ports were free')
  await next.stop(0)
  await eventually('nothing to be left of that either', 1000, () => isAs(before))
})

t.test('a media worker that hangs when we stop', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const product = await startProduct(t, { settings: { DATA_DIR: dataDir, RECORD_CALLS: 'always' } })
  const { agent, carrier, view } = product
  const callId = await view.place('+4930555100')
  const spooled = join(dataDir, `rehearsal/spool/${callId}.wav`)
  await eventually('some of it to be on the disk', 10_000, () => {
    const { size } = statSync(spooled, { throwIfNoEntry: false }) ?? { size: 0 }
    return size > 16_000
  })
  await runInWorker(t, 'media-0', BLOCK)
  const stoppedAt = Date.now()
  await product.voicegate.stop(0)
  t.ok(Date.now() - stoppedAt < 10_000, `stopped after ${Date.now() - stoppedAt} ms`)
  const [phone] = carrier.calls
  t.equal(phone?.byeBy, 'gateway')
  t.ok(phone!.byeAt! - stoppedAt < 1000, 'the phone is not made to wait for it')
  await eventually('the agent’s socket to close', 2000, () => agent.sessions[0]?.closedAt != null)
  t.match(recordsIn(join(dataDir, 'rehearsal')), [
    {
      call_id: callId,
      status: 'ended',
      termination_reason: 'shutdown',
      agent_close_reason: 'worker-lost',
      recording_state: 'stored',
    },
  ])
})

/** What would keep the process alive; timers of the test are not ours. */
const resources = (): readonly string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout')
    .sort()

const isAs = (before: readonly string[]): boolean => resources().join() === before.join()
