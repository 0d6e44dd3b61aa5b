// npm run doctor -- --call NUMBER: one real call without an agent, told as it happens and judged at its end.
import { readConfig, isLoopback, type Config } from '#core/config'
import { codeOf, messageOf } from '#core/errors'
import type { Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import type { CallWish } from '../arguments.ts'
import { fail, info, type Finding } from '../finding.ts'
import { judgeConfig } from '../judge-config.ts'
import { listenForCall, type Listening } from '../sip-way.ts'
import { chooseTrunk, forOneCall, leftOut } from './choose-trunk.ts'
import { describeCall, type CallRecord } from './call-record.ts'
import { judgeCall } from './judge-call.ts'
import { renderStep } from './ladder.ts'
import { placeTestCall } from './test-call.ts'

export interface CallExamination {
  /** False: no call was placed, because it may not be. */
  readonly placed: boolean
  readonly findings: readonly Finding[]
  readonly call: CallRecord | undefined
}

export interface CallDesk {
  readonly say: (line: string) => void
  /** Aborted when the one who asked wants it to end. */
  readonly stop: AbortSignal
}

interface Outside {
  readonly trunk: Trunk
  readonly isLocal: boolean
  close(): Promise<void>
}

/** As the rehearsal shows itself. */
const REHEARSAL_NUMBER = decodePhoneNumber('+4930555100')
const CARRIER_ADDRESS = { protocol: 'udp', host: '127.0.0.1', port: 0 } as const

const refusedBecause = (...findings: readonly Finding[]): CallExamination => ({
  placed: false,
  findings,
  call: undefined,
})

export async function examineCall(wish: CallWish, desk: CallDesk): Promise<CallExamination> {
  const compiled = readConfig()
  // Nothing can be said of a call, but that is no refusal.
  if (!('config' in compiled))
    return { placed: true, findings: judgeConfig(compiled), call: undefined }
  const { config } = compiled
  const outside = await outsideOf(config, wish)
  if ('refused' in outside) return refusedBecause(outside.refused)
  try {
    return await overTrunk(config, outside, wish, desk)
  } finally {
    await outside.close()
  }
}

async function outsideOf(
  config: Config,
  { trunk: name }: CallWish,
): Promise<Outside | { readonly refused: Finding }> {
  if (!config.rehearsal) {
    const chosen = chooseTrunk(config.trunks, name)
    if ('refused' in chosen) return chosen
    const close = (): Promise<void> => Promise.resolve()
    return { ...chosen, isLocal: false, close }
  }
  // Not even the simulated agent comes with it.
  const { startCarrier } = await import('#simulators/carrier')
  const carrier = await startCarrier()
  const { host, port } = carrier.address
  const numbers = REHEARSAL_NUMBER ? [REHEARSAL_NUMBER] : []
  const trunk = { name: 'rehearsal', domain: `${host}:${port}`, numbers }
  return { trunk, isLocal: true, close: () => carrier.close() }
}

async function overTrunk(
  config: Config,
  outside: Outside,
  wish: CallWish,
  desk: CallDesk,
): Promise<CallExamination> {
  const isReachable = config.sipListen.some(
    ({ protocol, host }) => protocol === 'udp' && !host.includes(':') && isLoopback(host),
  )
  const also = outside.isLocal && !isReachable ? [CARRIER_ADDRESS] : []
  let listening: Listening
  try {
    listening = await listenForCall(config, also)
  } catch (error) {
    const todo = 'npm run doctor without --call says what is wrong with the ports.'
    return refusedBecause(fail('call', `our SIP server did not start: ${messageOf(error)}`, todo))
  }
  try {
    return await place(config, outside, listening, { wish, desk })
  } finally {
    await listening.sip.close()
  }
}

async function place(
  config: Config,
  { trunk, isLocal }: Outside,
  { sip, moved }: Listening,
  { wish, desk }: { readonly wish: CallWish; readonly desk: CallDesk },
): Promise<CallExamination> {
  const onto = isLocal
    ? 'the simulated carrier (nothing real is configured)'
    : `the trunk ${trunk.name}`
  desk.say(`calling ${masked(wish.to)} over ${onto}, without an agent; Ctrl-C ends the call`)
  try {
    const options = { ...wish, trunk: forOneCall(trunk), stop: desk.stop }
    const onStep: Parameters<typeof placeTestCall>[2]['onStep'] = (step) =>
      desk.say(renderStep(step))
    const result = await placeTestCall(config, sip, { ...options, onStep })
    const { ringMs } = wish
    const findings = judgeCall({ ...result, config, trunk, ringMs, stopped: desk.stop.aborted })
    return {
      placed: true,
      findings: [...movedTo(moved, config), ...leftOut(trunk), ...findings],
      call: describeCall(result),
    }
  } catch (error) {
    return whyNotPlaced(error)
  }
}

function movedTo(moved: boolean, { drachtio }: Config): readonly Finding[] {
  if (!moved) return []
  const why =
    drachtio === undefined
      ? 'SIP_LISTEN is taken, by a voicegate that runs here as it seems: the call went from another port'
      : 'drachtio-server has the usual port: the call went from another one'
  const risk =
    'A carrier or a firewall that expects us at the usual one may have refused it, or lost what it sent back'
  const todo = drachtio === undefined ? '; to be sure, stop voicegate and try again' : ''
  return [info('call', `${why}. ${risk}${todo}`)]
}

function whyNotPlaced(error: unknown): CallExamination {
  if (codeOf(error) === 'NUMBER_NOT_ALLOWED')
    return refusedBecause(
      fail(
        'call',
        'this number may not be made to ring: DIAL_ALLOW_PREFIXES does not have its beginning',
        'Add its beginning to DIAL_ALLOW_PREFIXES, such as +49 for Germany, or the whole number. Nothing is allowed by default.',
      ),
    )
  const system = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : ''
  if (typeof system === 'string' && system !== '')
    return {
      placed: true,
      findings: [
        fail(
          'call',
          `no port for its audio can be had (${system})`,
          'Check RTP_HOST, RTP_PORT_MIN and RTP_PORT_MAX; npm run doctor without --call looks at them.',
        ),
      ],
      call: undefined,
    }
  throw error
}

/** A terminal is shown to others, and its lines are pasted into tickets: two digits tell the one who asked enough. */
const masked = (number: string): string => `+${'•'.repeat(number.length - 3)}${number.slice(-2)}`
