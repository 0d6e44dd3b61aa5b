// Is there a FreeSWITCH that we can use? Asked over its event socket before drachtio-fsmrf is: of a closed port that
// library would try hundreds of times a second for ever, of a wrong secret it never tells, and without its profile it
// throws where nobody can catch it.
import { connect, type Socket } from 'node:net'
import { ms } from '#core/contracts'
import { AppError, systemCodeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'

export interface EventSocketAddress {
  readonly host: string
  readonly port: number
  readonly secret: string
}

const PATIENCE = ms(3000)
/** A status of a hundred profiles is a tenth of that. */
const MAX_BYTES = 256 * 1024

/**
 * @returns our own address on the way there: where FreeSWITCH reaches us
 * @throws AppError `MEDIA_SERVER_FAILED` with what is to be mended
 */
export async function probeEventSocket(
  { host, port, secret }: EventSocketAddress,
  profile: string,
  signal?: AbortSignal,
): Promise<string> {
  const socket = connect({ host, port })
  try {
    return await waitFor(converse(socket, secret, profile), {
      name: 'the event socket of FreeSWITCH',
      timeout: PATIENCE,
      ...(signal ? { signal } : {}),
    })
  } finally {
    socket.destroy()
  }
}

async function converse(socket: Socket, secret: string, profile: string): Promise<string> {
  const messages = readMessages(socket)
  const next = async (): Promise<EventSocketMessage> => {
    const read = await messages.next()
    if (read.done === true) throw failed('FreeSWITCH closed the event socket')
    const { value } = read
    if (value.type === 'text/rude-rejection')
      throw failed('FreeSWITCH lets nobody from here in: see apply-inbound-acl')
    return value
  }
  await next()
  socket.write(`auth ${secret}\n\n`)
  const { headers } = await next()
  if (!headers.includes('+OK')) throw failed('FreeSWITCH refuses FREESWITCH_SECRET')
  socket.write('api sofia status\n\n')
  const { body } = await next()
  // As drachtio-fsmrf looks for it.
  const line = new RegExp(
    `^\\s*${profile}\\s.*sip:mod_sofia@(?:[0-9]{1,3}\\.){3}[0-9]{1,3}:\\d+`,
    'm',
  )
  if (!line.test(body)) throw failed(`FreeSWITCH has no SIP profile ${profile} that runs`)
  return socket.localAddress ?? '127.0.0.1'
}

const failed = (why: string): AppError => new AppError('MEDIA_SERVER_FAILED', why)

interface EventSocketMessage {
  readonly type: string
  readonly headers: string
  readonly body: string
}

/** Headers, an empty line, and as many bytes as Content-Length says. */
async function* readMessages(socket: Socket): AsyncGenerator<EventSocketMessage, undefined> {
  let pending = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      pending = Buffer.concat([pending, chunk as Buffer])
      if (pending.length > MAX_BYTES) throw failed('what answers there is no event socket')
      for (let read = readMessage(pending); read; read = readMessage(pending)) {
        pending = pending.subarray(read.bytes)
        yield read.message
      }
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError(
      'MEDIA_SERVER_FAILED',
      `FreeSWITCH is not reached: ${systemCodeOf(error) ?? 'connection lost'}`,
    )
  }
  return undefined
}

function readMessage(bytes: Buffer) {
  const end = bytes.indexOf('\n\n')
  if (end < 0) return undefined
  const headers = bytes.toString('latin1', 0, end)
  const length = Number(/^Content-Length: (\d+)$/m.exec(headers)?.[1] ?? 0)
  if (bytes.length < end + 2 + length) return undefined
  const type = /^Content-Type: (.*)$/m.exec(headers)?.[1] ?? ''
  const body = bytes.toString('utf8', end + 2, end + 2 + length)
  return { bytes: end + 2 + length, message: { type, headers, body } }
}
