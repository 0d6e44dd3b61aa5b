// What we send to the SIP server fits what drachtio-server can take: refused when it is too large, held back when too
// much is under way. The server here answers when it is told to.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import DrachtioSrf from 'drachtio-srf'
import t, { type Test } from 'tap'
import { guardFrames, LARGEST_FRAME_BYTES } from '../../../gateway/sip/drachtio-frames.ts'
import type { Srf } from '../../../gateway/sip/drachtio-types.ts'

interface Stage {
  readonly srf: Srf
  /** Frames the server has read, without their ids. */
  readonly frames: { readonly id: string; readonly text: string; readonly bytes: number }[]
  answer(id: string): void
}

async function stage(t: Test): Promise<Stage> {
  const frames: Stage['frames'] = []
  let peer: Socket | undefined
  const server = createServer((socket) => {
    peer = socket
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      for (let mark = heard.indexOf('#'); mark > 0; mark = heard.indexOf('#')) {
        const size = Number(heard.toString('latin1', 0, mark))
        if (heard.length < mark + 1 + size) return
        const payload = heard.toString('utf8', mark + 1, mark + 1 + size)
        heard = heard.subarray(mark + 1 + size)
        const [id = '', ...rest] = payload.split('|')
        frames.push({ id, text: rest.join('|'), bytes: size })
        if (rest[0] === 'authenticate') say(`${id}|OK|udp/127.0.0.1:5060|v0.9.10|`)
        if (rest[0] === 'route') say(`${id}|OK`)
      }
    })
  }).listen(0, '127.0.0.1')
  const say = (text: string): void => {
    const payload = `a|response|${text}`
    peer?.write(`${Buffer.byteLength(payload)}#${payload}`)
  }
  await once(server, 'listening')
  const srf = new DrachtioSrf() as unknown as Srf
  srf.on('error', () => undefined)
  const { port } = server.address() as AddressInfo
  const connected = new Promise((resolve) => srf.on('connect', resolve))
  srf.connect({ host: '127.0.0.1', port, secret: 'x', reconnect: { retryMaxDelay: 2000 } })
  guardFrames(srf.app.client!.wp)
  t.teardown(() => {
    srf.disconnect()
    peer?.destroy()
    server.close()
  })
  await connected
  return { srf, frames, answer: (id) => say(`${id}|NOK|not now`) }
}

const send = ({ srf }: Stage, name: string, padding: number) =>
  new Promise<Error | null>((resolve) =>
    srf.request(
      'sip:x@127.0.0.1:9',
      { method: 'OPTIONS', headers: { 'X-Name': name, 'X-Padding': 'x'.repeat(padding) } },
      (error) => resolve(error),
    ),
  )
const requests = ({ frames }: Stage) => frames.filter(({ text }) => text.startsWith('sip|'))

t.test('a frame that is too large is refused here, and the connection goes on', async (t) => {
  const on = await stage(t)
  const error = await send(on, 'large', LARGEST_FRAME_BYTES)
  t.match(error, { code: 'EDRACHTIO', message: /too large/ })
  t.same(requests(on), [], 'nothing of it left')
  const next = send(on, 'small', 10)
  await waitFor(() => requests(on).length === 1)
  on.answer(requests(on)[0]!.id)
  t.match(await next, { message: 'not now' })
})

t.test('what is counted is bytes', async (t) => {
  const on = await stage(t)
  const wide = 'é'.repeat(LARGEST_FRAME_BYTES / 2)
  t.match(await send(on, wide, 0), { message: /too large/ })
})

t.test('no more is under way than the server’s ring holds', async (t) => {
  const on = await stage(t)
  for (let at = 0; at < 30; at += 1) void send(on, String(at), 3500)
  await sleep(50)
  const first = requests(on)
  t.ok(first.reduce((sum, { bytes }) => sum + bytes, 0) <= 12_228, `${first.length} frames`)
  for (let at = 0; at < 30; at += 1) {
    await waitFor(() => requests(on).length > at)
    on.answer(requests(on)[at]!.id)
  }
  const order = requests(on).map(({ text }) => Number(/^X-Name: (\d+)/im.exec(text)?.[1]))
  t.same(order, [...Array(30).keys()], 'all of them, in order')
})

t.test('a frame that is never answered holds up the others for a second only', async (t) => {
  const on = await stage(t)
  void send(on, 'lost', 11_000)
  const startedAt = performance.now()
  void send(on, 'next', 11_000)
  await waitFor(() => requests(on).length === 2)
  const waitedMs = performance.now() - startedAt
  t.ok(waitedMs > 900 && waitedMs < 2500, `${waitedMs} ms`)
})

async function waitFor(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !isTrue(); tries += 1) await sleep(10)
}
