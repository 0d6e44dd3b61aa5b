// Planted values stay in when nothing works: a carrier that answers oddly, one without TLS, an agent whose host has no
// address, a start that is refused, a doctor and a rehearsal beside a real configuration.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runMain, startChild } from '../support/child-product.ts'
import { NUMBERS, planted, SECRETS } from '../support/planted.ts'
import { plantedInOutput, plantSurroundings, runPlanted } from '../support/planted-product.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { openRudeTrunk, RUDE_ANSWERS } from '../support/rude-trunk.ts'
import { WebhookReceiver } from '../support/webhook-receiver.ts'

const NO_HOST = 'http://no-such-host.invalid'

t.test(
  'a carrier that writes numbers, an agent without an address, failing webhooks',
  async (t) => {
    const { env } = await plantSurroundings(t)
    const { domain } = await openRudeTrunk(t)
    const receiver = await WebhookReceiver.listen(t)
    const header = { location: `http://x/${NUMBERS.inHeader}?key=${SECRETS.otherKey}` }
    receiver.answer = (_request, before) => (before === 0 ? { status: 302, headers: header } : 500)
    const product = await startChild(t, {
      env: {
        ...{
          ...env,
          EXOLVE_SIP_DOMAIN: domain,
          ELEVENLABS_BASE_URL: NO_HOST,
          ELEVENLABS_WS_URL: '',
        },
        WEBHOOK_ALLOW_HOSTS: `127.0.0.1:${receiver.port}`,
        SECRETS_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      },
    })
    const { view } = product
    const url = receiver.url(
      `/${NUMBERS.inPath.slice(1)}?key=${encodeURIComponent(SECRETS.otherKey)}`,
    )
    const body = JSON.stringify({ url, types: ['call.ended'] })
    t.equal((await view.request('/api/webhooks', { method: 'POST', body })).status, 201)
    const problems: unknown[] = []
    for (let nth = 0; nth < RUDE_ANSWERS; nth++) {
      const callId = await view.place(NUMBERS.dialled)
      const call = await view.ended(callId)
      const timeline = JSON.stringify(await view.timeline(callId))
      problems.push(call.termination?.reason, ...planted('timeline', timeline, ['secrets']))
    }
    t.equal(problems.length, RUDE_ANSWERS, 'no secret in a timeline')
    await receiver.until(2)
    await eventually('the failures to be told', 5000, () =>
      /a webhook is tried again/.test(product.program.stdout),
    )
    t.equal(await product.stop(), 0)
    t.match(product.program.stdout, /registrar refuses us/)
    t.same(plantedInOutput('product', product.program), [])
  },
)

t.test('a carrier that does not speak TLS', async (t) => {
  const { env } = await plantSurroundings(t)
  const product = await startChild(t, { env: { ...env, ...(await withoutTls(t)) } })
  const call = await product.view.ended(await product.view.place(NUMBERS.dialled))
  t.equal(call.outcome, 'failed')
  t.equal(await product.stop(), 0)
  t.same(plantedInOutput('product', product.program), [])
})

/** A server that answers a handshake with a number. */
async function withoutTls(t: Test): Promise<Readonly<Record<string, string>>> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.end(`SIP/2.0 200 ${NUMBERS.saidByTrunk}\r\n\r\n`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    SIP_LISTEN: 'udp:127.0.0.1:0,tls:127.0.0.1:0',
    EXOLVE_SIP_DOMAIN: 'localhost',
    EXOLVE_SIP_PROXY: `sip:127.0.0.1:${port};transport=tls`,
  }
}

t.test('a start that is refused repeats no value', async (t) => {
  const { env } = await plantSurroundings(t)
  const program = runMain(t, {
    envFile: `EXOLVE_SIP_PASSWORD=${SECRETS.trunkPassword}\nDATABASE_URL=postgres://u:${SECRETS.otherKey}@h/d\n`,
    env: {
      ...env,
      EXOLVE_SIP_DOMAIN: '127.0.0.1',
      EXOLVE_SIP_PROXY: `sip:${NUMBERS.dialled}:${SECRETS.trunkPassword}@127.0.0.1`,
      EXOLVE_SIP_USER: `${NUMBERS.shown} x`,
      DIAL_ALLOW_PREFIXES: `${NUMBERS.dialled}-1`,
      RTP_PORT_MIN: NUMBERS.dialled,
      LOG_LEVEL: NUMBERS.dialled,
      SIP_ADVERTISE: `${NUMBERS.dialled}@127.0.0.1`,
      TOOL_SERVER_URL: `https://u:${SECRETS.toolSecret}@127.0.0.1/?n=${NUMBERS.dialled}`,
      ELEVENLABS_VOICE_ID: SECRETS.vendorKey.repeat(3),
    },
  })
  t.not((await program.ended).code, 0)
  t.match(program.stderr, /the configuration is not valid/)
  t.same(plantedInOutput('a start', program), [])
})

t.test('the doctor and the rehearsal beside a real configuration', async (t) => {
  const { env } = await plantSurroundings(t)
  const { domain } = await openRudeTrunk(t)
  const folder = temporaryFolder(t, 'reports')
  const run = (name: string, file: string, args: readonly string[] = []) => ({
    name,
    json: join(folder, `${name}.json`),
    program: runPlanted(t, file, [...args, '--json', join(folder, `${name}.json`)], {
      ...env,
      EXOLVE_SIP_DOMAIN: domain,
      SIP_LISTEN: 'udp:127.0.0.1:0',
    }),
  })
  const programs = [
    run('doctor', 'doctor/main.ts'),
    run('rehearsal', 'rehearsal/main.ts', ['--scenario', 'busy']),
  ]
  for (const { name, json, program } of programs) {
    await program.ended
    t.same(plantedInOutput(name, program), [])
    t.same(planted(`${name}.json`, readFileSync(json, 'utf8')), [])
  }
})
