// The simulators as programs, as somebody at a terminal meets them: help, complaints, the ready line, one use of each,
// a clean end; and the product with the settings that they print.
import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { runMain } from '../support/child-product.ts'
import { eventually, startProgram } from '../support/process.ts'
import { ProductView } from '../support/product-view.ts'
import { startRegisterPeer } from './carrier/register-peer.ts'

t.setTimeout(90_000)

const ROOT = join(import.meta.dirname, '../..')
const PROGRAMS = [
  'carrier',
  'elevenlabs',
  'twilio',
  'voximplant',
  'd-id',
  'heygen',
  'world',
] as const
type Program = (typeof PROGRAMS)[number]
const READY_MS = 15_000

const commandOf = (program: Program, args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  join(ROOT, `simulators/${program}/main.ts`),
  ...args,
]

interface Typed {
  readonly child: ChildProcess
  readonly output: () => string
  type(line: string): void
  says(text: string | RegExp, timeoutMs?: number): Promise<void>
  /** What stands after `NAME=`. */
  setting(name: string): string
  /** Ctrl-C; the exit code. */
  interrupt(): Promise<number | null>
}

/** One that can be typed into. */
async function start(t: Test, program: Program, args: readonly string[] = []): Promise<Typed> {
  const [file, ...rest] = commandOf(program, args)
  const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close') as Promise<[number | null]>
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const says: Typed['says'] = async (text, timeoutMs = 5000) => {
    await eventually(`“${text}” in\n${output}`, timeoutMs, () =>
      typeof text === 'string' ? output.includes(text) : text.test(output),
    )
  }
  await says('ready: ', READY_MS)
  return {
    child,
    output: () => output,
    says,
    type: (line) => child.stdin.write(`${line}\n`),
    setting: (name) => new RegExp(`^${name}=(.*)$`, 'm').exec(output)?.[1] ?? '',
    async interrupt() {
      child.kill('SIGINT')
      const [code] = await ended
      return code
    },
  }
}

async function endOf(t: Test, program: Program, args: readonly string[]) {
  const running = startProgram(t, commandOf(program, args))
  const { code } = await running.ended
  return { code, stdout: running.stdout, stderr: running.stderr }
}

/** As the help and the README name them: on any machine, with any Node. */
const COMMANDS: Readonly<Record<Program, string>> = {
  carrier: 'node scripts/run.mjs simulators/carrier/main.ts',
  elevenlabs: 'node scripts/run.mjs simulators/elevenlabs/main.ts',
  twilio: 'node scripts/run.mjs simulators/twilio/main.ts',
  voximplant: 'node scripts/run.mjs simulators/voximplant/main.ts',
  'd-id': 'node scripts/run.mjs simulators/d-id/main.ts',
  heygen: 'node scripts/run.mjs simulators/heygen/main.ts',
  world: 'npm run simulate --',
}

/** Option names in the README's command lines for that program. */
function optionsInExamples(program: Program): readonly string[] {
  const texts = [
    'simulators',
    'simulators/elevenlabs',
    'simulators/twilio',
    'simulators/voximplant',
    'simulators/d-id',
    'simulators/heygen',
  ].map((folder) => readFileSync(join(ROOT, folder, 'README.md'), 'utf8'))
  const command = new RegExp(`^${COMMANDS[program].replaceAll('.', '\\.')}(.*)$`, 'gm')
  return [...texts.join('\n').matchAll(command)].flatMap(([, args = '']) =>
    [...args.matchAll(/ (--[a-z-]+)/g)].map(([, name = '']) => name),
  )
}

t.test('--help of each has all that the README’s examples use', async (t) => {
  for (const program of PROGRAMS) {
    const { code, stdout, stderr } = await endOf(t, program, ['--help'])
    t.equal(code, 0, program)
    t.equal(stderr, '')
    t.match(stdout, `usage: ${COMMANDS[program]} [options]`)
    const used = optionsInExamples(program)
    t.ok(used.length > 1, `${program}: ${used.length} in the examples`)
    for (const name of used) t.ok(stdout.includes(`\n  ${name} `), `${program} ${name}`)
  }
})

