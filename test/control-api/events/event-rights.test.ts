import { once } from 'node:events'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { CLIENT_LIMITS } from '../../../control-api/events/event-clients.ts'
import { buildApp, eventually, json, type BuiltApp } from '../../support/build-app.ts'
import { openRaw } from '../../support/raw-http.ts'

const KEY = 'k'.repeat(32)
const admin = { authorization: `Bearer ${KEY}` }
const eventLimits = { ...CLIENT_LIMITS, pingEveryMs: 100, handshakeMs: 200 }
const config = { requireKey: true, apiKey: KEY, rehearsal: false, eventLimits }

async function listen(t: Test, app: BuiltApp, headers: Record<string, string>) {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/events`, { headers })
  t.teardown(() => socket.terminate())
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  return { socket, closed }
}

t.test('a key that may read no more hears no more', async (t) => {
  const app = await buildApp(t, { config })
  const made = await app.request('/api/keys', json({ role: 'viewer' }, admin))
  const { key, key_id: id } = (await made.json()) as { key: string; key_id: string }
  const { closed } = await listen(t, app, { authorization: `Bearer ${key}` })
  const other = await listen(t, app, admin)
  const change = { ...json({ role: 'metrics' }, admin), method: 'PATCH' }
  t.equal((await app.request(`/api/keys/${id}`, change)).status, 200)
  t.equal(await closed, 1008)
  t.equal(other.socket.readyState, WebSocket.OPEN)
})

t.test('signing out ends what the session hears', async (t) => {
  const app = await buildApp(t, { config })
  const signedIn = await app.request('/api/session', json({ key: KEY }))
  const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  const own = { cookie, origin: app.url }
  const { closed } = await listen(t, app, own)
  const byKey = await listen(t, app, admin)
  const out = await app.request('/api/session', { method: 'DELETE', headers: own })
  t.equal(out.status, 204)
  t.equal(await closed, 1008)
  t.equal(byKey.socket.readyState, WebSocket.OPEN)
})

t.test('however many connect at once, no more than there is room for', async (t) => {
  const limits = { ...eventLimits, total: 3 }
  const app = await buildApp(t, { config: { ...config, eventLimits: limits } })
  const url = `${app.url.replace('http', 'ws')}/api/events`
  const sockets = Array.from({ length: 20 }, () => new WebSocket(url, { headers: admin }))
  for (const socket of sockets) {
    t.teardown(() => socket.terminate())
    socket.on('error', () => undefined)
  }
  const isOpen = () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length
  const isOver = ({ readyState }: WebSocket) => readyState === WebSocket.CLOSED
  await eventually('each is taken or refused', () =>
    Promise.resolve(isOpen() + sockets.filter(isOver).length === sockets.length),
  )
  t.equal(isOpen(), 3)
})

t.test('an upgrade behind a request not answered yet keeps no connection', async (t) => {
  const app = await buildApp(t, { config })
  const host = 'Host: localhost\r\n'
  const upgrade =
    `GET /api/events HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
  const socket = await openRaw(t, app.api.address)
  socket.resume()
  const closed = once(socket, 'close').then(() => 'closed')
  socket.write(`GET /api/calls HTTP/1.1\r\n${host}\r\n${upgrade}`)
  const late = new Promise((resolve) => setTimeout(resolve, 3000, 'still open').unref())
  t.equal(await Promise.race([closed, late]), 'closed')
  const held = await openRaw(t, app.api.address)
  held.resume()
  held.write(`GET /api/calls HTTP/1.1\r\n${host}\r\n${upgrade}`)
  const before = performance.now()
  await app.close()
  t.ok(performance.now() - before < 1500, 'nor does it hold up the end')
})
