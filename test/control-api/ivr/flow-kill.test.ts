// The process is killed where a consent is written: it is whole or not there at all, and a repeated answer goes on.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CallId, CallIdentity } from '../../../core/contracts/index.ts'
import { freshDataDir, type BuiltApp } from '../../support/build-app.ts'
import { startProgram } from '../../support/process.ts'
import { buildMenu, flowsOf, get } from '../orders/support.ts'

const CHILD = join(import.meta.dirname, '../../support/menu-child.ts')

async function killed(
  t: Test,
  when: 'before' | 'after',
): Promise<{ app: BuiltApp; callId: CallId }> {
  const dataDir = await freshDataDir(t)
  const command = ['--disable-warning=ExperimentalWarning', CHILD, dataDir, when]
  const child = startProgram(t, [process.execPath, ...command])
  t.match(await child.ended, { signal: 'SIGKILL' }, child.stderr)
  return { app: await buildMenu(t, { dataDir }), callId: child.stdout.trim() as CallId }
}

/** As Twilio does when it got no answer. */
const repeat = ({ api }: BuiltApp, callId: CallId) =>
  flowsOf({ api }).advance(callId, {
    step: 'consent',
    attempt: 1,
    input: { kind: 'digits', digits: '1' },
  })

t.test('before it was on the disk: the repeated answer is taken', async (t) => {
  const { app, callId } = await killed(t, 'before')
  const call: CallIdentity = {
    callId,
    direction: 'inbound',
    from: null,
    to: '+4930555100',
    trunk: 'rehearsal',
    createdAt: app.clock.now(),
    metadata: {},
  }
  t.match(await flowsOf(app).begin(call, { hasAgent: false }), { step: 'consent' })
  t.match(await repeat(app, callId), { step: 'order', attempt: 1, mayRecord: true })
  t.match(await repeat(app, callId), { step: 'order', attempt: 1 })
  t.match(await get(app, '/api/statistics/orders'), { consents: { given: 1 } })
})

t.test(
  'after it was: proof, call and timeline have it, the repeated answer changes nothing',
  async (t) => {
    const { app, callId } = await killed(t, 'after')
    t.match(await get(app, `/api/calls/${callId}`), {
      consent: { given: true, language: 'de', prompt_version: String },
      termination: { reason: 'gateway-crashed' },
    })
    t.match(await get(app, `/api/calls/${callId}/flow`), {
      finished_at: String,
      consent: { given: true, digit: '1' },
      steps: [
        { answer: 'yes', digits: '1' },
        { step: 'order', answer: null },
      ],
    })
    const { items } = (await get(app, `/api/calls/${callId}/timeline`)) as {
      items?: { type: string }[]
    }
    t.equal(items?.filter(({ type }) => type === 'consent.given').length, 1)
    t.match(await repeat(app, callId), { step: 'order', attempt: 1 })
    t.match(await get(app, '/api/statistics/orders'), { consents: { given: 1 } })
    await app.close()
    const again = await buildMenu(t, { dataDir: app.dataDir })
    const told = (await get(again, `/api/calls/${callId}/timeline`)) as { items?: object[] }
    t.equal(told.items?.length, items?.length, 'mended once')
  },
)
