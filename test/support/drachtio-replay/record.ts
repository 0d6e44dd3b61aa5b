// Records each exchange with the drachtio-server of the PATH into test/fixtures/drachtio:
// `node test/support/drachtio-replay/record.ts`. To be looked through before it is committed.
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDrachtioServer, type DrachtioServer } from '../drachtio-server.ts'
import { SipPeer } from '../../gateway/embedded/sip-peer.ts'
import { EXCHANGES, type Exchange } from './exchanges.ts'
import { FAR, FrameSplitter, SERVER, type Frame } from './frames.ts'
import { openPort } from './open-port.ts'

export const FOLDER = join(import.meta.dirname, '../../fixtures/drachtio')

interface Recording {
  readonly notes: readonly string[]
  readonly frames: readonly Frame[]
}

/** Plays an exchange with a real server and keeps what passed between us and it. */
export async function record(exchange: Exchange): Promise<Recording> {
  const cleanUps: (() => unknown)[] = []
  const teardown = (run: () => unknown): unknown => cleanUps.unshift(run)
  const server = await startDrachtioServer({ protocols: ['udp'] })
  teardown(() => server.close())
  try {
    const frames: Frame[] = []
    const port = await listenBetween(server, frames, teardown)
    const peer = await SipPeer.at(FAR.port, { teardown })
    const sip = await openPort({ ...server.admin, port, outlivesUs: true })
    teardown(() => sip.close())
    await sleep(50)
    const far = exchange.far(peer, server.address)
    const [notes] = await Promise.all([exchange.play(sip), far])
    await sleep(100)
    return { notes, frames: scrubbed(frames, server) }
  } finally {
    for (const run of cleanUps) await run()
  }
}

async function listenBetween(
  { admin }: DrachtioServer,
  frames: Frame[],
  teardown: (run: () => unknown) => unknown,
): Promise<number> {
  const between = createServer((app) => {
    const server = connect(admin.port, admin.host)
    const said = { app: new FrameSplitter(), server: new FrameSplitter() }
    for (const [from, socket, other] of [
      ['app', app, server],
      ['server', server, app],
    ] as const) {
      socket.on('data', (bytes) => {
        for (const text of said[from].take(bytes)) frames.push({ from, text })
        other.write(bytes)
      })
      socket.on('close', () => other.destroy())
      socket.on('error', () => other.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  teardown(() => between.close())
  return (between.address() as AddressInfo).port
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** No secret, no path, no version of this machine's; what is random is numbered. */
function scrubbed(frames: readonly Frame[], { admin, address }: DrachtioServer): Frame[] {
  const numbered = new Map<string, string>()
  const numberOf = (id: string): string => {
    const known = numbered.get(id)
    if (known !== undefined) return known
    const name = `id-${numbered.size + 1}`
    numbered.set(id, name)
    return name
  }
  return frames.map(({ from, text }) => ({
    from,
    text: text
      .replaceAll(admin.secret, 'secret')
      .replaceAll(`:${address.port}`, `:${SERVER.port}`)
      .replaceAll(`|${address.port}|`, `|${SERVER.port}|`)
      .replace(UUID, numberOf)
      .replace(/\|v\d+\.\d+\.\d+[^|]*/, '|v0.9.10')
      .replace(/\|\d\d:\d\d:\d\d\.\d{6}\|/, '|12:00:00.000000|'),
  }))
}

if (import.meta.main) {
  mkdirSync(FOLDER, { recursive: true })
  for (const exchange of EXCHANGES) {
    const { notes, frames } = await record(exchange)
    console.log(exchange.name, notes)
    const lines = frames.map((frame) => JSON.stringify(frame))
    writeFileSync(join(FOLDER, `${exchange.name}.jsonl`), `${lines.join('\n')}\n`)
  }
}
