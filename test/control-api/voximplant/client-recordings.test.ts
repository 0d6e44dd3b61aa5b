// Recordings of Voximplant as our client fetches them: whole or not at all, and with the key for the vendor alone.
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { createVoximplantRest } from '../../../control-api/voximplant/vendor/client.ts'
import { createMetrics } from '#core/telemetry'
import { createClock } from '#core/time'
import { answering, aVendor, clientOf, serviceAccountOf } from './vendor-stage.ts'

const key = { kind: 'api_key', apiKey: '3c4b9d0e-1111-4222-8333-abcdefabcdef' } as const

t.test('a recording is fetched whole or not at all, and the key goes nowhere else', async (t) => {
  const asked: string[] = []
  const other = await answering(t, (request, response) => {
    asked.push(`${request.url ?? ''} ${request.headers.authorization ?? ''}`)
    response.end('sound')
  })
  const vendor = await aVendor(t)
  const folder = t.testdir({})
  let times = 0
  const front = await answering(t, (request, response) => {
    times += 1
    asked.push(`front ${request.url ?? ''}`)
    if (request.url?.startsWith('/away') === true)
      return response.writeHead(302, { location: `${other.baseUrl}/sound` }).end()
    if (request.url?.startsWith('/round') === true)
      return response.writeHead(302, { location: '/round' }).end()
    if (request.url?.startsWith('/words') === true) {
      response.setHeader('content-type', 'application/json')
      return response.end('{"error":{"code":100,"msg":"Authorization failed"}}')
    }
    if (times > 1) return response.end('whole')
    response.writeHead(200, { 'content-length': 10 })
    response.write('half', () => void response.destroy())
    return response
  })
  const { rest } = clientOf({ ...front, accountId: vendor.accountId }, serviceAccountOf(vendor))
  const path = (name: string): string => join(folder, name)
  t.match(await rest.recording(`${front.baseUrl}/a`, path('a')), {
    kind: 'ok',
    value: { bytes: 5 },
  })
  t.match(await rest.recording(`${front.baseUrl}/away`, path('b')), {
    kind: 'refused',
    error: { code: 'NOT_FOUND' },
  })
  for (const url of [`${other.baseUrl}/x`, 'file:///etc/passwd', 'no address', ''])
    t.match(await rest.recording(url, path('c')), { kind: 'refused' }, url)
  t.same(
    asked.filter((each) => !each.startsWith('front')),
    [],
    'nobody else was asked',
  )
  t.match(await rest.recording(`${front.baseUrl}/round`, path('d')), { kind: 'refused' })
  t.match(await rest.recording(`${front.baseUrl}/words`, path('e')), { kind: 'refused', code: 100 })
  t.same(
    ['b', 'c', 'd', 'e'].filter((name) => existsSync(path(name))),
    [],
    'and no file is left',
  )
})

t.test('a secure recording wants the key of its own account', async (t) => {
  const vendor = await aVendor(t)
  const record = { record_id: 3, start_time: '2026-01-02 03:04:07', duration: 1 }
  const session = {
    call_session_history_id: 1,
    start_date: '2026-01-02 03:04:05',
    records: [record],
  }
  vendor.addHistory([session], { secure: true })
  const stranger = clientOf(vendor, { kind: 'api_key', apiKey: 'wrong' })
  const url = `${vendor.baseUrl}/records/3.mp3`
  const path = join(t.testdir({}), 'r')
  t.match(await stranger.rest.recording(url, path), {
    kind: 'refused',
    error: {
      code: 'PROVIDER_REFUSED',
      message: 'Voximplant answered 401: the key may not do this.',
    },
  })
  const { rest } = clientOf(vendor, serviceAccountOf(vendor))
  vendor.fail({ kind: 'http', status: 503 }, { of: 'record-file', times: 2 })
  t.match(await rest.recording(url, path), { kind: 'ok' })
  const again = { kind: 'failed', error: { code: 'STORAGE_UNAVAILABLE' } }
  t.match(await rest.recording(url, path), again, 'never over a file that is there')
  t.ok(existsSync(path))
})

