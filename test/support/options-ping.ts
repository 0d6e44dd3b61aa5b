// An OPTIONS over UDP: whether anybody speaks SIP there, and what it says.
import { createSocket } from 'node:dgram'

const WAIT_MS = 200

/** One OPTIONS over UDP; whether anything came back within a moment. */
export const answersOptions = async (port: number): Promise<boolean> =>
  (await optionsStatus(port)) !== undefined

/** The status that came back within a moment. */
export async function optionsStatus(port: number): Promise<number | undefined> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  const local = await new Promise<number>((resolve) => {
    socket.once('listening', () => resolve(socket.address().port))
  })
  const answered = new Promise<string>((resolve) => {
    socket.once('message', (datagram) => resolve(datagram.toString()))
    socket.once('error', () => resolve(''))
    setTimeout(() => resolve(''), WAIT_MS)
  })
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
  socket.send(`${lines.join('\r\n')}\r\n\r\n`, port, '127.0.0.1')
  const status = /^SIP\/2\.0 (\d{3})/.exec(await answered)?.[1]
  socket.close()
  return status === undefined ? undefined : Number(status)
}
