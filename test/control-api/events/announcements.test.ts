// Announcements: to all who listen, at a bounded pace, and never to the cost of who does not read.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WebSocket as ServerSocket } from '@fastify/websocket'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { createAnnouncements } from '../../../control-api/events/announcements.ts'
import { EventReader, READER_LIMITS } from '../../../control-api/events/event-reader.ts'
import type { EventSource } from '../../../control-api/events/event-source.ts'
import { EventStream } from '../../../control-api/events/event-stream.ts'
import { NodeNews } from '../../../control-api/events/node-news.ts'
import { paceAnnouncements } from '../../../control-api/events/paced-announcements.ts'
import type { TrunkStates } from '../../../control-api/routes/trunks/trunk-view.ts'
import { eventually } from '../../support/build-app.ts'
import { trunkView } from '../../support/trunk-view.ts'

const clock = createClock()
const silent = createLogger('silent')

t.test('all who listen hear it; one that throws is reported', async (t) => {
  const reported: unknown[] = []
  const announcements = createAnnouncements(clock, (error) => reported.push(error))
  const heard: string[] = []
  const listener = ({ type }: { readonly type: string }): void => void heard.push(type)
  const failure = new Error('a test')
  announcements.subscribe(() => {
    throw failure
  })
  const stop = announcements.subscribe(listener)
  announcements.subscribe(listener)
  announcements.announce('one.thing', {})
  stop()
  stop()
  announcements.announce('another.thing', {})
  t.same(heard, ['one.thing', 'one.thing', 'another.thing'])
  t.same(reported, [failure, failure])
})

t.test('paced: at once, then once for all that came in the pause', async (t) => {
  const told: string[] = []
  const announce = (type: string, { id }: Record<string, unknown>): void =>
    void told.push(`${type} ${String(id)}`)
  const paced = paceAnnouncements({ announce }, 50)
  for (let at = 0; at < 100; at += 1) paced.announce('it.changed', { id: 1 })
  paced.announce('it.changed', { id: 2 })
  t.same(told, ['it.changed 1', 'it.changed 2'])
  await sleep(80)
  t.same(told, ['it.changed 1', 'it.changed 2', 'it.changed 1'], 'the last word is not lost')
  await sleep(80)
  paced.announce('it.changed', { id: 1 })
  t.equal(told.length, 4, 'after a pause without any: at once')
  paced.announce('it.changed', { id: 1 })
  paced.close()
  paced.announce('it.changed', { id: 3 })
  await sleep(80)
  t.equal(told.length, 4, 'closed: nothing more')
})

t.test('trunks that cannot be looked at for a while', async (t) => {
  const announcements = createAnnouncements(clock, (error) => t.error(error))
  let states: TrunkStates | undefined = { trunks: [], sipServerIsAway: false }
  const trunks = (): TrunkStates => {
    if (!states) throw new Error('a test')
    return states
  }
  const news = new NodeNews({ announcements, trunks, clock, logger: silent }, 10)
  t.teardown(() => news.close())
  const heard: string[] = []
  news.join((message) => heard.push(message(7)))
  t.match(JSON.parse(heard[0] ?? ''), { id: '7', data: { trunks: [], sip_server_away: false } })
  states = undefined
  await sleep(50)
  states = { trunks: [trunkView('one')], sipServerIsAway: true }
  await eventually('the change', () => Promise.resolve(heard.length === 2))
  t.match(JSON.parse(heard[1] ?? ''), { data: { trunks: [{ name: 'one' }] } })
  news.close()
  announcements.announce('job.changed', {})
  news.join((message) => heard.push(message(7)))
  t.equal(heard.length, 2, 'closed: nobody is told')
})

const NO_EVENTS: EventSource = {
  onNews: () => () => undefined,
  read: (after) => Promise.resolve({ items: [], position: after, isLast: true }),
}

async function readerOf(t: Test): Promise<{ reader: EventReader; peer: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connected = once(server, 'connection')
  const peer = new WebSocket(`ws://127.0.0.1:${port}`)
  t.teardown(() => peer.terminate())
  const [socket] = (await connected) as [ServerSocket]
  const options = { filter: {}, position: 5, limits: READER_LIMITS }
  const reader = new EventReader(socket, new EventStream(NO_EVENTS, silent), options)
  return { reader, peer }
}

t.test('who does not read is let go, with where to resume; memory is bounded', async (t) => {
  const { reader, peer } = await readerOf(t)
  const running = reader.run()
  let heard = 0
  peer.on('message', (text: Buffer) => {
    heard += 1
    if (heard === 1) t.match(JSON.parse(text.toString()), { id: '5' })
  })
  reader.announce((id) => `{"id":"${id}"}`)
  await eventually('the first', () => Promise.resolve(heard === 1))
  peer.pause()
  const before = process.memoryUsage().rss
  const long = 'x'.repeat(10_000)
  for (let at = 0; at < 20_000 && reader.dropped === undefined; at += 1) {
    reader.announce((id) => `{"id":"${id}","long":"${long}"}`)
    if (at % 50 === 0) await sleep(1)
  }
  t.equal(reader.dropped, 'slow')
  await running
  const grown = (process.memoryUsage().rss - before) / 1e6
  t.ok(grown < 60, `memory grew by ${Math.round(grown)} MB`)
  peer.resume()
  const [code, reason] = (await once(peer, 'close')) as [number, Buffer]
  t.equal(code, 1013)
  t.match(String(reason), 'slow reader; resume with last_event_id=5')
  const told = heard
  reader.announce(() => 'nobody')
  t.equal(heard, told)
})
