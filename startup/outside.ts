// Who we talk to: the real carrier and agent, or simulated ones.
import { isIP } from 'node:net'
import { isWildcard, type Config, type MediaConfig, type TwilioConfig } from '#core/config'
import type { VoximplantConfig } from '#control-api'
import type { NumberRoute, Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { startWorld, type DemoNumber, type World } from '#simulators/world'

/** Who we talk to: the real carrier and agent, or simulated ones. The rehearsal and tests bring their own. */
export interface Outside {
  readonly trunks: readonly Trunk[]
  readonly agent: {
    readonly apiKey: string | undefined
    /** For what the vendor tells of conversations, where no signed URLs are asked for: the simulated one takes any. */
    readonly recordsKey?: string
    readonly agentId: string | undefined
    readonly restUrl: string
    readonly wsUrl: string | undefined
  }
  /** A simulated one; absent: what the configuration says. */
  readonly twilio?: TwilioConfig
  /** The same. */
  readonly voximplant?: VoximplantConfig | undefined
  /** The same. */
  readonly media?: MediaConfig | undefined
  /** Who answers numbers of ours, beside what the configuration says. */
  readonly numbers?: readonly NumberRoute[]
  readonly demoNumbers: readonly DemoNumber[]
  /** The carrier speaks UDP on 127.0.0.1 only: we must listen there, whatever else the configuration says. */
  readonly carrierIsLocal?: boolean
  close(): Promise<void>
}

/** In rehearsal the agent and the carrier's numbers are these; the second is answered by our menu, and the agent after it. */
const REHEARSAL_AGENT = 'agent_rehearsal'
const REHEARSAL_NUMBER = decodePhoneNumber('+4930555100')
const REHEARSAL_MENU = decodePhoneNumber('+4930555101')

export async function outsideOf(config: Config): Promise<Outside> {
  if (!config.rehearsal) {
    const { apiKey, agentId, restUrl, wsUrl } = config.agent
    const agent = { apiKey, agentId, restUrl, wsUrl }
    return {
      trunks: trunksOf(config, config.trunks),
      agent,
      demoNumbers: [],
      close: () => Promise.resolve(),
    }
  }
  const world = await startWorld()
  const { addresses } = world
  return {
    trunks: [
      {
        name: 'rehearsal',
        domain: addresses.carrierDomain,
        // Nothing here costs anything: whatever phone is at hand may try it.
        inbound: { addresses: ['0.0.0.0/0', '::/0'] },
        numbers: REHEARSAL_NUMBER ? [REHEARSAL_NUMBER] : [],
      },
    ],
    agent: {
      apiKey: undefined,
      recordsKey: 'rehearsal',
      agentId: REHEARSAL_AGENT,
      restUrl: addresses.agentRestUrl,
      wsUrl: addresses.agentWsUrl,
    },
    numbers: REHEARSAL_MENU ? [{ number: REHEARSAL_MENU, to: { kind: 'flow' } }] : [],
    ...simulatedTwilio(addresses.twilio),
    voximplant: simulatedVoximplant(addresses.voximplant),
    media: simulatedMedia(config.media, addresses),
    demoNumbers: addresses.demoNumbers,
    carrierIsLocal: true,
    close: () => world.close(),
  }
}

/** Its number is answered as that of the menu is. */
function simulatedTwilio(account: World['addresses']['twilio']): Pick<Outside, 'twilio'> {
  const phoneNumber = decodePhoneNumber(account.phoneNumber)
  if (phoneNumber === undefined) return {}
  const answerWith = 'order-ivr-then-agent'
  return { twilio: { ...account, phoneNumber, formerAuthToken: undefined, answerWith } }
}

const simulatedVoximplant = ({
  baseUrl,
  ...rehearsalAccount
}: World['addresses']['voximplant']): VoximplantConfig => ({ baseUrl, rehearsalAccount })

const MINUTE_MS = 60_000

/** Nobody pays for videos here; how many at a time and how long is as it is by default. */
function simulatedMedia(
  configured: MediaConfig,
  { dId, heyGen }: Pick<World['addresses'], 'dId' | 'heyGen'>,
): MediaConfig {
  return {
    ...configured,
    dId: {
      ...dId,
      voiceId: 'en-US-JennyNeural',
      deadlineMs: 10 * MINUTE_MS,
      maxJobs: 2,
      webhookUrl: undefined,
    },
    heyGen: {
      ...heyGen,
      voiceId: 'any-voice',
      deadlineMs: 45 * MINUTE_MS,
      maxJobs: 10,
      webhookSecret: undefined,
    },
  }
}

/**
 * Without a trunk nobody would be known, and an agent could not even be tried: what runs on this machine may call in
 * then, and nobody else.
 */
export function trunksOf(
  { sipListen }: Pick<Config, 'sipListen'>,
  configured: readonly Trunk[],
): readonly Trunk[] {
  if (configured.length > 0) return configured
  const hosts = sipListen.map(({ host }) => host).filter((host) => !isWildcard(host))
  const addresses = ['127.0.0.0/8', '::1', ...new Set(hosts.filter((host) => isIP(host) !== 0))]
  return [
    {
      name: 'local',
      domain: '127.0.0.1',
      numbers: [],
      routes: [],
      inbound: { addresses },
      health: 'off',
      transfer: 'bridge',
    },
  ]
}
