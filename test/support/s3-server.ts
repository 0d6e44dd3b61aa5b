// A server like S3 on loopback, and in front of it a proxy that can be told to fail.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { S3Config } from '../../core/config/index.ts'

interface S3rver {
  readonly httpServer: Server
  readonly store: Store
  run(): Promise<AddressInfo>
}
interface Store {
  putContent(path: string, content: unknown): Promise<unknown>
  getObject(bucket: string, key: string, range?: { end?: unknown }): Promise<unknown>
}
// It has no types of its own.
const S3rver = createRequire(import.meta.url)('@20minutes/s3rver') as new (
  options: object,
) => S3rver

export const BUCKET = 'media'

export interface S3Server {
  readonly config: S3Config
  readonly port: number
  stop(): Promise<void>
}

/** @param isStrict signatures are verified; it then refuses lists, whose address it spells otherwise */
export async function openS3Server(t: Test, { isStrict = false } = {}): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'voicegate-s3-'))
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    allowMismatchedSignatures: !isStrict,
    configureBuckets: [{ name: BUCKET }],
  })
  correct(server.store)
  const { port } = await server.run()
  const stop = (): Promise<void> => close(server.httpServer)
  t.teardown(async () => {
    await stop()
    await rm(directory, { recursive: true, force: true })
  })
  return { port, stop, config: configAt(port) }
}

/** Where it is unlike S3: it writes over what is being read, and takes the last byte 0 for none. */
function correct(store: Store): void {
  const putContent = store.putContent.bind(store)
  const getObject = store.getObject.bind(store)
  store.putContent = async (path, content) => {
    const incoming = `${path}.${randomUUID()}`
    const put = await putContent(incoming, content)
    await rename(incoming, path)
    return put
  }
  store.getObject = (bucket, key, range) =>
    getObject(bucket, key, range?.end === 0 ? { ...range, end: { valueOf: () => 0 } } : range)
}

export const configAt = (port: number): S3Config => ({
  bucket: BUCKET,
  region: 'us-east-1',
  endpoint: `http://127.0.0.1:${port}`,
  credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  reads: 'proxied',
})

/** What becomes of a request. */
export type Fault =
  /** Its body, else the code of an error. */
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly code?: string
      readonly body?: string
      readonly headers?: Readonly<Record<string, string>>
    }
  /** No answer ever. */
  | { readonly kind: 'silent' }
  /** So many bytes of the body, then the end of the connection, or silence. */
  | { readonly kind: 'cut' | 'stall'; readonly afterBytes: number }
  /** The request is not read to its end. */
  | { readonly kind: 'hang up' }

export interface FaultyProxy {
  readonly config: S3Config
  /** Of the server, now. */
  connections(): number
  readonly requests: string[]
  /** Asked of each request. */
  fault: (incoming: IncomingMessage) => Fault | undefined
}

export async function openFaultyProxy(t: Test, target: S3Server): Promise<FaultyProxy> {
  let sockets = 0
  const requests: string[] = []
  const server = createServer((incoming, response) => {
    requests.push(`${incoming.method ?? ''} ${incoming.url ?? ''}`)
    const fault = proxy.fault(incoming)
    if (fault) act(fault, { incoming, response, port: target.port })
    else forward(incoming, response, { port: target.port })
  })
  server.on('connection', (socket) => {
    sockets += 1
    socket.on('close', () => (sockets -= 1))
    socket.on('error', () => undefined)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => close(server))
  const proxy: FaultyProxy = {
    config: configAt((server.address() as AddressInfo).port),
    connections: () => sockets,
    requests,
    fault: () => undefined,
  }
  return proxy
}

interface Exchange {
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
  readonly port: number
}

function act(fault: Fault, { incoming, response, port }: Exchange): void {
  switch (fault.kind) {
    case 'answer': {
      incoming.resume()
      const { status, code = 'InternalError' } = fault
      const error = `<Error><Code>${code}</Code><Message>secret-bucket</Message></Error>`
      const body = `<?xml version="1.0"?>${fault.body ?? error}`
      response.writeHead(status, { 'content-type': 'application/xml', ...fault.headers })
      response.end(incoming.method === 'HEAD' || status === 204 ? undefined : body)
      return
    }
    case 'silent':
      incoming.resume()
      return
    case 'hang up':
      incoming.socket.destroy()
      return
    case 'cut':
    case 'stall':
      forward(incoming, response, { port, fault })
      return
    default:
      fault satisfies never
  }
}

interface Forwarded {
  readonly port: number
  readonly fault?: Extract<Fault, { readonly afterBytes: number }>
}

function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  { port, fault }: Forwarded,
): void {
  const { method, url: path, headers } = incoming
  const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (fault === undefined) {
      answer.pipe(response)
      return
    }
    let left = fault.afterBytes
    answer.on('data', (chunk: Buffer) => {
      if (left <= 0) return
      response.write(chunk.subarray(0, left))
      left -= chunk.length
      if (left <= 0 && fault.kind === 'cut') setImmediate(() => incoming.socket.destroy())
    })
  })
  asked.on('error', () => incoming.socket.destroy())
  response.on('close', () => asked.destroy())
  incoming.pipe(asked)
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
