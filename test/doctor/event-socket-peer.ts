// An event socket that says what a test tells it: the words are those that FreeSWITCH 1.11.1 was seen to write.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface Script {
  readonly secret: string
  /** By command; null: it says nothing. */
  readonly answers?: Readonly<Record<string, string | null>>
  /** Instead of asking for the secret. */
  readonly greeting?: string
}

export const RUNNING: Readonly<Record<string, string>> = {
  status:
    'UP 0 years, 0 days, 0 hours, 0 minutes, 4 seconds, 87 milliseconds, 457 microseconds\n' +
    'FreeSWITCH (Version 1.11.1-release  64bit) is ready\n0 session(s) since startup\n',
  version: 'FreeSWITCH Version 1.11.1-release~64bit ( 64bit)\n',
  'sofia status':
    '                     Name\t   Type\t                                      Data\tState\n' +
    `${'='.repeat(97)}\n` +
    '             drachtio_mrf\tprofile\t             sip:mod_sofia@127.0.0.1:5080\tRUNNING (0)\n' +
    `${'='.repeat(97)}\n1 profile 0 aliases\n`,
  'sofia status profile drachtio_mrf':
    `${'='.repeat(97)}\nName             \tdrachtio_mrf\nRTP-IP           \t127.0.0.1\n` +
    'Ext-RTP-IP       \t203.0.113.7\nSIP-IP           \t127.0.0.1\n' +
    'CODECS IN        \tPCMU,PCMA,G722,OPUS\nCODECS OUT       \tPCMU,PCMA,G722,OPUS\n',
  'xml_locate configuration configuration name switch.conf':
    '<configuration name="switch.conf">\n        <settings>\n' +
    '            <param name="rtp-start-port" value="16384"></param>\n\n' +
    '            <param name="rtp-end-port" value="19999"></param>\n\n      </settings>\n',
  'module_exists mod_sofia': 'true',
  'module_exists mod_dptools': 'true',
  'module_exists mod_dialplan_xml': 'true',
  'module_exists mod_spandsp': 'true',
  'module_exists mod_opus': 'true',
}

/** The port it listens on. */
export async function eventSocketPeer(t: Test, script: Script): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.write(script.greeting ?? 'Content-Type: auth/request\n\n')
    let heard = ''
    socket.on('data', (bytes) => {
      heard += bytes.toString()
      for (let end = heard.indexOf('\n\n'); end >= 0; end = heard.indexOf('\n\n')) {
        answer(socket, heard.slice(0, end), script)
        heard = heard.slice(end + 2)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

function answer(socket: Socket, line: string, { secret, answers = RUNNING }: Script): void {
  if (line.startsWith('auth ')) {
    const verdict = line === `auth ${secret}` ? '+OK accepted' : '-ERR invalid'
    socket.write(`Content-Type: command/reply\nReply-Text: ${verdict}\n\n`)
    return
  }
  const body = answers[line.replace(/^api /, '')]
  if (body === null) return
  const text = body ?? '-ERR Command not found!\n'
  // In two pieces, as a network may bring it.
  const bytes = Buffer.from(
    `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`,
  )
  socket.write(bytes.subarray(0, 40))
  setTimeout(() => socket.write(bytes.subarray(40)), 2)
}
