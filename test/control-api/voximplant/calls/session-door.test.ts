// Where a live session is told to hang up: no place of ours or of our neighbours is asked, whoever names it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { CALL_TIMING } from '../../../../control-api/voximplant/calls/call-timing.ts'
import { createSessionDoor } from '../../../../control-api/voximplant/calls/session-door.ts'

const timing = { ...CALL_TIMING, controlMs: 300 }
const session = { sessionId: '77', key: 'k' }

t.test('addresses that are none of the vendor’s are not asked', async (t) => {
  const door = createSessionDoor('https://api.voximplant.com', timing)
  const cases = [
    ['http://93.184.216.34/request/1', /not https/],
    ['https://127.0.0.1/request/1', /public internet/],
    ['https://10.0.0.7:8443/request/1', /public internet/],
    ['https://[::1]/request/1', /public internet/],
    ['https://169.254.169.254/latest', /public internet/],
    ['https://2130706433/', /public internet/],
    ['https://user:word@93.184.216.34/', /none/],
    ['file:///etc/passwd', /not https/],
    ['nonsense', /none/],
  ] as const
  for (const [controlUrl, wanted] of cases) {
    const failures: string[] = []
    const told = await door.hangUp({ ...session, controlUrl }, (why) => failures.push(why))
    t.equal(told, 'not-told', controlUrl)
    t.match(failures, [wanted], controlUrl)
  }
  door.close()
})

t.test(
  'in a rehearsal the sessions are where the vendor is; redirects are not followed',
  async (t) => {
    const heard: string[] = []
    const server = createServer((request, response) => {
      heard.push(request.url ?? '')
      if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' })
      if (request.url === '/hangs') return
      response.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const door = createSessionDoor(base, timing)
    t.teardown(() => door.close())
    const ask = (path: string) =>
      door.hangUp({ ...session, controlUrl: base + path }, () => undefined)
    t.equal(await ask('/request/1'), 'told')
    t.equal(await ask('/moved'), 'not-told')
    t.equal(await ask('/hangs'), 'not-told')
    t.same(heard, ['/request/1', '/moved', '/hangs'])
    const elsewhere = createSessionDoor('http://127.0.0.1:9', timing)
    t.teardown(() => elsewhere.close())
    const failures: string[] = []
    const neighbour = { ...session, controlUrl: `${base}/request/2` }
    t.equal(await elsewhere.hangUp(neighbour, (why) => failures.push(why)), 'not-told')
    t.match(failures, [/not https/], 'another server of the same host is none of its own')
    t.equal(heard.length, 3)
  },
)
