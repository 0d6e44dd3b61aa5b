// GET /api/agents and /api/agents/{id}/check: the agents of our account at the vendor, and whether they suit a telephone.
import { Type } from '@fastify/type-provider-typebox'
import { AppError } from '#core/errors'
import { judgeAgentSettings } from '../../elevenlabs/agent-settings.ts'
import type { AgentPage, AgentVendor } from '../../elevenlabs/agent-vendor.ts'
import type { VendorAnswer } from '../../elevenlabs/vendor-rest.ts'
import type { HttpServer } from '../../http-server.ts'
import { createVendorLooks } from '../../vendor-answers/vendor-looks.ts'
import { problem } from '../problem.ts'

export interface AgentRoutesDeps {
  /** Undefined without a key. */
  readonly vendor: AgentVendor | undefined
}

export interface AgentRoutesOptions {
  readonly defaultAgentId: string | undefined
  /** What we tell an agent of every call. */
  readonly agentVariables: readonly string[]
}

/** A list that is looked at is looked at again at once; an agent that was made shows up soon. */
const CACHED_MS = 30_000
const MAX_CACHED = 50

const strict = { additionalProperties: false }
const tags = ['vendor']

const listSchema = {
  operationId: 'listAgents',
  tags,
  summary: 'The agents of our account at the vendor; up to half a minute old',
  querystring: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 50 })),
      cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
    },
    strict,
  ),
  response: {
    200: Type.Object({
      items: Type.Array(
        Type.Object(
          {
            agent_id: Type.String(),
            name: Type.String(),
            archived: Type.Boolean(),
            is_default: Type.Boolean({ description: 'Answers where a call names none' }),
          },
          strict,
        ),
      ),
      next_cursor: Type.Union([Type.String(), Type.Null()]),
    }),
    502: problem,
  },
}

const checkSchema = {
  operationId: 'checkAgent',
  tags,
  summary: 'Whether an agent is set up for the telephone, and what to change; costs nothing',
  params: Type.Object({ agent_id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,128}$' }) }),
  response: {
    200: Type.Object(
      {
        agent_id: Type.String(),
        ready: Type.Boolean({ description: 'No finding is a failure' }),
        findings: Type.Array(
          Type.Object(
            {
              verdict: Type.Enum(['ok', 'info', 'warn', 'fail']),
              seen: Type.String(),
              todo: Type.Union([Type.String(), Type.Null()]),
            },
            strict,
          ),
        ),
      },
      strict,
    ),
    404: problem,
    502: problem,
  },
}

export function agentRoutes(
  app: HttpServer,
  { vendor }: AgentRoutesDeps,
  { defaultAgentId, agentVariables }: AgentRoutesOptions,
): void {
  const look = createVendorLooks('ElevenLabs')
  const list = vendor && cachedList(vendor, look)
  app.get('/api/agents', { schema: listSchema }, async (request) => {
    const { limit = 50, cursor } = request.query
    const { agents, nextCursor } = valueOf(await required(list)(limit, cursor))
    return {
      items: agents.map(({ agentId, name, archived }) => {
        return { agent_id: agentId, name, archived, is_default: agentId === defaultAgentId }
      }),
      next_cursor: nextCursor,
    }
  })
  app.get('/api/agents/:agent_id/check', { schema: checkSchema }, async (request) => {
    const { agent_id: agentId } = request.params
    const asked = required(vendor)
    await look()
    const settings = valueOf(await asked.agent(agentId))
    const findings = judgeAgentSettings(settings, { variables: agentVariables })
    return {
      agent_id: agentId,
      ready: findings.every(({ verdict }) => verdict !== 'fail'),
      findings: findings.map(({ verdict, seen, todo }) => ({ verdict, seen, todo: todo ?? null })),
    }
  })
}

type List = (limit: number, cursor?: string) => Promise<VendorAnswer<AgentPage>>

/** Whoever asks while the vendor is asked waits for the same answer; one that failed is not kept. */
function cachedList(vendor: AgentVendor, look: () => Promise<void>): List {
  const cached = new Map<string, { readonly at: number; readonly page: ReturnType<List> }>()
  return async (limit, cursor) => {
    const name = `${limit} ${cursor ?? ''}`
    const known = cached.get(name)
    if (known && performance.now() - known.at < CACHED_MS) return known.page
    const page = look().then(() => vendor.agents(limit, cursor))
    cached.delete(name)
    cached.set(name, { at: performance.now(), page })
    const [oldest] = cached.keys()
    if (cached.size > MAX_CACHED && oldest !== undefined) cached.delete(oldest)
    let isGood = false
    try {
      const answer = await page
      isGood = answer.kind === 'ok'
      return answer
    } finally {
      if (!isGood && cached.get(name)?.page === page) cached.delete(name)
    }
  }
}

function required<T>(asked: T | undefined): T {
  if (asked === undefined)
    throw new AppError(
      'STATE_CONFLICT',
      'ElevenLabs cannot be asked without a key: set ELEVENLABS_API_KEY and start again.',
    )
  return asked
}

/** @throws AppError `NOT_FOUND`, `VENDOR_FAILED`. */
function valueOf<T>(answer: VendorAnswer<T>): T {
  switch (answer.kind) {
    case 'ok':
      return answer.value
    case 'unknown':
      throw new AppError('NOT_FOUND', 'ElevenLabs knows no agent with this id.')
    case 'refused':
      throw new AppError('VENDOR_FAILED', `ElevenLabs: ${answer.why}.`)
    case 'failed': {
      const retryAfter =
        answer.retryAfter === null ? {} : { retryAfterSeconds: secondsOf(answer.retryAfter) }
      throw new AppError('VENDOR_FAILED', `ElevenLabs: ${answer.why}.`, retryAfter)
    }
    default:
      return answer satisfies never
  }
}

const secondsOf = (waitMs: number): number => Math.max(1, Math.ceil(waitMs / 1000))
