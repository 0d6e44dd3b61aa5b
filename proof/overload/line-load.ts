// The telephones and agents of an overload, in a process of their own: marked audio both ways, judged by its own clock.
import { openCallerSide, type CallerSide } from '../../bench/load/caller-side.ts'
import { AgentSide } from '../../bench/load/agent-side.ts'
import { ProbeClock } from '../../bench/load/probe-clock.ts'
import { startWheel, type Wheel } from '../../bench/load/wheel.ts'
import { serve } from '../../bench/process/serve.ts'
import { spreadOf, type Spread } from '../../bench/report/statistics.ts'
import { FRAME_MS } from '../../core/contracts/index.ts'
import { Agent } from '../party/agent.ts'
import { lineOf } from './numbers.ts'

interface Line {
  readonly caller: CallerSide
  readonly agent: AgentSide
}

/** Of all lines that talked in a window. */
export interface LineQuality {
  readonly packetsSent: number
  readonly packetsHeard: number
  readonly packetsLost: number
  /** More than 5 ms behind their own clock. */
  readonly packetsLate: number
  /** Behind by as much while this process itself stood still: nobody can tell. */
  readonly packetsUnsure: number
  readonly framesToAgents: number
  readonly framesToAgentsLost: number
  readonly framesOfAgents: number
  readonly framesOfAgentsUnheard: number
  /** Behind the best packet of each line, in milliseconds. */
  readonly behindMs: Spread
  /** RTP in to agent message, in milliseconds. */
  readonly uplinkMs: Spread
}

const lines: Line[] = []
let uplinkMs: number[] = []
let wheel: Wheel | undefined
let agent: Agent | undefined

async function openLine(index: number): Promise<Line> {
  const callerProbes = new ProbeClock()
  const side = new AgentSide(index, {
    format: 'ulaw_8000',
    callerProbes,
    agentProbes: new ProbeClock(),
    onUplink: (elapsedMs) => uplinkMs.push(elapsedMs),
  })
  const caller = await openCallerSide(index, {
    probes: callerProbes,
    readDelayMs: (nowMs) => wheel?.readDelayMs(nowMs) ?? 0,
    onHeard: (mark) => side.heard(mark),
  })
  return { agent: side, caller }
}

function talk(slot: number, dueMs: number): void {
  for (let index = slot; index < lines.length; index += FRAME_MS) {
    const line = lines[index]
    if (line === undefined || !line.caller.isConnected) continue
    line.caller.speak(dueMs)
    line.agent.speak('steady')
  }
}

const sum = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((total, each) => total + of(each), 0)

const commands = {
  async open({ count }: { readonly count: number }) {
    for (let index = 0; index < count; index += 1) lines.push(await openLine(index))
    wheel = startWheel(talk)
    agent = await Agent.listen({
      speechMs: 0,
      leavesAfterMs: () => 'never',
      onBegun: ({ calledNumber, socket }) => lines[lineOf(calledNumber)]?.agent.attach(socket),
    })
    return { agentUrl: agent.url, ports: lines.map(({ caller }) => caller.port) }
  },
  async connect({ line, port }: { readonly line: number; readonly port: number }) {
    await lines[line]?.caller.connect(port)
  },
  disconnect({ line }: { readonly line: number }) {
    lines[line]?.caller.disconnect()
  },
  agents: () => ({ open: agent?.open ?? 0, total: agent?.total ?? 0 }),
  begin() {
    uplinkMs = []
    for (const { agent: side, caller } of lines) {
      caller.begin()
      side.begin()
    }
  },
  end(): LineQuality {
    const callers = lines.map(({ caller }) => caller.end())
    const agents = lines.map(({ agent: side }) => side.end())
    return {
      packetsSent: sum(callers, ({ sent }) => sent),
      packetsHeard: sum(callers, ({ received }) => received),
      packetsLost: sum(callers, ({ lost }) => lost),
      packetsLate: sum(callers, ({ late }) => late),
      packetsUnsure: sum(callers, ({ unsure }) => unsure),
      framesToAgents: sum(agents, ({ framesReceived }) => framesReceived),
      framesToAgentsLost: sum(agents, ({ framesLost }) => framesLost),
      framesOfAgents: sum(agents, ({ framesSent }) => framesSent),
      framesOfAgentsUnheard: sum(agents, ({ framesUnheard }) => framesUnheard),
      behindMs: spreadOf(callers.flatMap(({ behindMs }) => behindMs)),
      uplinkMs: spreadOf(uplinkMs),
    }
  },
}

export type LineLoad = typeof commands

serve(commands)
