// The acceptance of the main path: every built scenario, played end to end, passes; and the program says so by its exit
// code, refuses what it cannot play, and leaves nothing behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { run } from '../../rehearsal/main.ts'
import { NOT_BUILT, SCENARIOS } from '../../rehearsal/scenarios.ts'

// Real calls take real time.
t.setTimeout(240_000)

/** As the contract names them. */
const CONTRACT = [
  'answered',
  'operator-message-then-answer',
  'operator-message-then-failure',
  'busy',
  'declined',
  'no-answer',
  'cancel-crosses-answer',
  'voicemail',
  'caller-hangs-up',
  'agent-hangs-up',
  'agent-refuses',
  'agent-drops',
  'agent-slow',
  'barge-in',
  'dtmf',
  'carrier-vanishes',
  'packet-loss',
  'nat',
  'inbound',
  'inbound-order-ivr',
]

async function rehearse(options: Omit<Parameters<typeof run>[0], 'print' | 'complain'>) {
  const printed: string[] = []
  const complained: string[] = []
  const code = await run({
    ...options,
    print: (text) => void printed.push(text),
    complain: (text) => void complained.push(text),
  })
  return { code, printed: printed.join('\n'), complained: complained.join('\n') }
}

t.test(
  'every scenario of the contract is built, or refused by name with exit code 2',
  async (t) => {
    t.strictSame([...SCENARIOS.map(({ name }) => name), ...NOT_BUILT].sort(), CONTRACT.sort())
    for (const name of NOT_BUILT) {
      const { code, complained } = await rehearse({ args: ['--scenario', name] })
      t.equal(code, 2)
      t.match(complained, `the scenario ${name} is not built yet`)
    }
  },
)

t.test('an unknown scenario is refused with the nearest name', async (t) => {
  const { code, printed, complained } = await rehearse({ args: ['--scenario', 'anwsered'] })
  t.equal(code, 2)
  t.match(complained, 'there is no scenario anwsered; did you mean answered?')
  t.equal(printed, '')
})

t.test('--help names what can be asked for, with each scenario’s story', async (t) => {
  const { code, printed, complained } = await rehearse({ args: ['--help'] })
  t.equal(code, 0)
  t.equal(complained, '')
  for (const text of ['--scenario NAME', '--json FILE', 'usage: npm run rehearse'])
    t.match(printed, text)
  for (const { name, story } of SCENARIOS) t.match(printed, new RegExp(`${name} +${story[0]!}`))
})

t.test('an unknown option is refused with the usage', async (t) => {
  const { code, complained } = await rehearse({ args: ['--scenarios', 'busy'] })
  t.equal(code, 2)
  t.match(complained, /--scenarios.*\nusage: npm run rehearse/s)
})

t.test('a scenario that fails is said with its reason, and ends with exit code 1', async (t) => {
  const busy = SCENARIOS.find(({ name }) => name === 'busy')!
  const declines = { ...busy, phone: [{ wait: 100 }, { reject: 603 }] } as const
  const { code, printed } = await rehearse({ args: ['--scenario', 'busy'], scenarios: [declines] })
  t.equal(code, 1)
  t.match(printed, '✗ outcome declined instead of busy')
  t.match(printed, '✗ ended as client_error/declined by callee (603) instead of client_error/busy')
  t.match(printed, '603 Decline', 'the ladder shows what happened')
  t.match(printed, '0 of 1 scenarios passed')
})

t.test('stopped half-way it closes everything and says why', async (t) => {
  const stopping = new AbortController()
  setTimeout(() => stopping.abort(new Error('stopped by the test')), 1500)
  await t.rejects(rehearse({ args: ['--scenario', 'no-answer'], signal: stopping.signal }), {
    message: 'stopped by the test',
  })
})

t.test('the program ends by itself, writes the JSON and leaves no file behind', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'rehearsal-test-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const json = join(folder, 'report.json')
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      'rehearsal/main.ts',
      '--scenario',
      'busy',
      '--json',
      json,
    ],
    { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const output: string[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()))
  const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(40_000) })) as [number]
  t.equal(code, 0, 'exit code', { output: output.join('') })
  t.match(output.join(''), 'Playing 1 call, in real time: about 20 s. Nothing leaves this machine.')
  t.notMatch(output.join(''), '\u001b', 'no colour and no progress line where there is no terminal')
  t.match(JSON.parse(await readFile(json, 'utf8')), {
    format: 1,
    passed: true,
    scenarios: [{ name: 'busy' }],
  })
  t.strictSame(await readdir(folder), ['report.json'])
})

t.test('the whole rehearsal passes', { timeout: 220_000 }, async (t) => {
  const { code, printed } = await rehearse({ args: [] })
  t.equal(code, 0, 'exit code', { printed: printed.split('\n') })
  t.match(printed, `${SCENARIOS.length} of ${SCENARIOS.length} scenarios passed`)
})
