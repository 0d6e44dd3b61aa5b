// What no scenario told of is found by the clock: calls of the last hours, and recordings that come late.
import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { eventually } from '../../support/build-app.ts'
import { pastSession, utc } from './past-sessions.ts'
import { anApplication, aStage } from './stage.ts'

const HOUR_MS = 3600_000
const OPTIONS = {
  language: 'de',
  recording: 'announced',
  answering_machine_model: null,
  max_duration_seconds: 600,
  announcement: null,
}

t.test('a sweep finds calls nobody told of, and later their recordings; each once', async (t) => {
  const stage = await aStage(t, { dataTiming: { sweepEvery: ms(50) } })
  const { id, vendorId } = await anApplication(stage, { options: OPTIONS })
  const at = Math.floor(Date.now() / 1000) * 1000 - 2 * HOUR_MS
  const of = { applicationId: vendorId, talkSeconds: 20 }
  stage.vendor.addHistory([
    pastSession({ ...of, id: 1, at }),
    pastSession({ ...of, id: 2, at: at + 1000 }),
    // Before what a first sweep reads.
    pastSession({ ...of, id: 3, at: at - 30 * HOUR_MS }),
  ])
  const calls = async (): Promise<{ call_id: string; has_recording: boolean }[]> => {
    const found = await stage.app.request(`/api/calls?application_id=${id}`)
    return ((await found.json()) as { items: { call_id: string; has_recording: boolean }[] }).items
  }
  await eventually('both are here', async () => (await calls()).length === 2)
  /** So many lines: while a sweep runs it has one of its own, whatever it finds. */
  const told = async (count: number): Promise<readonly { state: string }[]> => {
    let items: readonly { state: string }[] = []
    await eventually(`${count} syncs are told of`, async () => {
      items = (await stage.ask<{ items: typeof items }>('GET', `/applications/${id}/syncs`)).body
        .items
      return items.length === count && items.every(({ state }) => state === 'done')
    })
    return items
  }
  t.match(await told(1), [{ origin: 'sweep', kind: 'history', new_calls: 2 }])
  const before = (await stage.ask('GET', `/applications/${id}`)).body.swept_until as string
  t.ok(before)
  stage.vendor.addRecord(2, { record_id: 5, start_time: utc(at), duration: 20, cost: 0.1 })
  await eventually('its audio is here', async () =>
    (await calls()).some(({ has_recording: has }) => has),
  )
  await eventually('further sweeps found nothing', async () => {
    const now = (await stage.ask('GET', `/applications/${id}`)).body.swept_until as string
    return Date.parse(now) > Date.parse(before) + 1000
  })
  t.equal((await calls()).length, 2)
  // Sweeps that found nothing leave no line.
  t.match((await told(2))[0], { origin: 'sweep', new_calls: 0, updated_calls: 1 })
})

t.test('an account that fails keeps none of the others from being swept', async (t) => {
  const stage = await aStage(t, { dataTiming: { sweepEvery: ms(50) } })
  const { id, vendorId, account } = await anApplication(stage)
  const { application_id: otherVendorId } = stage.vendor.addApplication({ name: 'other' })
  const other = await stage.ask('POST', '/applications', {
    account,
    application_name: 'Gone there',
    elevenlabs_agent_id: 'agent_1',
    voximplant_application_id: String(otherVendorId),
  })
  t.equal(other.status, 201)
  await stage.ask('PATCH', `/applications/${id}`, { voximplant_application_id: String(vendorId) })
  const at = Math.floor(Date.now() / 1000) * 1000 - HOUR_MS
  stage.vendor.addHistory([pastSession({ id: 1, applicationId: otherVendorId, at })])
  await eventually('it is here', async () => {
    const found = await stage.app.request(`/api/calls?application_id=${other.body.application_id}`)
    return ((await found.json()) as { items: unknown[] }).items.length === 1
  })
  stage.vendor.fail({ kind: 'code', code: 104 }, { of: 'GetCallHistory', times: 100_000 })
  await eventually('that is in the log', () =>
    Promise.resolve(/could not be read/.test(stage.app.logged())),
  )
  t.same(
    (await stage.ask('GET', `/applications/${id}/syncs`)).body.items.filter(
      (one: { state: string }) => one.state === 'failed',
    ),
    [],
  )
})