t.test(
  'the key of a recording goes to hosts of the vendor over https, and to no other',
  async (t) => {
    const storage = 'https://storage-1.voximplant.com/a.mp3'
    const hosts: readonly [
      url: string,
      redirect: string | undefined,
      withKey: readonly boolean[],
    ][] = [
      [storage, undefined, [true]],
      ['https://api.voximplant.com/a.mp3', undefined, [true]],
      ['https://storage.example/a.mp3', undefined, [false]],
      ['https://voximplant.com.example/a.mp3', undefined, [false]],
      ['https://notvoximplant.com/a.mp3', undefined, [false]],
      [storage, 'https://bucket.example/a.mp3', [true, false]],
      [storage, 'https://storage-2.voximplant.com/a.mp3', [true, false]],
      [storage, '/b.mp3', [true, true]],
      [storage, 'http://storage-1.voximplant.com/a.mp3', [true]],
      ['http://storage-1.voximplant.com/a.mp3', undefined, []],
      ['https://api.voximplant.com:8443/a.mp3', undefined, [false]],
      ['https://evil.voximplant.com:44565/a.mp3', undefined, [false]],
      [storage, 'https://storage-1.voximplant.com:8443/a.mp3', [true, false]],
    ]
    const vendor = { baseUrl: 'https://api.voximplant.com', accountId: 5 }
    const simulated = await aVendor(t)
    const folder = t.testdir({})
    for (const [n, [url, redirect, withKey]] of hosts.entries())
      for (const credential of [key, serviceAccountOf(simulated)]) {
        const asked: boolean[] = []
        const answers = redirect === undefined ? [] : [redirect]
        const real = globalThis.fetch
        globalThis.fetch = ((to: URL, init: RequestInit) => {
          const hasToken = JSON.stringify(init.headers).includes('Bearer')
          asked.push(hasToken || to.searchParams.has('api_key'))
          const location = answers.shift()
          const response =
            location === undefined
              ? new Response('sound')
              : new Response(null, { status: 302, headers: { location } })
          return Promise.resolve(response)
        }) as typeof fetch
        try {
          const path = join(folder, `${n}-${credential.kind}`)
          await clientOf(vendor, credential).rest.recording(url, path)
        } finally {
          globalThis.fetch = real
        }
        t.same(asked, withKey, `${url} ${redirect ?? ''} ${credential.kind}`)
      }
  },
)

t.test('an address that is a command is no recording: it is not sent with our key', async (t) => {
  const vendor = await aVendor(t)
  const front = await answering(t, (_request, response) =>
    response.writeHead(302, { location: '/platform_api/StartScenarios?rule_id=1' }).end(),
  )
  const path = join(t.testdir({}), 'r')
  const commands = [
    '/platform_api/StartScenarios?rule_id=1&script_custom_data=x',
    '/platform_api?cmd=StartScenarios&rule_id=1',
    '//platform_api/GetAccountInfo/a.mp3',
    '/%70latform_api/GetAccountInfo',
    '/records/..%2fPLATFORM_API/GetAccountInfo',
    '/%zz',
  ]
  const refused = { kind: 'refused', error: { code: 'NOT_FOUND', message: /may be asked/ } }
  for (const credential of [key, serviceAccountOf(vendor)]) {
    for (const command of commands)
      t.match(
        await clientOf(vendor, credential).rest.recording(`${vendor.baseUrl}${command}`, path),
        refused,
        command,
      )
    const { rest } = clientOf({ ...front, accountId: vendor.accountId }, credential)
    t.match(await rest.recording(`${front.baseUrl}/1.mp3`, path), refused, 'nor behind a redirect')
  }
  t.same(vendor.requests, [], 'the vendor was not asked')
})

t.test('a host that is none of the vendor’s is asked only where it may be', async (t) => {
  const path = join(t.testdir({}), 'r')
  const access = { vendorAccountId: '5', credential: key }
  const examined: string[] = []
  const mayAsk = (url: string) => Promise.resolve(examined.push(url) < 0 ? [] : undefined)
  const rest = createVoximplantRest(
    { metrics: createMetrics(), clock: createClock() },
    { baseUrl: 'https://api.voximplant.com', access, mayAsk },
  )
  const urls = ['https://10.0.0.1/a.mp3', 'https://evil.voximplant.com:44565/a.mp3']
  for (const url of urls)
    t.match(await rest.recording(url, path), { kind: 'refused', error: { code: 'NOT_FOUND' } })
  t.same(examined, urls)
  t.notOk(existsSync(path))
})

t.test(
  'such a host is connected to where it was examined, whatever its name means by then',
  async (t) => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.destroy()
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => server.close())
    const { port } = server.address() as AddressInfo
    const { rest } = clientOf({ baseUrl: 'https://api.voximplant.com', accountId: 5 }, key, {
      timing: { totalMs: 300, downloadMs: 300 },
      mayAsk: () => Promise.resolve(['127.0.0.1']),
    })
    const path = join(t.testdir({}), 'r')
    t.match(await rest.recording(`https://storage.invalid:${port}/a.mp3`, path), { kind: 'failed' })
    t.ok(connections > 0)
  },
)
