// What a test call says of the trunk: findings for people who know telephony, not this program.
import type { Config } from '#core/config'
import type { CallEvent, CallEventType, Trunk } from '#core/contracts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'
import { namesOf } from '../trunk/trunk-names.ts'
import { whatToDo } from '../trunk/trunk-unreachable.ts'
import { judgeAudio } from './judge-audio.ts'
import { causeInWords, explainStatus } from './sip-words.ts'
import type { TestCallResult } from './test-call.ts'

export interface Judged extends TestCallResult {
  readonly config: Config
  readonly trunk: Trunk
  readonly ringMs: number
  /** By the one who asked for the call. */
  readonly stopped: boolean
}

type EventOf<T extends CallEventType> = Extract<CallEvent, { readonly type: T }>

const findAll = <T extends CallEventType>(events: readonly CallEvent[], type: T): EventOf<T>[] =>
  events.filter((event): event is EventOf<T> => event.type === type)

const wasAnswered = ({ events }: TestCallResult): boolean =>
  events.some(({ type }) => type === 'sip.answered')

export function judgeCall(judged: Judged): readonly Finding[] {
  const [ended] = findAll(judged.events, 'call.ended')
  if (ended?.data.termination.result === 'server_error')
    return [brokeOff(ended.data.termination.reason)]
  if (!wasAnswered(judged)) return [unanswered(judged), ...earlyMedia(judged)]
  const [invite] = findAll(judged.events, 'sip.invite')
  const [answer] = findAll(judged.events, 'sip.answered')
  const seconds = ((answer?.at ?? 0) - (invite?.at ?? 0)) / 1000
  const reason = ended?.data.termination.reason
  const early = earlyMedia(judged)
  if (reason === 'canceled' || reason === 'no-answer')
    return [fail('call', 'answered in the very moment in which we gave up', 'Try again.'), ...early]
  const none = early.length === 0 ? '; no early media' : ''
  const answered = ok(
    'call',
    `answered ${seconds.toFixed(1)} s after the INVITE${firstSign(judged)}${none}`,
  )
  if (reason === 'media-not-acceptable') return [answered, ...early, noCommonAudio(judged)]
  return [answered, ...early, ...judgeAudio(judged), ending(judged)]
}

const brokeOff = (reason: string): Finding =>
  fail(
    'call',
    `the call broke off on our side (${reason})`,
    'This is a defect; report it with the lines above.',
  )

function firstSign({ events }: Judged): string {
  const statuses = findAll(events, 'sip.provisional')
    .map(({ data }) => data.sipStatus)
    .filter((status) => status > 100)
  return statuses.length === 0 ? '' : `; ${[...new Set(statuses)].join(' and ')} came first`
}

/** Fewer may have been faster than the 200 OK. */
const MANY_EARLY = 10

function earlyMedia({ events, line }: Judged): readonly Finding[] {
  const announced = findAll(events, 'sip.provisional').some(({ data }) => data.earlyMedia)
  const packets = line?.earlyPackets ?? 0
  if (!announced) return packets > MANY_EARLY ? [info('call', early(packets, 'not announced'))] : []
  if (packets > 0) return [info('call', early(packets, 'announced by the carrier'))]
  const todo =
    'The ringing tone or the announcement of the carrier does not reach us. If audio comes after the answer, nothing has to be done.'
  return [
    warn('call', 'early media: the carrier announced audio before the answer, and none came', todo),
  ]
}

const early = (packets: number, how: string): string =>
  `early media: ${packets} packets before the answer, ${how}; no agent is opened for it`

function noCommonAudio({ config }: Judged): Finding {
  const family = config.rtpHost.includes(':') ? 'IPv6' : 'IPv4'
  return fail(
    'call',
    'answered, but with audio that we cannot use: the ladder shows its SDP',
    `We need PCMU or PCMA as plain RTP over ${family} (the family of RTP_HOST): have the carrier allow that.`,
  )
}

function ending({ events, isOver, stopped }: Judged): Finding {
  const bye = findAll(events, 'sip.bye')[0]?.data.direction
  if (bye === 'received')
    return info('call', 'the other side hung up before we did; that is no problem of the trunk')
  if (isOver) return ok('call', `hung up by us${stopped ? ' as you asked' : ''}, and confirmed`)
  const todo =
    'The carrier may take the call for going on, and charge it: look at its list of calls, and let SIP requests of ours reach the address in its Contact.'
  return warn('call', 'we hung up (BYE), and the other side did not confirm it', todo)
}

function unanswered(judged: Judged): Finding {
  const { events, stopped } = judged
  const [failed] = findAll(events, 'sip.failed')
  // After a CANCEL of ours the 487 is its echo.
  const gaveUp = events.some(({ type }) => type === 'sip.cancel') || failed === undefined
  if (stopped && (gaveUp || failed.data.sipStatus === 487))
    return fail('call', 'stopped by you before an answer', 'Let it ring to see more.')
  if (gaveUp || (failed.data.sipStatus === 487 && reasonOf(events) !== 'canceled'))
    return rangOut(judged)
  return refused(failed, judged)
}

const reasonOf = (events: readonly CallEvent[]): string | undefined =>
  findAll(events, 'call.ended')[0]?.data.termination.reason

function refused({ data }: EventOf<'sip.failed'>, { steps, trunk }: Judged): Finding {
  const { sipStatus, local, detail, q850Cause } = data
  if (local === true) {
    const why = detail ?? 'no answer'
    return fail('call', `the trunk was not reached: ${why}`, whatToDo(why, namesOf(trunk)))
  }
  const asked = steps.some(({ by, what }) => by === 'carrier' && /^40[17]\b/.test(what))
  const { meaning, todo } = explainStatus(sipStatus, namesOf(trunk), asked)
  const cause = q850Cause === undefined ? '' : ` (${causeInWords(q850Cause)})`
  return fail('call', `the carrier answered ${sipStatus}: ${meaning}${cause}`, todo)
}

function rangOut({ events, steps, ringMs, line }: Judged): Finding {
  const rang = findAll(events, 'sip.provisional').some(({ data }) => data.sipStatus > 100)
  const within = `in ${Math.round(ringMs / 1000)} s`
  // 100 Trying is of the next hop, and no event of the call.
  if (!steps.some(({ by, what }) => by === 'carrier' && what.startsWith('1')))
    return fail(
      'call',
      `the carrier said nothing at all to the INVITE ${within}`,
      'npm run doctor without --call asks it with OPTIONS. If that is answered, the INVITE may be too long for a firewall, or this machine’s address is not on the carrier’s list.',
    )
  if (!rang)
    return fail(
      'call',
      `the carrier took the call (100 Trying), and nothing rang ${within}`,
      'Ask the carrier what became of it; try another number first.',
    )
  if ((line?.earlyPackets ?? 0) > 0)
    return fail(
      'call',
      `not answered ${within}; the carrier played something (early media): a ringing tone, or an announcement`,
      'Call the number from another phone and listen. --ring-seconds waits longer.',
    )
  return fail(
    'call',
    `it rang, and nobody answered ${within}`,
    'Call a number that is answered, such as your own phone. --ring-seconds waits longer.',
  )
}
