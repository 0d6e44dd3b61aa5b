// One session of the generated scenario, with a small real HTTP server in voicegate's place.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { generateScenario } from '../../../../control-api/voximplant/scenario/generate-scenario.ts'
import { spokenDefaults } from '../../../../control-api/voximplant/scenario/default-texts.ts'
import type { ScenarioSettings } from '../../../../control-api/voximplant/scenario/scenario-settings.ts'
import {
  runSession,
  type PhoneScript,
  type RunningSession,
  type SessionFaults,
  type SessionPlan,
  type SessionResult,
} from '../../../../simulators/voximplant/engine/index.ts'

/** Ten seconds of patience are more than a busy machine needs for a request to itself. */
const PACE = 0.1
const KEY = 'a-signing-key'
const SESSION_ID = 6760041670
const CALLED = '+4930231250001'
const OURS = '+4930231250000'

type Moment =
  | 'started'
  | 'ringing'
  | 'connected'
  | 'agent_requested'
  | 'agent_opened'
  | 'first_audio'
  | 'agent_closed'
  | 'recording'
  | 'ended'

/** A message as it came; the tests say what it should be. */
export interface Told {
  /** Of the token exchange: none. */
  readonly event?: string
  readonly token: string | null
  readonly at: Readonly<Record<Moment, number | null>>
  readonly conversation_id: string | null
  readonly consent: { readonly at: number; readonly given: boolean } | null
  readonly recording_url: string | null
  readonly agent_close: { readonly code: number | null } | null
  readonly ended: { readonly record_cost: number | null } | null
}

/** What one request was, and whether it was answered before the platform gave it up. */
export interface Post {
  readonly path: string
  readonly query: string
  readonly text: string
  readonly isSigned: boolean
  readonly body: Told
  accepted: boolean
}

/** An HTTP status, perhaps late; or never an answer. Times are the session's own. */
export type WebhookAnswer = { status: number; afterMs?: number } | 'never'

export interface SessionOptions {
  readonly settings?: Partial<ScenarioSettings>
  readonly phone?: PhoneScript
  /** Set: an inbound session. */
  readonly inbound?: boolean
  readonly exchange?: Record<string, unknown>
  /** Of the token route; the last one goes on. */
  readonly exchangeStatuses?: readonly number[]
  /** The number counts the messages of one event. */
  readonly webhook?: (post: Post, number: number) => WebhookAnswer
  readonly refused?: boolean
  readonly faults?: SessionFaults
  readonly agentWsUrl?: string
  readonly change?: (code: string) => string
  readonly customData?: string
  readonly pace?: number
}

export interface AskedSession {
  readonly session: RunningSession
  readonly posts: Post[]
  /** Resolves at the first message of that event. */
  heard(event: string): Promise<void>
  hangUp(signature?: string): void
}

export interface EndedSession extends AskedSession {
  readonly result: SessionResult
  readonly finals: Post[]
  /** The accepted last message; the last one sent when none was. */
  readonly last: Told
}

const mac = (text: string): string => createHmac('sha256', KEY).update(text).digest('hex')

export const hangUpSignature = (): string => mac(`hangup.${SESSION_ID}`)

export const settingsFor = (given: Partial<ScenarioSettings> = {}): ScenarioSettings => ({
  applicationId: 'vap_0123456789abcdef01234567',
  baseUrl: 'https://voicegate.example',
  agentId: 'agent_inbound',
  callerId: OURS,
  language: 'de',
  recording: 'off',
  texts: spokenDefaults('de').texts,
  voice: spokenDefaults('de').voice,
  answeringMachine: { model: 'EU_GENERAL' },
  maxDurationSeconds: 300,
  ringTimeoutSeconds: 45,
  dynamicVariables: { shop: 'Café' },
  ...given,
})

