// Hostile messages at the gate, by the seeded mutations of `npm run proof -- sip-fuzz`: no mistake in one opens it, and
// none carries the header that only we may write.
import t, { type Test } from 'tap'
import { requestCorpus } from '../../../../proof/sip-fuzz/corpus.ts'
import { mutate, SIP_MUTATIONS } from '../../../../proof/sip-fuzz/mutate.ts'
import { seededRandom } from '../../../../proof/seeded-random.ts'
import { Counters } from '../../../../gateway/embedded/counters.ts'
import { Gate } from '../../../../gateway/embedded/gate/gate.ts'
import { InboundMessages } from '../../../../gateway/embedded/inbound-messages.ts'
import { completeConfig, type GateOptions } from '../../../../gateway/embedded/server-options.ts'
import { TransactionLayer } from '../../../../gateway/embedded/transaction/transaction-layer.ts'
import type { InboundRequest } from '../../../../gateway/embedded/transaction/inbound-request.ts'
import type { Transport } from '../../../../gateway/embedded/transport/transport.ts'

const SEED = 20_260_402
const COUNT = 5_000
const STRANGER = { address: '198.51.100.9', port: 5060 }

/** The layers behind the gate, with an application that takes no request and a network that is only watched. */
function openLayers(t: Test, gate: GateOptions | undefined) {
  const config = completeConfig({ listen: [] }, '')
  const limits = { ...config.limits, strangerRefusalsPerSecond: 1e9 }
  const counters = new Counters()
  const transactions = new TransactionLayer({ ...config, counters })
  t.teardown(() => transactions.close())
  const asked: InboundRequest[] = []
  transactions.user = {
    refusalOf: (inbound) => {
      asked.push(inbound)
      return { cause: 'the test' }
    },
    isWithinDialog: () => false,
    onRequest: () => undefined,
    onAck: (inbound) => asked.push(inbound),
    onCancel: () => undefined,
    onStrayResponse: () => undefined,
  }
  const sent: string[] = []
  const transport: Pick<Transport, 'protocol' | 'reply'> = {
    protocol: 'udp',
    reply: (bytes) => sent.push(bytes.toString('latin1', 0, 11)),
  }
  const messages = new InboundMessages({
    ...{ transactions, counters, limits },
    gate: new Gate(limits, gate),
  })
  const receive = (text: string): void =>
    messages.receive(Buffer.from(text, 'latin1'), STRANGER, transport as Transport)
  return { receive, asked, sent }
}

function* hostileRequests(): Generator<string> {
  const random = seededRandom(SEED)
  const corpus = requestCorpus({
    ...{ uri: 'sip:a@192.0.2.1', sender: '198.51.100.9:5060', transport: 'UDP' },
  })
  for (let n = 0; n < COUNT; n += 1) yield mutate(random.pick(corpus), random, SIP_MUTATIONS)
}

for (const [strangers, allowed] of [
  ['drop', /^$/],
  ['refuse', /^SIP\/2.0 (?:403|481)$/],
] as const)
  t.test(`${strangers}: ${COUNT} hostile messages of a stranger`, async (t) => {
    const { receive, asked, sent } = openLayers(t, { known: [], strangers })
    for (const text of hostileRequests()) {
      asked.splice(0)
      sent.splice(0)
      receive(text)
      if (asked.length > 0 || !sent.every((each) => allowed.test(each)))
        t.fail(`it was let in: ${sent.join()}`, { text })
    }
  })

t.test('nothing claims a certificate', async (t) => {
  const { receive, asked } = openLayers(t, undefined)
  const random = seededRandom(SEED + 1)
  for (const text of hostileRequests()) {
    const name = random.pick([
      'X-Voicegate-Tls-Name',
      'x-voicegate-tls-name',
      'X-VOICEGATE-TLS-NAME',
    ])
    const lines = text.split('\r\n')
    lines.splice(
      random.below(lines.length),
      0,
      `${name}${random.pick(['', ' ', '\t '])}: forged.test`,
    )
    receive(lines.join('\r\n'))
  }
  t.ok(asked.length > COUNT / 10, `${asked.length} of them came through`)
  for (const { request } of asked) {
    const names: string[] = []
    request.headers.forEach((name) => names.push(name.toLowerCase()))
    if (names.includes('x-voicegate-tls-name')) t.fail('one came through with the header')
  }
})
