// The simulated platform with its engine: from StartScenarios to the history, and somebody who calls in.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createClock } from '#core/time'
import t, { type Test } from 'tap'
import {
  startVoximplant,
  type VoximplantOptions,
  type VoximplantSimulator,
} from '../../../simulators/voximplant/index.ts'
import { eventually } from '../../support/process.ts'
import type { Body } from './open-platform.ts'

const SCRIPT = `
const tell = (why) => Net.httpRequestAsync('http://events.example/events', {
  method: 'POST', postData: JSON.stringify({ why, data: VoxEngine.customData() }),
});
const finish = (why) => tell(why).then(() => VoxEngine.terminate());
const follow = (call) => {
  call.addEventListener(CallEvents.Connected, () => { call.record({ stereo: true }); tell('connected'); });
  call.addEventListener(CallEvents.Disconnected, () => finish('disconnected'));
  call.addEventListener(CallEvents.Failed, (e) => finish('failed ' + e.code));
  VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => { if (e.content === 'hangup') call.hangup(); });
};
VoxEngine.addEventListener(AppEvents.Started, () => {
  if (VoxEngine.customData()) follow(VoxEngine.callPSTN(VoxEngine.customData(), '4930555200'));
});
VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { follow(e.call); e.call.answer(); });
`

async function open(t: Test, options: VoximplantOptions = {}) {
  const heard: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      heard.push(body)
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const reach = (url: string) => url.replace('http://events.example', `http://127.0.0.1:${port}`)
  const voximplant = await startVoximplant({ pace: 0.01, reach, ...options })
  t.teardown(async () => {
    await voximplant.close()
    server.close()
    server.closeAllConnections()
  })
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  const scenario = { scenario_name: 'calls', scenario_script: SCRIPT, application_id }
  const scenario_ids = [voximplant.addScenario(scenario).scenario_id]
  const { rule_id } = voximplant.addRule({ application_id, rule_name: 'all', scenario_ids })
  voximplant.addNumber({ phone_number: '+4930555200', application_id })
  const start = (to: string) =>
    ask(voximplant, 'StartScenarios', { rule_id, script_custom_data: to })
  return { voximplant, heard, start }
}

async function ask(
  { baseUrl, accountId, apiKey }: VoximplantSimulator,
  command: string,
  params: object,
): Promise<Body> {
  const all = { ...params, account_id: accountId, api_key: apiKey }
  const body = new URLSearchParams(
    Object.entries(all).map(([name, value]): [string, string] => [name, String(value)]),
  )
  const response = await fetch(`${baseUrl}/platform_api/${command}`, { method: 'POST', body })
  return (await response.json()) as Body
}

const historyOf = (voximplant: VoximplantSimulator, id: number) =>
  ask(voximplant, 'GetCallHistory', {
    call_session_history_id: id,
    timezone: 'Etc/GMT',
    with_calls: true,
    with_records: true,
  })

t.test('a call that is answered, hung up over the access URL, recorded', async (t) => {
  const { voximplant, heard, start } = await open(t)
  const startedAt = createClock().now()
  const started = await start('4915112345')
  const id = started.call_session_history_id as number
  const session = await voximplant.waitForSession(({ sessionId }) => sessionId === id)
  t.match(await historyOf(voximplant, id), { result: [] })
  const hangUp = () => fetch(started.media_session_access_url, { method: 'POST', body: 'hangup' })
  await eventually('the call is connected', 5000, () => heard.length > 0)
  t.notOk(session.isOver)
  t.equal((await hangUp()).status, 200)
  await session.over
  t.match(heard, [/"connected","data":"4915112345"/, /"disconnected"/])
  const { result } = await historyOf(voximplant, id)
  t.match(result, [
    {
      custom_data: '4915112345',
      finish_reason: 'Normal termination',
      calls: [{ remote_number: '4915112345', local_number: '4930555200', incoming: false }],
      records: [{ record_id: Number, duration: Number }],
    },
  ])
  const at = Date.parse(`${result[0].start_date.replace(' ', 'T')}Z`)
  t.ok(Math.abs(at - startedAt) < 60_000, 'the date is of now')
  for (const record of result[0].records) t.equal((await fetch(record.record_url)).status, 200)
  t.equal((await hangUp()).status, 404)
})

t.test('a busy number, and a caller who hangs up', async (t) => {
  const { voximplant, heard, start } = await open(t, {
    phones: (number) =>
      number.endsWith('86') ? { answer: 'busy' } : { answer: 'yes', talkMs: 3000 },
  })
  const { call_session_history_id: busy } = await start('491511286')
  await (
    await voximplant.waitForSession(0)
  ).over
  t.match(heard[0], /failed 486/)
  t.match(await historyOf(voximplant, busy), { result: [{ calls: [{ successful: false }] }] })
  const inbound = voximplant.callIn({ from: '+4915112345', to: '+4930555200' })
  await inbound.over
  t.match(heard[2], /disconnected/)
  t.match(await historyOf(voximplant, inbound.sessionId), {
    result: [{ calls: [{ incoming: true, successful: true, remote_number: '4915112345' }] }],
  })
})
