// A call of ours with a conversation that the simulated vendor really had.
import type { Test } from 'tap'
import type { CallId } from '../../../core/contracts/index.ts'
import type { ControlApiConfig } from '../../../control-api/index.ts'
import {
  startElevenLabs,
  type AgentScript,
  type ElevenLabsSimulator,
} from '../../../simulators/elevenlabs/index.ts'
import { buildApp, type BuildOptions, type BuiltApp } from '../../support/build-app.ts'
import { hadTalk } from '../../support/vendor-talk.ts'

export const KEY = 'key-of-the-vendor'
export const AGENT = 'agent_1'
export const SECRET = 'wsec_of_the_test'

export const FAST = { firstMs: 20, maxMs: 100, missingAfterMs: 300, giveUpAfterMs: 1500 }

type Vendor = Partial<NonNullable<ControlApiConfig['agentVendor']>>

export async function stage(
  t: Test,
  script: AgentScript = {},
  { vendor: config = {}, ...build }: { vendor?: Vendor } & BuildOptions = {},
): Promise<{ vendor: ElevenLabsSimulator; app: BuiltApp }> {
  const vendor = await startElevenLabs({ apiKey: KEY, onlyScripted: true })
  t.teardown(() => vendor.close())
  vendor.script(AGENT, { burstSpeed: 100, ...script })
  const agentVendor = { restUrl: vendor.restUrl, apiKey: KEY, timing: FAST, ...config }
  const app = await buildApp(t, { ...build, config: { ...build.config, agentVendor } })
  return { vendor, app }
}

export async function talk(vendor: ElevenLabsSimulator): Promise<string> {
  return hadTalk(vendor, AGENT, KEY)
}

/** A call that is live and talks in this conversation. */
export async function beginCall(app: BuiltApp, ...conversations: string[]): Promise<CallId> {
  const { callId } = await app.control.begin()
  const formats = { inputFormat: 'ulaw_8000', outputFormat: 'ulaw_8000' }
  for (const [at, conversationId] of conversations.entries()) {
    if (at > 0) {
      const failed = { attempt: at, closeCode: 1011, detail: '', seconds: 1 }
      app.emit('agent.attempt_failed', callId, failed)
    }
    app.emit('agent.metadata', callId, { conversationId, ...formats })
  }
  await app.recorded(callId, 2 * conversations.length - 1)
  return callId
}

export function endCall(app: BuiltApp, callId: CallId): void {
  app.emit('agent.closed', callId, {
    reason: 'call-ended',
    closeCode: 1000,
    detail: '',
    seconds: 30,
  })
  app.emit('call.ended', callId, {
    termination: { result: 'success', reason: 'hangup', by: 'callee', sipStatus: 200 },
  })
}

interface Told {
  readonly ours: {
    readonly cost: { readonly amount_minor: number; readonly parts: unknown[] } | null
  }
  readonly items: readonly Readonly<Record<string, unknown>>[]
}

export async function conversationOf(app: BuiltApp, callId: CallId): Promise<Told> {
  return (await (await app.request(`/api/calls/${callId}/conversation`)).json()) as Told
}

/** When all conversations of the call are in this state. */
export async function settled(app: BuiltApp, callId: CallId, state: string): Promise<Told> {
  const deadline = performance.now() + 8000
  for (;;) {
    const told = await conversationOf(app, callId)
    if (told.items.length > 0 && told.items.every((item) => item['state'] === state)) return told
    if (performance.now() > deadline)
      throw new Error(`never ${state}: ${JSON.stringify(told.items)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