t.test('what cannot be done is said in words, with exit code 2', async (t) => {
  const cases: readonly (readonly [Program, readonly string[], string])[] = [
    ['carrier', ['--prot', '5080'], "Unknown option '--prot'"],
    ['carrier', ['--port', 'x'], '--port takes a whole number from 0 to 65535, not “x”'],
    ['carrier', ['--all', 'bussy'], '--all knows no “bussy”; there is: answered, '],
    ['carrier', ['--account', 'nobody'], '--account takes USER:PASSWORD'],
    ['carrier', ['--habits', '{'], '--habits takes JSON'],
    ['elevenlabs', ['--fault', 'x'], '--fault knows no “x”; there is: refuse-401, '],
    [
      'elevenlabs',
      ['--switch', 'speed=9'],
      '--switch speed knows no “9”; there is: 10, 1, at-once',
    ],
    ['twilio', ['--call', 'voice'], '--call takes a URL'],
    ['voximplant', ['--agent', 'x y'], '--agent takes a URL'],
    ['d-id', ['--render-ms', 'x'], '--render-ms takes a whole number'],
    ['heygen', ['--product', 'x y'], '--product takes a URL'],
    ['world', ['--sip-port', '-1'], "'--sip-port"],
  ]
  await Promise.all(
    cases.map(async ([program, args, words]) => {
      const { code, stdout, stderr } = await endOf(t, program, args)
      t.equal(code, 2, args.join(' '))
      t.match(stderr, words)
      t.match(stderr, `${COMMANDS[program]} --help says what there is`)
      t.notMatch(stderr, /\n {4}at /, 'no stack')
      t.equal(stdout, '')
    }),
  )
})

t.test('a port that is taken is said, with exit code 1', async (t) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  const { code, stderr } = await endOf(t, 'carrier', ['--port', `${socket.address().port}`])
  t.equal(code, 1)
  t.match(stderr, /^the port is taken by another program/)
})

t.test('the carrier: registers an account, obeys what is typed, ends on Ctrl-C', async (t) => {
  const account = { user: '4930555100', password: 'not:a-guess' }
  const carrier = await start(t, 'carrier', ['--account', '4930555100:not:a-guess'])
  const [host = '', port] = carrier.setting('EXOLVE_SIP_DOMAIN').split(':')
  t.equal(carrier.setting('EXOLVE_SIP_USER'), account.user)
  t.equal(carrier.setting('EXOLVE_SIP_PASS'), account.password)
  const peer = await startRegisterPeer(t, { host, port: Number(port) }, account)
  const { challenges } = await peer.register()
  t.equal((await peer.register({ challenge: challenges[0]! })).status, 200)
  await carrier.says('REGISTER of 4930555100: 200')
  carrier.type('bindings')
  await carrier.says(`4930555100 at ${peer.contactUri} for 300 s`)
  carrier.type('call 4930555100 callerGivesUp')
  await peer.heard('INVITE')
  carrier.type('register unavailable')
  await carrier.says('REGISTER from now on: unavailable')
  t.equal((await peer.register()).status, 503)
  carrier.type('options unavailable')
  await carrier.says('OPTIONS from now on: unavailable')
  t.equal((await peer.options()).status, 503)
  carrier.type('drop')
  carrier.type('bindings')
  await carrier.says('nobody is registered')
  carrier.type('sing')
  await carrier.says('there is no command sing')
  t.equal(await carrier.interrupt(), 0)
})

t.test('the agent: signs a URL for the right key, and goes wrong as it is told', async (t) => {
  const agent = await start(t, 'elevenlabs', ['--key', 'k', '--fault', 'close-1011'])
  const url = `${agent.setting('ELEVENLABS_BASE_URL')}/v1/convai/conversation/get-signed-url?agent_id=a`
  t.equal((await fetch(url)).status, 401)
  const signed = await fetch(url, {
    headers: { 'xi-api-key': agent.setting('ELEVENLABS_API_KEY') },
  })
  const { signed_url: target } = (await signed.json()) as { signed_url: string }
  t.ok(target.startsWith(agent.setting('ELEVENLABS_WS_URL')))
  const socket = new WebSocket(target)
  t.teardown(() => socket.terminate())
  const [code] = (await once(socket, 'close')) as [number]
  t.equal(code, 1011)
  await agent.says(/conversation with a: closed by agent with 1011 after/)
  t.equal(await agent.interrupt(), 0)
})

