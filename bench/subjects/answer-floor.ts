// The floor of `answer`: one datagram in, one upgrade out, on a connection made before where there was time to ring.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import WebSocket from 'ws'
import { serve } from '../process/serve.ts'

export type FloorOrder = 'warm' | 'open' | 'close'

const agents = new Map<string, WebSocket>()
const warm = new Map<string, Socket>()
let target = new URL('ws://127.0.0.1')

function obey(order: string, agentId: string): void {
  switch (order as FloorOrder) {
    case 'warm': {
      const socket = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
      socket.on('error', () => socket.destroy())
      warm.set(agentId, socket)
      return
    }
    case 'open': {
      const socket = warm.get(agentId)
      warm.delete(agentId)
      const url = `${target.href}v1/convai/conversation?agent_id=${agentId}`
      const agent = new WebSocket(url, {
        perMessageDeflate: false,
        ...(socket ? { createConnection: () => socket } : {}),
      })
      agent.on('error', () => agent.terminate())
      agents.set(agentId, agent)
      return
    }
    case 'close':
      agents.get(agentId)?.close(1000)
      agents.delete(agentId)
      return
  }
}

const commands = {
  async start({ agentWsUrl }: { readonly agentWsUrl: string }) {
    target = new URL(agentWsUrl)
    const socket = createSocket('udp4')
    socket.on('message', (datagram) => {
      const [order = '', agentId = ''] = datagram.toString().split(' ')
      obey(order, agentId)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return { port: socket.address().port }
  },
}

export type AnswerFloor = typeof commands

serve(commands)
