// Hostile frames from an application that knows the secret: the admin side of the server takes them all.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Random } from '../seeded-random.ts'
import type { Stage } from '../stage/gateway-stage.ts'
import type { Fuzzing } from './fuzz-peer.ts'
import { mutate, SIP_MUTATIONS } from './mutate.ts'

const ANSWER_WITHIN_MS = 10_000
const BURST = 50

/** Frames are numbered like all inputs, and sent until `isEnough`. */
export async function fuzzFrames(
  { sip }: Stage,
  fuzzing: Fuzzing,
  random: Random,
  callee: string,
): Promise<void> {
  const socket = await authenticated(sip.admin)
  const heard = new Set<(text: string) => void>()
  socket.on('data', (chunk: Buffer) => {
    for (const listener of heard) listener(chunk.toString('latin1'))
  })
  const pong = async (id: string): Promise<boolean> => {
    const answered = Promise.withResolvers<boolean>()
    const late = setTimeout(() => answered.resolve(false), ANSWER_WITHIN_MS)
    let rest = ''
    const listener = (text: string): void => {
      // An answer may be cut between two chunks.
      rest = `${rest.slice(-200)}${text}`
      if (rest.includes(`|response|${id}|`)) answered.resolve(true)
    }
    heard.add(listener)
    socket.write(frame(`${id}|ping`))
    const isAlive = await answered.promise
    clearTimeout(late)
    heard.delete(listener)
    return isAlive
  }
  const invite = [
    `INVITE sip:x@${callee} SIP/2.0`,
    ...[
      'From: <sip:a@localhost>',
      'Contact: sip:a@localhost',
      'Content-Type: text/plain',
      '',
      'hello',
    ],
  ].join('\r\n')
  for (let burst = 0, isLeft = true; isLeft; burst += 1) {
    for (let sent = 0; sent < BURST && isLeft; sent += 1) {
      const n = fuzzing.next()
      isLeft = n !== undefined
      if (n === undefined) continue
      const text = `${random.pick(LEADERS)}\r\n${mutate(invite, random, SIP_MUTATIONS)}`
      fuzzing.book.add(n, text)
      socket.write(frame(text))
    }
    if (await pong(`ping${burst}`)) continue
    fuzzing.problem('an application’s ping is not answered')
    break
  }
  socket.destroy()
  await once(socket, 'close')
}

/** No routes: what comes in is the gateway's. */
const LEADERS = [
  'f|sip||',
  'f|sip||',
  'f|sip||c;from-tag=a',
  'f|sip|t|',
  'f|sip|||sip:127.0.0.1:9',
  'f|proxy|t|',
] as const

async function authenticated(admin: {
  readonly host: string
  readonly port: number
  readonly secret: string
}): Promise<Socket> {
  const socket = connect({ ...admin, noDelay: true })
  socket.on('error', () => undefined) // Its end is noticed by the missing answer.
  await once(socket, 'connect')
  const answered = once(socket, 'data')
  socket.write(frame(`a|authenticate|${admin.secret}|`))
  await answered
  return socket
}

/** `<bytes>#<payload>`. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text, 'latin1')
  return Buffer.concat([Buffer.from(`${payload.length}#`), payload])
}
