// The world around the whole product, for `answer`: a carrier and an agent in one process and on one clock, and the same
// exchange with a floor that knows neither SIP nor calls.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { ms } from '../../core/contracts/index.ts'
import { waitUntil } from '../../core/lifecycle/index.ts'
import { createClock } from '../../core/time/index.ts'
import { startCarrier, type Carrier, type PhoneScript } from '../../simulators/carrier/index.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import type { FloorOrder } from '../subjects/answer-floor.ts'
import { serve } from '../process/serve.ts'
import { TALK_MS } from './talk.ts'

/** What one call showed; NaN where it never happened. */
export interface AnswerTimes {
  readonly answerToUpgradeMs: number
  readonly hangUpToClosedMs: number
  /** The connection stood before the answer. */
  readonly prewarmed: boolean
}

/** The one the product under test asks for. */
const PRODUCT_AGENT_ID = 'agent_bench'
const SETTLE_WITHIN_MS = 10_000
const POLL_MS = 5

const clock = createClock()
const floorPort: { socket?: Socket } = {}
let carrier: Carrier | undefined
let agent: ElevenLabsSimulator | undefined

function opened(): { carrier: Carrier; agent: ElevenLabsSimulator } {
  if (carrier === undefined || agent === undefined) throw new Error('the world is not open')
  return { carrier, agent }
}

async function openFloorSocket(): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** The agent's session that asked with these words in its address or its variables. */
function sessionOf(key: string) {
  return opened().agent.sessions.find(({ agentId, initiation }) => {
    if (agentId === key) return true
    const variables = initiation?.['dynamic_variables']
    return isRecord(variables) && variables['called_number'] === key
  })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

async function timesOf(
  key: string,
  answeredAt: () => number,
  hungUpAt: () => number,
): Promise<AnswerTimes> {
  await waitUntil(
    () => sessionOf(key)?.closedAt != null && !Number.isNaN(hungUpAt()),
    ms(SETTLE_WITHIN_MS),
    POLL_MS,
  )
  const session = sessionOf(key)
  return {
    answerToUpgradeMs: (session?.upgradeAt ?? Number.NaN) - answeredAt(),
    hangUpToClosedMs: (session?.closedAt ?? Number.NaN) - hungUpAt(),
    prewarmed: (session?.connectionAt ?? Number.NaN) < answeredAt(),
  }
}

const commands = {
  async open() {
    carrier = await startCarrier({ clock })
    agent = await startElevenLabs({ clock })
    agent.script(PRODUCT_AGENT_ID, QUIET_AGENT)
    floorPort.socket = await openFloorSocket()
    const { host, port } = carrier.address
    return {
      carrierDomain: `${host}:${port}`,
      agentRestUrl: agent.restUrl,
      agentWsUrl: agent.wsUrl,
    }
  },
  /** What every phone does from now on. */
  ring({ ringMs }: { readonly ringMs: number }) {
    const ringing: PhoneScript = ringMs > 0 ? [{ ring: ringMs }] : []
    opened().carrier.script('*', [
      ...ringing,
      { answer: true },
      { listen: TALK_MS },
      { hangUp: true },
    ])
  },
  /** Waits until the call to that number is over for both ends. */
  async settled({ number }: { readonly number: string }): Promise<AnswerTimes> {
    const call = await opened().carrier.waitForCall(({ to }) => to === number, SETTLE_WITHIN_MS)
    return timesOf(
      number,
      () => call.answeredAt ?? Number.NaN,
      () => call.byeAt ?? Number.NaN,
    )
  },
  /** The same exchange with the floor: one datagram for the answer, one for the hang-up. */
  async floor({ port, ringMs, agentId }: FloorCall): Promise<AnswerTimes> {
    const { socket } = floorPort
    const tell = (order: FloorOrder): number => {
      const at = clock.now()
      socket?.send(`${order} ${agentId}`, port, '127.0.0.1')
      return at
    }
    opened().agent.script(agentId, QUIET_AGENT)
    if (ringMs > 0) {
      tell('warm')
      await sleep(ringMs)
    }
    const answeredAt = tell('open')
    await sleep(TALK_MS)
    const hungUpAt = tell('close')
    return timesOf(
      agentId,
      () => answeredAt,
      () => hungUpAt,
    )
  },
}

interface FloorCall {
  readonly port: number
  readonly ringMs: number
  readonly agentId: string
}

const QUIET_AGENT = {
  metadataDelayMs: 5,
  firstMessage: null,
  mode: 'silent',
  keepCallerAudio: false,
} as const

export type World = typeof commands

serve(commands)
