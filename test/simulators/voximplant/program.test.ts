// The simulated Voximplant as a program: its ready line, what it has to show, a call typed in, a clean end.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { eventually } from '../../support/process.ts'
import type { Body } from './open-platform.ts'

const MAIN = join(import.meta.dirname, '../../../simulators/voximplant/main.ts')

t.test(
  'prints where it is, shows calls of the last days, takes a call that is typed',
  async (t) => {
    const child = spawn(process.execPath, [
      '--disable-warning=ExperimentalWarning',
      MAIN,
      '--voximplant-key',
      'k',
    ])
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const ended = once(child, 'close') as Promise<[number | null]>
    t.teardown(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const says = (text: RegExp) => eventually(`${text}`, 15_000, () => text.exec(output) ?? false)
    const [, baseUrl = ''] = await says(/^VOXIMPLANT_BASE_URL=(\S+)$/m)
    const [, accountId = ''] = await says(/number (\d+), API key k$/m)
    const ask = async (command: string, params: object = {}): Promise<Body> => {
      const body = new URLSearchParams({ account_id: accountId, api_key: 'k', ...params })
      const url = `${baseUrl}/platform_api/${command}`
      return (await (await fetch(url, { method: 'POST', body })).json()) as Body
    }
    const { result } = await ask('GetCallHistory', { with_calls: 'true', with_records: 'true' })
    t.equal(result.length, 20)
    await says(/^GetCallHistory: 200$/m)
    const { record_url } = result.find((each: Body) => each.records.length > 0).records[0]
    t.equal((await fetch(record_url as string)).status, 200)

    child.stdin.write('call 4930231250071\n')
    await says(/no such rule for the number at Voximplant/)
    const { result: applications } = await ask('GetApplications')
    const { application_id } = applications[0]
    const script =
      'VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { e.call.reject(486); Logger.write("no") })'
    await ask('AddScenario', { scenario_name: 's', scenario_script: script, application_id })
    const rule = { rule_name: 'all', rule_pattern: '.*', scenario_name: 's', application_id }
    t.match(await ask('AddRule', rule), { result: 1 })
    child.stdin.write('call 4930231250071\nsing\n')
    await says(/^session \d{10}: 4930231250071 calls$/m)
    await says(/^call NUMBER: somebody/m)
    await says(/^session \d{10}: no$/m)
    child.kill('SIGINT')
    t.strictSame((await ended)[0], 0)
    t.match(output, /^session \d{10} is over \(inbound\): 4930231250071, 0 s/m)
  },
)
