// Is anybody there, and does it know us: OPTIONS and a REGISTER that registers nobody. Used by the doctor.
import type { Milliseconds, Trunk } from '#core/contracts'
import { codeOf } from '#core/errors'
import { createDigestClient } from '../sip/digest/digest-client.ts'
import {
  openProbe,
  type ProbeAnswer,
  type ProbeQuestion,
  type SipProbe,
} from '../sip/drachtio-probe.ts'
import type { SipServerAddress } from '../sip/drachtio.ts'
import { contactUser, credentialsOf, trunkUri } from './trunk.ts'

export type TrunkAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly challenged: boolean
      /** Our Via as it came back: where it saw us. Empty where it wrote none, as `date`. */
      readonly via: string
      readonly date: string
    }
  /** Why nobody answered, in words of ours. */
  | { readonly kind: 'unreachable'; readonly why: string }

export interface TrunkProbe {
  readonly options: TrunkAnswer
  /** Undefined when OPTIONS found nobody, or the trunk has no account. */
  readonly register: TrunkAnswer | undefined
}

/** @throws AppError `SIP_UNAVAILABLE`, `TIMED_OUT` when our own SIP server is not there. */
export async function probeTrunk(
  sipServer: SipServerAddress,
  trunk: Trunk,
  timeout: Milliseconds,
): Promise<TrunkProbe> {
  const probe = await openProbe(sipServer, timeout)
  const account = credentialsOf(trunk)
  const common = {
    requestUri: trunkUri(trunk),
    addressOfRecord: `sip:${contactUser(trunk)}@${trunk.domain}`,
    proxy: trunk.proxy,
    timeout,
  }
  try {
    const options = await ask(probe, { ...common, method: 'OPTIONS', digest: undefined })
    if (options.kind === 'unreachable' || account === undefined)
      return { options, register: undefined }
    const digest = createDigestClient(account)
    return { options, register: await ask(probe, { ...common, method: 'REGISTER', digest }) }
  } finally {
    probe.close()
  }
}

async function ask(probe: SipProbe, question: ProbeQuestion): Promise<TrunkAnswer> {
  try {
    return told(await probe.ask(question))
  } catch (error) {
    if (codeOf(error) !== 'TIMED_OUT') throw error
    return { kind: 'unreachable', why: `No Answer In ${question.timeout / 1000} Seconds` }
  }
}

const told = ({ detail, ...answer }: ProbeAnswer): TrunkAnswer =>
  detail === undefined ? { kind: 'answered', ...answer } : { kind: 'unreachable', why: detail }
