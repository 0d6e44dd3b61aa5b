// Calls led through the menu, in a whole control API.
import type { Test } from 'tap'
import type { IvrConfig } from '../../../core/config/index.ts'
import type {
  CallFlows,
  CallId,
  CallIdentity,
  FlowInput,
  FlowTurn,
} from '../../../core/contracts/index.ts'
import { buildApp, eventually, type BuildOptions, type BuiltApp } from '../../support/build-app.ts'

export const IVR: IvrConfig = {
  company: 'Muster GmbH',
  website: undefined,
  voiceName: undefined,
  languages: [{ prefix: '+44', language: 'en' }],
  orderPattern: '[0-9]{4,12}',
  onRefusal: 'end',
  human: null,
}

export const buildMenu = (t: Test, options: BuildOptions = {}): Promise<BuiltApp> =>
  buildApp(t, { ...options, config: { ivr: IVR, ...options.config } })

export function flowsOf({ api }: Pick<BuiltApp, 'api'>): CallFlows {
  if (!api.flows) throw new Error('there is no menu')
  return api.flows
}

/** The answers one after the other: keys, or silence. @returns the turn that follows the last */
export async function lead(
  app: BuiltApp,
  call: CallIdentity,
  ...answers: readonly (string | null)[]
): Promise<FlowTurn> {
  const flows = flowsOf(app)
  let turn = await flows.begin(call, { hasAgent: false })
  for (const digits of answers) {
    const input: FlowInput = digits === null ? { kind: 'silence' } : { kind: 'digits', digits }
    turn = await flows.advance(call.callId, { step: turn.step, attempt: turn.attempt, input })
  }
  return turn
}

export async function begin(
  app: BuiltApp,
  identity: Partial<CallIdentity> = {},
): Promise<CallIdentity> {
  return app.control.begin(identity)
}

export async function end(app: BuiltApp, callId: CallId): Promise<void> {
  const termination = {
    result: 'success',
    reason: 'hangup',
    by: 'caller',
    sipStatus: null,
  } as const
  app.emit('call.ended', callId, { termination })
  app.control.live.delete(callId)
  await eventually('the end of the call', async () => {
    return (await get(app, `/api/calls/${callId}`))['status'] === 'ended'
  })
}

export async function get(app: BuiltApp, path: string): Promise<Record<string, unknown>> {
  const response = await app.request(path)
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}