t.test('Twilio: somebody calls in at once; REST takes the token that is printed', async (t) => {
  const app = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' })
    response.end('<Response><Say>Guten Tag</Say></Response>')
  }).listen(0, '127.0.0.1')
  await once(app, 'listening')
  t.teardown(() => app.close())
  const { port } = app.address() as AddressInfo
  const twilio = await start(t, 'twilio', [
    '--product',
    `http://127.0.0.1:${port}`,
    '--call',
    'https://voicegate.example/webhook/voice',
  ])
  await twilio.says(/CA\w+ hears “Guten Tag”\nCA\w+ is completed/)
  const sid = twilio.setting('TWILIO_ACCOUNT_SID')
  const basic = Buffer.from(`${sid}:${twilio.setting('TWILIO_AUTH_TOKEN')}`).toString('base64')
  const url = `${twilio.setting('TWILIO_BASE_URL')}/2010-04-01/Accounts/${sid}/Calls.json`
  t.equal((await fetch(url)).status, 401)
  const listed = await fetch(url, { headers: { authorization: `Basic ${basic}` } })
  t.match(await listed.json(), { calls: [{ direction: 'inbound', status: 'completed' }] })
  t.equal(await twilio.interrupt(), 0)
})

t.test(
  'D-ID and HeyGen: take the key that is printed, and tell what is asked of them',
  async (t) => {
    const dId = await start(t, 'd-id', ['--render-ms', '0'])
    const credits = await fetch(`${dId.setting('DID_BASE_URL')}/credits`, {
      headers: { authorization: `Basic ${dId.setting('DID_API_KEY')}` },
    })
    t.match(await credits.json(), { remaining: Number })
    await dId.says('D-ID: GET /credits: 200')
    const heygen = await start(t, 'heygen')
    const account = await fetch(`${heygen.setting('HEYGEN_BASE_URL')}/v3/users/me`, {
      headers: { 'x-api-key': heygen.setting('HEYGEN_API_KEY') },
    })
    t.match(await account.json(), { data: { billing_type: 'wallet' } })
    await heygen.says('HeyGen: GET /v3/users/me: 200')
    t.equal(heygen.setting('PUBLIC_URL'), 'https://voicegate.example')
    for (const program of [dId, heygen]) t.equal(await program.interrupt(), 0)
  },
)

t.test('all vendors together: each is told of once in what is to be copied', async (t) => {
  const vendors = ['--twilio', '--voximplant', '--d-id', '--heygen']
  const world = await start(t, 'world', vendors)
  const names = [...world.output().matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name)
  for (const name of ['TWILIO_BASE_URL', 'VOXIMPLANT_BASE_URL', 'DID_BASE_URL', 'HEYGEN_BASE_URL'])
    t.ok(names.includes(name), name)
  t.equal(new Set(names).size, names.length)
  t.equal(await world.interrupt(), 0)
})

t.test('both, and the product with the settings that they print: a whole call', async (t) => {
  const world = await start(t, 'world', [
    '--account',
    '4930555100:a-password',
    '--challenge-invites',
  ])
  const lines = world
    .output()
    .split('\n')
    .filter((line) => /^[A-Z_]+=/.test(line))
  // Its folder is the test's own.
  const settings = lines.filter((line) => !line.startsWith('DATA_DIR='))
  const key = 'a-key-of-more-than-thirty-two-characters'
  const envFile = [...settings, `API_KEY=${key}`, ''].join('\n')
  const product = runMain(t, { envFile, env: { LOG_LEVEL: 'info' } })
  await eventually('the product', 20_000, () => product.stdout.includes('voicegate is ready.'))
  t.match(product.stdout, 'exolve: registers; may make +49… ring')
  await world.says('REGISTER of 4930555100: 200')
  const apiUrl = /API +(http:\S+)\/docs/.exec(product.stdout)?.[1] ?? ''
  const view = new ProductView(apiUrl, key)
  // Answers, says hello, hangs up.
  const call = await view.ended(await view.place('+4930231250071'))
  t.match(call, { outcome: 'answered', agent: { sessions: 1 } })
  await world.says('outbound call, script calleeHangsUp, final status 200')
  await world.says('conversation with agent_by_hand: closed by client with 1000')
  t.notMatch(world.output(), 'protocol error')
  product.signal('SIGTERM')
  t.equal((await product.ended).code, 0)
  await world.says(/REGISTER of 4930555100: 200[^]*REGISTER of 4930555100: 200/)
  t.equal(await world.interrupt(), 0)
})
