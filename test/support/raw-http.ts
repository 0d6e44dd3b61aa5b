// HTTP by hand: bytes of our choosing on a connection of its own, and what came back.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Test } from 'tap'
import { Buffer } from 'node:buffer'

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface RawTarget {
  readonly host: string
  readonly port: number
}

/** A connection that is closed with the test; what comes is read only by `answersOn`. */
export async function openRaw(t: Test, { host, port }: RawTarget): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  // A refusal often resets: what was read before counts.
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Sends the bytes, reads until the server has closed or was quiet for a while. */
export async function rawRequest(
  t: Test,
  target: RawTarget,
  bytes: string | Buffer,
  quietMs = 150,
): Promise<{ readonly answers: readonly RawAnswer[]; readonly closed: boolean }> {
  const socket = await openRaw(t, target)
  const read = answersOn(socket, quietMs)
  socket.write(bytes)
  const result = await read
  socket.destroy()
  return result
}

export async function answersOn(
  socket: Socket,
  quietMs: number,
): Promise<{ readonly answers: readonly RawAnswer[]; readonly closed: boolean }> {
  const chunks: Buffer[] = []
  const closed = await new Promise<boolean>((resolve) => {
    // The first answer may take its time; behind it nothing should be waited for.
    let quiet = setTimeout(() => resolve(false), 3000)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      clearTimeout(quiet)
      quiet = setTimeout(() => resolve(false), quietMs)
    })
    for (const event of ['end', 'close'] as const)
      socket.on(event, () => {
        clearTimeout(quiet)
        resolve(true)
      })
  })
  return { answers: parseAnswers(Buffer.concat(chunks)), closed }
}

/** One after the other, each as long as its Content-Length says. */
export function parseAnswers(bytes: Buffer): readonly RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end === -1) return answers
    const [first = '', ...lines] = bytes.toString('latin1', at, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
      }),
    )
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
    const from = end + 4
    at = from + (status < 200 ? 0 : Number(headers['content-length'] ?? 0))
    if (status >= 200) answers.push({ status, headers, body: bytes.toString('utf8', from, at) })
  }
}
