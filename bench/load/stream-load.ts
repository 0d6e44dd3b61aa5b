// The load process of `stream`: Twilio and the agents of all lines in one thread, so that every elapsed time is of one
// clock.
import type { WebSocket } from 'ws'
import { FRAME_MS, ms } from '../../core/contracts/index.ts'
import { waitUntil } from '../../core/lifecycle/index.ts'
import { serve } from '../process/serve.ts'
import { createUsageMeter, type Usage } from '../process/usage-meter.ts'
import { spreadOf, type Spread } from '../report/statistics.ts'
import { AgentSide, type AgentManner } from './agent-side.ts'
import { openAgentServer } from './agent-server.ts'
import { ProbeClock } from './probe-clock.ts'
import { StreamCaller, type StreamDoor } from './stream-caller.ts'
import { startWheel } from './wheel.ts'

export interface StreamLoadStats {
  readonly usage: Usage
  /** How late the load itself served its clock: what it may add to every other figure. */
  readonly ownLatenessMs: Spread
  readonly callerFrames: {
    readonly sent: number
    readonly received: number
    readonly lost: number
    /** Without a mark: made up while nothing came, or blended with what was. */
    readonly unmarked: number
  }
  readonly agentFrames: { readonly sent: number; readonly unheard: number }
  readonly uplinkMs: Spread
  readonly downlinkMs: Spread
}

interface Line {
  readonly caller: StreamCaller
  readonly agent: AgentSide
}

/** Calls begun at a time: more would measure a storm. */
const AT_A_TIME = 10
const TALK_WITHIN = ms(10_000)
const POLL_MS = 5

const meter = createUsageMeter()
const lines: Line[] = []
const samples = { uplink: [] as number[], downlink: [] as number[], lateness: [] as number[] }
let manner: AgentManner = 'silent'

function openLine(index: number): Line {
  const callerProbes = new ProbeClock()
  const agentProbes = new ProbeClock()
  const agent = new AgentSide(index, {
    format: 'ulaw_8000',
    callerProbes,
    agentProbes,
    onUplink: (elapsedMs) => samples.uplink.push(elapsedMs),
  })
  const caller = new StreamCaller(index, {
    probes: callerProbes,
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
    if (line?.caller.isConnected !== true) continue
    line.caller.speak()
    line.agent.speak(manner)
  }
}

async function inGroups(act: (line: Line) => Promise<void>): Promise<void> {
  for (let at = 0; at < lines.length; at += AT_A_TIME)
    await Promise.all(lines.slice(at, at + AT_A_TIME).map(act))
}

const commands = {
  /** Opens the agents' socket. */
  async open({ calls }: { readonly calls: number }) {
    const attach = (line: number, socket: WebSocket): void => lines[line]?.agent.attach(socket)
    const { url } = await openAgentServer(attach)
    for (let index = 0; index < calls; index += 1) lines.push(openLine(index))
    startWheel(serveSlot)
    return { agentUrl: url }
  },
  setManner(wanted: AgentManner) {
    manner = wanted
  },
  /** All lines call; resolves when each has its agent. */
  connect: (door: StreamDoor) =>
    inGroups(async ({ agent, caller }) => {
      await caller.call(door)
      await waitUntil(() => agent.isTalking, TALK_WITHIN, POLL_MS)
    }),
  disconnect: (door: StreamDoor) => inGroups(({ caller }) => caller.hangUp(door)),
  begin() {
    for (const { agent, caller } of lines) {
      caller.begin()
      agent.begin()
    }
    samples.uplink = []
    samples.downlink = []
    samples.lateness = []
    meter.begin()
  },
  end(): StreamLoadStats {
    const usage = meter.end()
    const callers = lines.map(({ caller }) => caller.end())
    const agents = lines.map(({ agent }) => agent.end())
    return {
      usage,
      ownLatenessMs: spreadOf(samples.lateness),
      callerFrames: {
        sent: sum(callers.map(({ framesSent }) => framesSent)),
        received: sum(agents.map(({ framesReceived }) => framesReceived)),
        lost: sum(agents.map(({ framesLost }) => framesLost)),
        unmarked: sum(agents.map(({ unmarked }) => unmarked)),
      },
      agentFrames: {
        sent: sum(agents.map(({ framesSent }) => framesSent)),
        unheard: sum(agents.map(({ framesUnheard }) => framesUnheard)),
      },
      uplinkMs: spreadOf(samples.uplink),
      downlinkMs: spreadOf(samples.downlink),
    }
  },
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0)

export type StreamLoad = typeof commands

serve(commands)
