// The connector to agents: opens them, relays their messages under the platform's names, writes down each opening.
import type { AgentFields, AgentLink, AgentListener } from './agent-link.ts'
import { openAgentSocket } from './agent-socket.ts'
import { CALL_STATES, type Arrival, type Wish } from './sandbox/messages.ts'
import type { AgentMessage, AgentOpening, SessionPlan } from './session-plan.ts'
import { openStubAgent } from './stub-agent.ts'

type CreateWish = Extract<Wish, { op: 'createAgent' }>

interface WritableOpening extends AgentOpening {
  messages: AgentMessage[]
  clears: number
  closedAt: number | null
}

interface Agent {
  readonly link: AgentLink
  readonly opening: WritableOpening
  isJoined: boolean
}

export class Agents {
  readonly openings: WritableOpening[] = []
  readonly #plan: SessionPlan
  readonly #tell: (arrival: Arrival) => void
  readonly #agents = new Map<number, Agent>()

  constructor(plan: SessionPlan, tell: (arrival: Arrival) => void) {
    this.#plan = plan
    this.#tell = tell
  }

  create({ id, clientId, parameters, callStates }: CreateWish): void {
    const opening: WritableOpening = {
      at: Date.now(),
      callStates: callStates.map((state) => CALL_STATES[state]),
      agentId: String(parameters['agentId']),
      privacy: parameters['privacy'] === true,
      includeConversationId: parameters['includeConversationId'] === true,
      messages: [],
      clears: 0,
      closedAt: null,
    }
    this.openings.push(opening)
    const link = this.#open(parameters, {
      opened: () => this.#tell({ kind: 'settled', id }),
      refused: (error) => {
        opening.closedAt = Date.now()
        this.#tell({ kind: 'settled', id, error })
      },
      message: (payload) =>
        this.#tell({ kind: 'agent', id: clientId, name: nameOf(payload), payload }),
      mediaStarted: () =>
        this.#tell({ kind: 'agent', id: clientId, name: 'WebSocketMediaStarted' }),
      closed: (code, reason, wasClean) => {
        opening.closedAt = Date.now()
        this.#tell({ kind: 'agentClosed', id: clientId, code, reason, wasClean })
      },
    })
    this.#agents.set(clientId, { link, opening, isJoined: false })
  }

  send(clientId: number, type: string, data: AgentFields): void {
    const agent = this.#agents.get(clientId)
    if (agent === undefined) return
    agent.opening.messages.push({ type, data, isJoined: agent.isJoined })
    agent.link.send({ type, ...data })
  }

  /** The call's voice goes to the agent. */
  join(clientId: number): void {
    const agent = this.#agents.get(clientId)
    if (agent === undefined || agent.isJoined) return
    agent.isJoined = true
    agent.link.join()
  }

  clear(clientId: number): void {
    const agent = this.#agents.get(clientId)
    if (agent !== undefined) agent.opening.clears += 1
  }

  close(clientId: number): void {
    this.#agents.get(clientId)?.link.close()
  }

  closeAll(): void {
    for (const { link } of this.#agents.values()) link.close()
  }

  #open(parameters: AgentFields, listener: AgentListener): AgentLink {
    const { agentWsUrl: url, pace, faults = {} } = this.#plan
    const isRefused = faults.agentRefused === true || faults.agentNeverOpens === true
    if (url === undefined || isRefused) {
      const conversationId = `conv_stub_${this.#plan.sessionId}_${this.openings.length}`
      return openStubAgent({ pace, faults, conversationId }, listener)
    }
    const agentId = String(parameters['agentId'])
    return openAgentSocket({ url, agentId, apiKey: String(parameters['xiApiKey']) }, listener)
  }
}

const NAMES: Readonly<Record<string, string>> = {
  conversation_initiation_metadata: 'ConversationInitiationMetadata',
  ping: 'Ping',
  user_transcript: 'UserTranscript',
  agent_response: 'AgentResponse',
  agent_response_correction: 'AgentResponseCorrection',
  interruption: 'Interruption',
  contextual_update: 'ContextualUpdate',
  client_tool_call: 'ClientToolCall',
  vad_score: 'VadScore',
  internal_tentative_agent_response: 'InternalTentativeAgentResponse',
  agent_tool_response: 'AgentToolResponse',
}

const nameOf = (payload: AgentFields): string => NAMES[String(payload['type'])] ?? 'Unknown'