export async function startSession(t: Test, options: SessionOptions = {}): Promise<AskedSession> {
  const posts: Post[] = []
  const waiting = new Map<string, () => void>()
  const pace = options.pace ?? PACE
  const server = createServer((request, response) => {
    void answer({ request, response, posts, options, waiting, pace })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`
  if (options.refused === true) server.close()
  const { code } = generateScenario(settingsFor(options.settings))
  const phone = options.phone ?? { answer: 'yes', talkMs: 4000 }
  let nextId = 1
  const plan: SessionPlan = {
    script: options.change?.(code) ?? code,
    sessionId: SESSION_ID,
    accountId: 1,
    applicationId: 2,
    ruleName: 'voicegate',
    customData: options.customData ?? (options.inbound === true ? '' : '{"t":"a-token"}'),
    secrets: new Map([
      ['VOICEGATE_KEY', KEY],
      ['ELEVENLABS_API_KEY', 'an-agent-key'],
    ]),
    incoming: options.inbound === true ? { from: CALLED, to: OURS, phone } : undefined,
    phones: () => phone,
    agentWsUrl: options.agentWsUrl,
    accessUrl: 'https://session.example/request/1',
    recordUrl: (id) => `https://records.example/${id}.mp3`,
    pace,
    reach: (url) => url.replace('https://voicegate.example', base),
    newId: () => nextId++,
    faults: options.faults,
  }
  const session = runSession(plan)
  t.teardown(async () => {
    session.terminate('Terminated administratively')
    server.closeAllConnections()
    server.close()
    await session.over
  })
  return {
    session,
    posts,
    heard: (event) =>
      posts.some(({ body }) => body.event === event)
        ? Promise.resolve()
        : new Promise((resolve) => waiting.set(event, resolve)),
    hangUp: (signature = hangUpSignature()) =>
      session.httpRequest({
        method: 'POST',
        path: '/',
        content: JSON.stringify({ command: 'hangup', signature }),
        headers: [],
      }),
  }
}

export async function endOf(started: AskedSession): Promise<EndedSession> {
  const result = await started.session.over
  const finals = started.posts.filter(({ body }) => body.event === 'ended')
  const last = (finals.find(({ accepted }) => accepted) ?? finals.at(-1))?.body ?? NOTHING
  return { ...started, result, finals, last }
}

const NOTHING: Told = {
  token: null,
  at: {
    ...{ started: null, ringing: null, connected: null, agent_requested: null, agent_opened: null },
    ...{ first_audio: null, agent_closed: null, recording: null, ended: null },
  },
  conversation_id: null,
  consent: null,
  recording_url: null,
  agent_close: null,
  ended: null,
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly posts: Post[]
  readonly options: SessionOptions
  readonly waiting: Map<string, () => void>
  readonly pace: number
}

async function answer({ request, response, ...desk }: Exchange): Promise<void> {
  const { posts, options, waiting, pace } = desk
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  const text = Buffer.concat(pieces).toString('latin1')
  const url = new URL(request.url ?? '', 'http://x')
  const timestamp = String(request.headers['x-timestamp'])
  const post: Post = {
    path: url.pathname,
    query: url.search,
    text,
    isSigned: [mac(`${timestamp}.${text}`), base64Mac(`${timestamp}.${text}`)].some(
      (wanted) => request.headers['x-signature'] === `v1=${wanted}`,
    ),
    body: JSON.parse(text) as Told,
    accepted: false,
  }
  posts.push(post)
  const isExchange = url.pathname.endsWith('/token')
  const same = posts.filter(
    ({ path, body }) => path === post.path && body.event === post.body.event,
  )
  const statuses = options.exchangeStatuses ?? [200]
  const how: WebhookAnswer = isExchange
    ? { status: statuses[same.length - 1] ?? statuses.at(-1) ?? 200 }
    : (options.webhook?.(post, same.length) ?? { status: 204 })
  waiting.get(post.body.event ?? '')?.()
  if (how === 'never') return
  await new Promise((resolve) => setTimeout(resolve, (how.afterMs ?? 0) * pace))
  if (response.destroyed) return
  post.accepted = how.status < 300
  response.writeHead(how.status)
  response.end(isExchange && how.status === 200 ? JSON.stringify(plan(options.exchange)) : '')
}

const base64Mac = (text: string): string => createHmac('sha256', KEY).update(text).digest('base64')

const plan = (given: Record<string, unknown> = {}): Record<string, unknown> => ({
  call_id: 'call_1',
  to: CALLED,
  from: OURS,
  agent_id: 'agent_outbound',
  dynamic_variables: { name: 'Jürgen' },
  conversation_config_override: null,
  ring_timeout_seconds: 45,
  max_duration_seconds: 300,
  answering_machine: 'off',
  ...given,
})
