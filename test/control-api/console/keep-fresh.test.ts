// What the live feed makes the pages read anew, and what it does not; a feed that is closed asks nothing.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { LiveMessage } from '../../../control-api/console/live/live-feed.ts'
import { eventually } from '../../support/process.ts'

/** As far as a page without anything to see needs a browser. */
class Socket extends EventTarget {
  static readonly all: Socket[] = []
  readyState = 0
  constructor() {
    super()
    Socket.all.push(this)
  }
  close(): void {
    this.readyState = 3
  }
}
const page = Object.assign(new EventTarget(), { hidden: false })
const browser = {
  document: page,
  location: { origin: 'http://console.invalid' },
  WebSocket: Socket,
}
for (const [name, value] of Object.entries(browser))
  Object.defineProperty(globalThis, name, { value, configurable: true })

const { queryClient } = await import('../../../control-api/console/api/queries.ts')
const { keepFresh } = await import('../../../control-api/console/live/keep-fresh.ts')
const { createLiveFeed } = await import('../../../control-api/console/live/live-feed.ts')
const { getCallQueryKey } =
  await import('../../../control-api/console/api/generated/@tanstack/react-query.gen.ts')

const CALL = { call_id: 'call_1', status: 'ended', has_recording: false }
const BEGUN_AT = 5000

function read(id: string, updatedAt: number, meta?: Record<string, unknown>): void {
  const queryKey = [{ _id: id }]
  queryClient.getQueryCache().build(queryClient, { queryKey, ...(meta ? { meta } : {}) })
  queryClient.setQueryData(queryKey, {}, { updatedAt })
}

/** Names of what is to be read anew. */
const old = (): readonly string[] =>
  queryClient
    .getQueryCache()
    .getAll()
    .filter(({ state }) => state.isInvalidated)
    .map(({ queryKey }) => (queryKey as [{ _id: string }])[0]._id)

const message = (type: string, callId: string | null, data: object = {}): LiveMessage => ({
  ...{ id: '1', type, at: '2026-01-01T00:00:00Z', call_id: callId },
  data: { ...data },
})

t.test('what is read anew', async (t) => {
  let open: (begunAt: number) => void = () => undefined
  let tell: (message: LiveMessage) => void = () => undefined
  t.teardown(
    keepFresh({
      onOpen: (listener) => ((open = listener), () => undefined),
      subscribe: (listener) => ((tell = listener), () => undefined),
    }),
  )
  read('getSession', 1)
  read('pastStatistics', 1, { live: false })
  read('listKeys', 1)
  read('listAgents', BEGUN_AT + 1)
  open(BEGUN_AT)
  t.same(old(), ['listKeys'], 'at first what was read before it came')
  open(2 * BEGUN_AT)
  await eventually('all', 5000, () => old().includes('listAgents') || undefined)
  t.same(old(), ['listKeys', 'listAgents'], 'later all but what does not live')

  const queryKey = getCallQueryKey({ path: { call_id: CALL.call_id } })
  queryClient.setQueryData<object>(queryKey, CALL)
  tell(message('recording.ready', 'call_2'))
  tell(message('trunk.changed', null))
  t.notOk(old().includes('getCall'), 'another one')
  tell(message('call.ended', CALL.call_id, { call: { ...CALL, has_recording: true } }))
  t.match(queryClient.getQueryData(queryKey), { has_recording: true }, 'told with it')
  t.notOk(old().includes('getCall'))
  tell(message('conversation.ready', CALL.call_id))
  t.ok(old().includes('getCall'), 'told without it')
})

t.test('a feed that we close does not ask why it is closed', async (t) => {
  queryClient.clear()
  const feed = createLiveFeed({ detail: 'node' })
  feed.open()
  await eventually('a socket', 5000, () => Socket.all[0])
  feed.close()
  await sleep(20)
  t.same(queryClient.getQueryCache().getAll(), [], 'nobody asks for the session')
  t.equal(feed.state(), 'connecting')
})
