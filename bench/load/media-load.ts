// The load process: callers and agents of all lines in one thread, so that every elapsed time is of one clock.
import type { WebSocket } from 'ws'
import { FRAME_MS } from '../../core/contracts/index.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter, type Usage } from '../process/usage-meter.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { AgentSide, type AgentManner } from './agent-side.ts'
import {
  openAgentServer,
  openDeafServer,
  type AgentFormat,
  type AgentServer,
} from './agent-server.ts'
import { openCallerSide, type CallerSide } from './caller-side.ts'
import { ProbeClock } from './probe-clock.ts'
import { startWheel, type Wheel } from './wheel.ts'

export interface MediaLoadStats {
  readonly usage: Usage
  /** How late the load itself served its clock: what it may add to every other figure. */
  readonly ownLatenessMs: Spread
  readonly rtp: {
    readonly sent: number
    readonly sentLate: number
    readonly received: number
    readonly lost: number
    readonly late: number
    /** Behind by more than 5 ms while the load itself stood still: nobody can tell. */
    readonly unsure: number
    readonly behindMs: Spread
  }
  readonly callerFrames: {
    readonly received: number
    readonly lost: number
    readonly unmarked: number
  }
  readonly agentFrames: { readonly sent: number; readonly unheard: number }
  readonly uplinkMs: Spread
  readonly downlinkMs: Spread
}

interface Line {
  readonly caller: CallerSide
  readonly agent: AgentSide
}

const meter = createUsageMeter()
const lines: Line[] = []
const servers: AgentServer[] = []
const samples = { uplink: [] as number[], downlink: [] as number[], lateness: [] as number[] }
let manner: AgentManner = 'silent'
let wheel: Wheel | undefined

async function openLine(index: number, format: AgentFormat): Promise<Line> {
  const callerProbes = new ProbeClock()
  const agentProbes = new ProbeClock()
  const agent = new AgentSide(index, {
    format,
    callerProbes,
    agentProbes,
    onUplink: (elapsedMs) => samples.uplink.push(elapsedMs),
  })
  const caller = await openCallerSide(index, {
    probes: callerProbes,
    readDelayMs: (nowMs) => wheel?.readDelayMs(nowMs) ?? 0,
    onHeard: (mark, atMs) => {
      agent.heard(mark)
      const elapsedMs = agentProbes.elapsed(mark, atMs)
      if (!Number.isNaN(elapsedMs)) samples.downlink.push(elapsedMs)
    },
  })
  return { caller, agent }
}

function serveSlot(slot: number, dueMs: number): void {
  samples.lateness.push(performance.now() - dueMs)
  for (let index = slot; index < lines.length; index += FRAME_MS) {
    const line = lines[index]
    if (line === undefined || !line.caller.isConnected) continue
    line.caller.speak(dueMs)
    line.agent.speak(manner)
  }
}

const commands = {
  /** Binds the callers' ports and the agents' socket. */
  async open({ calls, format }: { readonly calls: number; readonly format: AgentFormat }) {
    const attach = (line: number, socket: WebSocket): void => lines[line]?.agent.attach(socket)
    const server = await openAgentServer(attach, format)
    servers.push(server)
    for (let index = 0; index < calls; index += 1) lines.push(await openLine(index, format))
    wheel = startWheel(serveSlot)
    return { agentUrl: server.url, ports: lines.map(({ caller }) => caller.port) }
  },
  async openDeaf() {
    const server = await openDeafServer()
    servers.push(server)
    return { agentUrl: server.url }
  },
  agentSessions: () => servers.reduce((total, server) => total + server.sessionCount(), 0),
  setManner(wanted: AgentManner) {
    manner = wanted
  },
  /** Those lines talk from now on, to these ports. */
  async connect({ first, ports }: { readonly first: number; readonly ports: readonly number[] }) {
    for (const [at, port] of ports.entries()) await lines[first + at]?.caller.connect(port)
  },
  disconnect() {
    for (const { caller } of lines) caller.disconnect()
  },
  begin() {
    for (const { caller, agent } of lines) {
      caller.begin()
      agent.begin()
    }
    samples.uplink = []
    samples.downlink = []
    samples.lateness = []
    meter.begin()
  },
  end(): MediaLoadStats {
    const usage = meter.end()
    const callers = lines.map(({ caller }) => caller.end())
    const agents = lines.map(({ agent }) => agent.end())
    return {
      usage,
      ownLatenessMs: spreadOf(samples.lateness),
      rtp: {
        sent: sum(callers, 'sent'),
        sentLate: sum(callers, 'sentLate'),
        received: sum(callers, 'received'),
        lost: sum(callers, 'lost'),
        late: sum(callers, 'late'),
        unsure: sum(callers, 'unsure'),
        behindMs: spreadOf(callers.flatMap(({ behindMs }) => behindMs)),
      },
      callerFrames: {
        received: sum(agents, 'framesReceived'),
        lost: sum(agents, 'framesLost'),
        unmarked: sum(agents, 'unmarked'),
      },
      agentFrames: { sent: sum(agents, 'framesSent'), unheard: sum(agents, 'framesUnheard') },
      uplinkMs: spreadOf(samples.uplink),
      downlinkMs: spreadOf(samples.downlink),
    }
  },
}

function sum<K extends string>(all: readonly Readonly<Record<K, unknown>>[], key: K): number {
  return all.reduce((total, each) => total + Number(each[key]), 0)
}

export type MediaLoad = typeof commands

serve(commands)
