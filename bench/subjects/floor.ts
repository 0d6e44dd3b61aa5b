// The floor: what a Node process pays for the packets and messages of a call alone. `echo` returns each packet and sends
// its audio up a bare `ws`; what the agent sends is taken and dropped. `relay` sends the agent's first frame on as a
// packet, at once and unpaced: the least delay there can be.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import WebSocket from 'ws'
import { RTP_HEADER_BYTES } from '../../bridge/rtp/rtp-packet.ts'
import { FRAME_BYTES } from '../../core/contracts/index.ts'
import { agentIdOf } from '../load/agent-server.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter } from '../process/usage-meter.ts'
import type { MediaSubject, SubjectManner } from './media-subject.ts'
import { residentBytes } from './resident.ts'

interface FloorCall {
  readonly socket: Socket
  readonly agent: WebSocket
}

const HOST = '127.0.0.1'
const AUDIO_PREFIX = '{"type":"audio","audio_event":{"audio_base_64":"'
/** Base64 of one frame, without what its last character shares with the next. */
const FRAME_CHARS = Math.floor(FRAME_BYTES / 3) * 4
const SEQUENCE_OFFSET = 2
const AT_A_TIME = 20

const meter = createUsageMeter()
let calls: FloorCall[] = []
let agentUrl = ''
let manner: SubjectManner = 'echo'

async function openCall(line: number, remotePort: number): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  socket.connect(remotePort, HOST)
  await once(socket, 'connect')
  socket.on('error', () => undefined) // The load ended first.
  const url = `${agentUrl.replace('http', 'ws')}/v1/convai/conversation?agent_id=${agentIdOf(line)}`
  const agent = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true })
  const metadata = once(agent, 'message')
  await metadata
  socket.on('message', (datagram) => {
    agent.send(`{"user_audio_chunk":"${datagram.toString('base64', RTP_HEADER_BYTES)}"}`)
    if (manner === 'echo') socket.send(datagram)
  })
  const relay = relayTo(socket)
  agent.on('message', (data) => {
    if (manner === 'relay') relay(data as Buffer)
  })
  agent.on('error', () => undefined) // The load ended first.
  calls.push({ socket, agent })
  return socket.address().port
}

function relayTo(socket: Socket): (text: Buffer) => void {
  const packet = Buffer.alloc(RTP_HEADER_BYTES + FRAME_BYTES)
  packet[0] = 0x80
  let sequence = 0
  return (text) => {
    const at = AUDIO_PREFIX.length
    const audio = Buffer.from(text.toString('latin1', at, at + FRAME_CHARS), 'base64')
    audio.copy(packet, RTP_HEADER_BYTES)
    packet.writeUInt16BE((sequence = (sequence + 1) & 0xffff), SEQUENCE_OFFSET)
    socket.send(packet)
  }
}

serve({
  start(wanted) {
    agentUrl = wanted.agentUrl
  },
  setManner(wanted) {
    manner = wanted
  },
  async openCalls({ first, remotes }) {
    const ports: number[] = []
    for (let at = 0; at < remotes.length; at += AT_A_TIME) {
      const group = remotes.slice(at, at + AT_A_TIME)
      ports.push(
        ...(await Promise.all(group.map((remote, index) => openCall(first + at + index, remote)))),
      )
    }
    return ports
  },
  async closeCalls() {
    const closing = calls
    calls = []
    for (const { agent, socket } of closing) {
      agent.terminate()
      socket.close()
    }
    await Promise.all(closing.map(({ agent }) => closed(agent)))
  },
  begin: () => meter.begin(),
  end: () => meter.end(),
  residentBytes,
} satisfies MediaSubject)

async function closed(agent: WebSocket): Promise<void> {
  if (agent.readyState !== WebSocket.CLOSED) await once(agent, 'close')
}
