// AgentDirectory from the configuration: the routes of our numbers, and the default agent for all others; without one,
// nobody answers those.
import type {
  AgentDirectory,
  CallId,
  CallIdentity,
  DynamicValue,
  NumberRoute,
} from '#core/contracts'
import type { AssignedAgent } from './calls/call-row.ts'

export interface DirectoryConfig {
  readonly defaultAgentId: string | undefined
  /** Names of AGENT_VARIABLES; one we do not know is left out (the configuration refuses it). */
  readonly agentVariables: readonly string[]
  /** Who answers which number of ours; absent: none has a route of its own. */
  readonly numbers?: readonly NumberRoute[]
}

export interface ConfiguredDirectory extends AgentDirectory {
  /** From the next call on. */
  replaceNumbers(numbers: readonly NumberRoute[]): void
}

/** `assign` is told which agent a call got, for its record. */
export function createAgentDirectory(
  config: DirectoryConfig,
  assign: (callId: CallId, agent: AssignedAgent) => void,
): ConfiguredDirectory {
  const { defaultAgentId, agentVariables } = config
  let routes = routesOf(config.numbers ?? [])
  const byDefault: Answered | undefined =
    defaultAgentId === undefined ? undefined : { kind: 'agent', agentId: defaultAgentId }
  const variablesFor: AgentDirectory['variablesFor'] = (call, given) => ({
    ...pick(knownVariables(call), agentVariables),
    ...given,
  })
  const routeOf = (to: string): Answered => {
    const route = routes.get(to) ?? byDefault ?? NOBODY
    if (route.kind !== 'flow') return route
    const { agentId = defaultAgentId ?? null } = route
    return { kind: 'flow', agentId }
  }
  return {
    variablesFor,
    needsAgent(to) {
      const route = routeOf(to)
      return route.kind !== 'reject' && route.agentId !== null
    },
    replaceNumbers(numbers) {
      routes = routesOf(numbers)
    },
    resolveInbound(call, told) {
      const route = routeOf(call.to)
      if (route.kind === 'reject')
        return Promise.resolve({ kind: 'refused', sipStatus: route.sipStatus })
      const { agentId } = route
      if (agentId === null) return Promise.resolve({ kind: 'flow', agent: null })
      assign(call.callId, { agentId })
      // What the caller says never stands for what we say.
      const dynamicVariables = { ...told?.variables, ...variablesFor(call, {}) }
      return Promise.resolve({ kind: route.kind, agent: { agentId, dynamicVariables } })
    },
  }
}

type Route = NumberRoute['to']

/** The default agent stands for itself. */
type Answered =
  | Exclude<Route, { kind: 'flow' }>
  | { readonly kind: 'flow'; readonly agentId: string | null }

const NOBODY: Answered = { kind: 'reject', sipStatus: 480 }

const routesOf = (numbers: readonly NumberRoute[]): ReadonlyMap<string, Route> =>
  new Map(numbers.map(({ number, to }) => [number, to]))

/** What AGENT_VARIABLES can name. */
const knownVariables = (call: CallIdentity): Readonly<Record<string, DynamicValue>> => ({
  caller_number: call.from ?? 'anonymous',
  called_number: call.to,
  call_id: call.callId,
  direction: call.direction,
})

const pick = (
  values: Readonly<Record<string, DynamicValue>>,
  names: readonly string[],
): Record<string, DynamicValue> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
