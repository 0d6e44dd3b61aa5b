// Name servers that are slow, away or busy with other names do not silence agents whose host was known a moment ago.
import dns, { type LookupAddress } from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import type { LookupFunction } from 'node:net'
import { setTimeout as sleepFor } from 'node:timers/promises'
import t from 'tap'
import { createLogger } from '#core/telemetry'
import { createAgentLookup } from '../../../bridge/elevenlabs/agent-lookup.ts'
import { createPreparation } from '../../../bridge/elevenlabs/prewarm.ts'
import { startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { AGENT_ID, API_KEY } from './support.ts'

type Answered = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void

/** Name servers that answer when the test says so. */
function nameServers() {
  const asked: { readonly host: string; readonly answer: Answered }[] = []
  const lookup = createAgentLookup((host, _options, answer) => asked.push({ host, answer }))
  return { asked, lookup }
}

const ask = (lookup: LookupFunction, host = 'agent.example') =>
  new Promise<unknown>((resolve, reject) =>
    lookup(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found))),
  )
const at = (address: string): LookupAddress[] => [{ address, family: 4 }]
const failure = (code: string) => Object.assign(new Error(code), { code })

t.test('what is known is good while nobody answers, and newer answers count', async (t) => {
  const { asked, lookup } = nameServers()
  const first = ask(lookup)
  asked[0]?.answer(null, at('192.0.2.1'))
  t.same(await first, at('192.0.2.1'))
  t.same(await ask(lookup), at('192.0.2.1'), 'no answer')
  t.same(await ask(lookup), at('192.0.2.1'))
  t.equal(asked.length, 2, 'one question at a time')
  asked[1]?.answer(null, at('192.0.2.2'))
  const late = ask(lookup)
  asked[2]?.answer(failure('EAI_AGAIN'), [])
  t.same(await late, at('192.0.2.2'), 'what came late is known')
  const gone = ask(lookup)
  asked[3]?.answer(failure('ENOTFOUND'), [])
  t.same(await gone, at('192.0.2.2'), 'name servers in trouble say that, too')
})

t.test('an unknown name waits, and shares its failure', async (t) => {
  const { asked, lookup } = nameServers()
  const both = [ask(lookup), ask(lookup)]
  await sleepFor(400)
  t.equal(asked.length, 1)
  asked[0]?.answer(failure('EAI_AGAIN'), [])
  for (const one of both) await t.rejects(one, { code: 'EAI_AGAIN' })
})

t.test('one address, where one is asked for', (t) => {
  const { asked, lookup } = nameServers()
  lookup('agent.example', {}, (error, address, family) => {
    t.same([error, address, family], [null, '192.0.2.1', 4])
    t.end()
  })
  asked[0]?.answer(null, at('192.0.2.1'))
})

t.test('signed URL and connection go there when DNS is gone', async (t) => {
  const real = dns.lookup
  let isGone = false
  const stub = (_host: string, _options: unknown, done: Answered): void => {
    if (!isGone) done(null, at('127.0.0.1'))
  }
  dns.lookup = stub as unknown as typeof dns.lookup
  syncBuiltinESMExports()
  t.teardown(() => {
    dns.lookup = real
    syncBuiltinESMExports()
  })
  const vendor = await startElevenLabs({ apiKey: API_KEY })
  t.teardown(() => vendor.close())
  const named = (url: string) => url.replace('127.0.0.1', 'agent.example')
  const options = {
    connection: {
      apiKey: API_KEY,
      restUrl: named(vendor.restUrl),
      wsUrl: named(vendor.wsUrl),
    },
    agentId: AGENT_ID,
    onSignedUrlRequest: () => undefined,
  }
  const open = async () => {
    const preparation = createPreparation(createLogger('silent'), options)
    const { socket } = await preparation.take()
    socket.destroy()
    preparation.close()
  }
  await t.resolves(open())
  isGone = true
  await t.resolves(open())
})
