// An OPTIONS over UDP: whether anybody speaks SIP there, and what it says.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** Where nobody is, the system says so at once; a busy machine takes its time. */
const WAIT_MS = 2000

/** One OPTIONS over UDP; whether anything came back within a moment. */
export const answersOptions = async (port: number): Promise<boolean> =>
  (await optionsStatus(port)) !== undefined

/** The status that came back within a moment. */
export async function optionsStatus(port: number): Promise<number | undefined> {
  const socket = createSocket('udp4')
  // Of a connected socket alone the system tells that its datagram was refused.
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const local = socket.address().port
  const answered = Promise.withResolvers<string>()
  socket.once('message', (datagram) => answered.resolve(datagram.toString()))
  socket.once('error', () => answered.resolve(''))
  const late = setTimeout(() => answered.resolve(''), WAIT_MS)
  const lines = [
    `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${local};branch=z9hG4bKready`,
    `From: <sip:ready@127.0.0.1>;tag=ready`,
    `To: <sip:127.0.0.1:${port}>`,
    `Call-ID: ready-${local}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ]
  socket.send(`${lines.join('\r\n')}\r\n\r\n`)
  const status = /^SIP\/2\.0 (\d{3})/.exec(await answered.promise)?.[1]
  clearTimeout(late)
  socket.close()
  return status === undefined ? undefined : Number(status)
}
