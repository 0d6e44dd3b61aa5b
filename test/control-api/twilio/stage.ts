// A control API with a simulated Twilio in front of it: calls come in and go out as they do there.
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { openBridge } from '../../../bridge/index.ts'
import {
  ms,
  type CallEvent,
  type CallId,
  type E164,
  type MediaBridge,
  type MintAnswerEvidence,
} from '../../../core/contracts/index.ts'
import { decodePhoneNumber } from '../../../core/phone-numbers/index.ts'
import { waitUntil } from '../../../core/lifecycle/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import type { ElevenLabsSimulator } from '../../../simulators/elevenlabs/index.ts'
import type { IvrConfig, TwilioConfig } from '../../../core/config/index.ts'
import type { ControlApiConfig } from '../../../control-api/index.ts'
import {
  startTwilio,
  type TwilioOptions,
  type TwilioSimulator,
} from '../../../simulators/twilio/index.ts'
import { buildApp, eventually, type AppOwner, type BuiltApp } from '../../support/build-app.ts'

/** As Twilio knows us. */
export const PUBLIC_URL = 'https://voice.example.com'
export const HUMAN = '+4930555199' as E164

export const IVR: IvrConfig = {
  company: 'Muster GmbH',
  website: 'https://www.example.com',
  voiceName: undefined,
  languages: [{ prefix: '+44', language: 'en' }],
  orderPattern: '[0-9]{4,12}',
  onRefusal: 'end',
  human: HUMAN,
}

export interface Stage extends BuiltApp {
  readonly twilio: TwilioSimulator
  readonly told: readonly CallEvent[]
  readonly voiceUrl: string
  readonly statusUrl: string
  /** Its events so far, by type. */
  story(callId: CallId): readonly string[]
  find<T>(path: string): Promise<T>
  /** The only call there is in the records. */
  onlyCall(): Promise<CallView>
  ended(callId: string, withinMs?: number): Promise<CallView>
}

export interface CallView {
  readonly call_id: string
  readonly status: string
  readonly outcome: string | null
  readonly provider: string
  readonly from: string | null
  readonly to: string
  readonly termination: {
    readonly result: string
    readonly reason: string
    readonly by: string
  } | null
  readonly consent: { readonly given: boolean } | null
  readonly machine: { readonly verdict: string } | null
  readonly [name: string]: unknown
}

export interface StageOptions {
  readonly simulator?: TwilioOptions
  readonly twilio?: Partial<TwilioConfig>
  readonly ivr?: Partial<IvrConfig>
  readonly config?: Partial<ControlApiConfig>
  readonly dataDir?: string
  /** Where its agents are; without one there is no media. */
  readonly agents?: ElevenLabsSimulator
  /** One that goes on behind a restart of ours. */
  readonly running?: TwilioSimulator
}

/** Where each simulator finds us, whatever we are called. */
const reached = new WeakMap<TwilioSimulator, string>()

export async function openStage(t: AppOwner, options: StageOptions = {}): Promise<Stage> {
  const late: { twilio?: TwilioSimulator } = {}
  const ours = (): string => (late.twilio && reached.get(late.twilio)) ?? ''
  const twilio =
    options.running ??
    (await startTwilio({
      sayMsPerChar: 0,
      pace: 0.02,
      callsPerSecond: 50,
      priceAfterMs: 50,
      reach: (origin) => (origin.endsWith('voice.example.com') ? ours() : origin),
      ...options.simulator,
    }))
  late.twilio = twilio
  if (!options.running) t.teardown(() => twilio.close())
  const { mint, key } = createAnswerMint()
  const phoneNumber = decodePhoneNumber(twilio.phoneNumber)
  if (phoneNumber === undefined) throw new Error('no number')
  const media: { bridge?: MediaBridge; mint: MintAnswerEvidence } = { mint }
  const app = await buildApp(t, {
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
    media,
    config: {
      publicUrl: PUBLIC_URL,
      twilio: {
        accountSid: twilio.accountSid,
        authToken: twilio.authToken,
        formerAuthToken: undefined,
        phoneNumber,
        baseUrl: twilio.baseUrl,
        answerWith: 'order-ivr',
        ...options.twilio,
      },
      ivr: { ...IVR, ...options.ivr },
      ...options.config,
    },
  })
  reached.set(twilio, app.url)
  if (options.agents) {
    const bridge = await openBridge(
      { ...app, logger: createLogger('silent'), evidenceKey: key },
      {
        rtpHost: '127.0.0.1',
        rtpPortMin: 40_000,
        rtpPortMax: 40_099,
        agent: { restUrl: options.agents.restUrl },
      },
    )
    media.bridge = bridge
    t.teardown(() => bridge.close())
  }
  const told: CallEvent[] = []
  app.events.subscribe((event) => told.push(event))
  const find = async <T>(path: string): Promise<T> => (await (await app.request(path)).json()) as T
  const call = (callId: string) => find<CallView>(`/api/calls/${callId}`)
  return {
    ...app,
    twilio,
    told,
    voiceUrl: `${PUBLIC_URL}/webhook/voice`,
    statusUrl: `${PUBLIC_URL}/webhook/status`,
    story: (callId) => told.filter((event) => event.callId === callId).map(({ type }) => type),
    find,
    async onlyCall() {
      const { items } = await find<{ items: CallView[] }>('/api/calls')
      const [only] = items
      if (only === undefined || items.length !== 1) throw new Error(`${items.length} calls`)
      return call(only.call_id)
    },
    async ended(callId, withinMs = 5000) {
      const isOver = () =>
        told.some((event) => event.type === 'call.ended' && event.callId === callId)
      await waitUntil(isOver, ms(withinMs), 10)
      await eventually('the call ends', async () => (await call(callId)).status === 'ended')
      return call(callId)
    },
  }
}
