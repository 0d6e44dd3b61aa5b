// What anybody may see of a trunk's definition: defaults are written out, secrets and numbers are not there.
import t from 'tap'
import type { E164, Trunk } from '../../../core/contracts/index.ts'
import { trunkFacts } from '../../../gateway/trunks/trunk-facts.ts'

const NUMBERS = ['+4930555100', '+4930555101'] as E164[]
const account = {
  ...{ user: 'planted-user', authUser: 'planted-auth', password: 'planted-secret' },
  ...{ registers: true, settings: 'planted-settings' },
}

t.test('a trunk with nothing but a name and a domain', async (t) => {
  t.same(trunkFacts({ name: 'one', domain: 'sip.example.com', numbers: [] }), {
    ...{ name: 'one', domain: 'sip.example.com', proxy: null, transport: null, registers: false },
    ...{ codecs: ['PCMU', 'PCMA'], media: 'direct', srtp: 'off', transfer: 'auto', numbers: 0 },
    routes: [{ prefixes: ['+'], priority: 100, weight: 1 }],
    ...{ maxConcurrentCalls: null, maxCallsPerSecond: null },
  })
})

t.test('neither user, password nor number is shown', async (t) => {
  const trunk: Trunk = {
    ...{ name: 'one', domain: 'sip.example.com', numbers: NUMBERS, account, transport: 'tcp' },
    inbound: { account: { username: 'planted-in', password: 'planted-in-secret' } },
    ...{ routes: [], limits: { maxConcurrentCalls: 5 }, codecs: ['opus', 'PCMA'] },
    ...{ media: 'anchored', srtp: 'required', transfer: 'bridge' },
  }
  const facts = trunkFacts(trunk)
  t.notMatch(JSON.stringify(facts), /planted|555/)
  t.match(facts, {
    ...{ registers: true, numbers: 2, routes: [], maxConcurrentCalls: 5, transport: 'tcp' },
    ...{ codecs: ['opus', 'PCMA'], media: 'anchored', srtp: 'required', transfer: 'bridge' },
  })
})

t.test('a proxy says how it is reached', async (t) => {
  const seen = (proxy: string) => {
    const facts = trunkFacts({ name: 'one', domain: 'd', numbers: [], transport: 'tcp', proxy })
    return [facts.proxy, facts.transport]
  }
  t.same(seen('sip:80.75.130.100'), ['80.75.130.100', null], 'not as its domain would be')
  t.same(seen('sip:proxy.example.com:5061;transport=tls'), ['proxy.example.com:5061', 'tls'])
  t.same(seen('sip:[2001:db8::1]:5060;transport=UDP;lr'), ['[2001:db8::1]:5060', 'udp'])
  t.same(seen('sip:user:secret@proxy.example.com;lr'), ['proxy.example.com', null])
})
