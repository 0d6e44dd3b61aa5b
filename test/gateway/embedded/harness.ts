// The embedded server in its worker, and an application on it: the real drachtio-srf, or bare frames.
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeFrame, FrameReader } from '../../../gateway/embedded/drachtio/frame-reader.ts'
import {
  startEmbeddedSip,
  type EmbeddedSip,
  type EmbeddedSipOptions,
} from '../../../gateway/embedded/index.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- drachtio-srf's own typings leave out most of what is tested here.
export type Any = any
const Srf: Any = createRequire(import.meta.url)('drachtio-srf')

export interface Teardown {
  teardown(run: () => unknown): unknown
}

/** T1 = 20 ms: 64·T1 is 1.28 s. */
export const FAST = { t1Ms: 20, t2Ms: 160, t4Ms: 200 }
export const GIVE_UP_MS = 64 * FAST.t1Ms

export interface Rig {
  readonly sip: EmbeddedSip
  readonly address: { readonly host: string; readonly port: number }
  /** `sip:callee@host:port`. */
  readonly target: string
}

export async function openRig(
  t: Teardown,
  options: Partial<EmbeddedSipOptions> = {},
): Promise<Rig> {
  const sip = await startEmbeddedSip({
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    timers: FAST,
    ...options,
  })
  const faults: string[] = []
  sip.onFault((text) => faults.push(text))
  sip.onExit((reason) => faults.push(`the thread ended: ${reason}`))
  t.teardown(async () => {
    await sip.close()
    if (faults.length > 0) throw new Error(`the server ran into a defect: ${faults.join('; ')}`)
  })
  const address = sip.addresses[0] ?? { host: '', port: 0 }
  return { sip, address, target: `sip:callee@${address.host}:${address.port}` }
}

export async function connectApp(t: Teardown, { sip }: Rig): Promise<Any> {
  const srf = new Srf()
  srf.on('error', () => undefined)
  const connected = new Promise<void>((resolve, reject) => {
    srf.once('connect', (error?: Error) => {
      if (error instanceof Error) reject(error)
      else resolve()
    })
  })
  srf.connect({ ...sip.admin, reconnect: { maxAttempts: 1 } })
  await connected
  t.teardown(() => {
    try {
      srf.disconnect()
    } catch {
      // A test may have disconnected it already.
    }
  })
  return srf
}

/** Routes are asked for over the socket: a request sent right behind may overtake them. */
export const routesSettle = (): Promise<void> => delay(30)

/** An application of bare frames. */
export class FrameApp {
  readonly frames: string[] = []
  readonly socket: Socket
  closed = false

  constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader()
    socket.on('data', (chunk) => {
      const read = reader.push(chunk)
      if (read.kind === 'frames') this.frames.push(...read.frames.map((frame) => frame.toString()))
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
    })
  }

  static async open(t: Teardown, { sip }: Rig, secret = sip.admin.secret): Promise<FrameApp> {
    const socket = connect(sip.admin.port, sip.admin.host)
    const app = new FrameApp(socket)
    t.teardown(() => socket.destroy())
    app.send(`a1|authenticate|${secret}|`)
    await app.wait(/\|response\|a1\|/)
    return app
  }

  send(leader: string, message?: string): void {
    this.socket.write(encodeFrame(leader, message === undefined ? undefined : Buffer.from(message)))
  }

  async wait(pattern: RegExp, withinMs = 3_000): Promise<string> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const found = this.frames.find((frame) => pattern.test(frame))
      if (found !== undefined) return found
      if (performance.now() > deadline)
        throw new Error(`no frame ${String(pattern)}: ${this.frames.join('\n')}`)
      await delay(2)
    }
  }
}

export { delay }
