import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import {
  newCallId,
  type AbandonedDialog,
  type AbandonedInvite,
  type CallId,
  type CallOffOutcome,
  type InviteIdentity,
  type ReleaseOutcome,
} from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { releaseAbandoned } from '../../../gateway/call/release-abandoned.ts'
import { accountTrunk } from '../../../core/config/account-trunk.ts'
import { aDialog } from '../../support/a-dialog.ts'
import { FakeSip } from '../../support/fake-sip.ts'

function stage(count: number) {
  const dialogs: AbandonedDialog[] = Array.from({ length: count }, (_, index) => ({
    callId: newCallId(),
    direction: index % 2 === 0 ? 'outbound' : 'inbound',
    trunk: 'exolve',
    dialog: aDialog({ sipCallId: `s${index}` }),
  }))
  const invites: AbandonedInvite[] = []
  const written = new Map<CallId, ReleaseOutcome>()
  const calledOff = new Map<CallId, CallOffOutcome>()
  const sip = new FakeSip(createClock())
  const journal = {
    abandoned: () => Promise.resolve({ dialogs, invites }),
    released: (callId: CallId, outcome: ReleaseOutcome) => {
      written.set(callId, outcome)
      return Promise.resolve()
    },
    calledOff: (callId: CallId, outcome: CallOffOutcome) => {
      calledOff.set(callId, outcome)
      return Promise.resolve()
    },
  }
  const lines: string[] = []
  const logger = createLogger('info', { write: (line: string) => void lines.push(line) })
  const deps = { logger, journal, sip, trunks: { find: () => undefined }, callOff: undefined }
  const outcomes = () => dialogs.map(({ callId }) => written.get(callId))
  return { sip, deps, outcomes, lines, invites, calledOff }
}

t.test('each outcome is written down; a missing SIP server is none', async (t) => {
  const { sip, deps, outcomes, lines } = stage(6)
  const answers: Record<string, () => Promise<number | null>> = {
    s0: () => Promise.resolve(200),
    s1: () => Promise.resolve(481),
    s2: () => Promise.resolve(503),
    s3: () => Promise.resolve(null),
    s4: () => Promise.reject(new AppError('TIMED_OUT', 'the answer to a late BYE took too long')),
    s5: () => Promise.reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone')),
  }
  sip.releaseStatus = ({ sipCallId }) => answers[sipCallId]!()
  await releaseAbandoned(deps, new AbortController().signal)
  t.same(outcomes(), [
    { released: true, sipStatus: 200 },
    { released: true, sipStatus: 481 },
    { released: false, sipStatus: 503 },
    { released: false, sipStatus: null },
    { released: false, sipStatus: 408 },
    undefined,
  ])
  const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  for (const { level, released, msg } of told.filter(
    (line) => typeof line['released'] === 'boolean',
  )) {
    t.equal(level, released === true ? 'info' : 'warn')
    t.match(msg, released === true ? /^released a call/ : /could not be released/)
  }
})

t.test('twenty a second, and the unanswered hold up nobody', async (t) => {
  const { sip, deps, outcomes } = stage(12)
  const late = Promise.withResolvers<number>()
  sip.releaseStatus = ({ sipCallId }) => (sipCallId === 's0' ? late.promise : Promise.resolve(200))
  const begun = performance.now()
  const released = releaseAbandoned(deps, new AbortController().signal)
  t.equal(sip.sent.length, 0, 'it does not even ask before its caller goes on')
  while (outcomes().filter(Boolean).length < 11) await sleep(5)
  const took = performance.now() - begun
  t.ok(took > 500, `11 pauses of 50 ms: ${took.toFixed(0)} ms`)
  t.equal(outcomes()[0], undefined)
  late.resolve(200)
  await released
  t.ok(outcomes().every((outcome) => outcome?.released))
})

t.test('closing sends no more, and what was cut short stays for the next start', async (t) => {
  const { sip, deps, outcomes } = stage(100)
  const gone = Promise.withResolvers<never>()
  sip.releaseStatus = ({ sipCallId }) => (sipCallId === 's0' ? Promise.resolve(200) : gone.promise)
  const closing = new AbortController()
  const released = releaseAbandoned(deps, closing.signal)
  while (sip.sent.length < 3) await sleep(5)
  closing.abort()
  const { length } = sip.sent
  await sleep(120)
  t.equal(sip.sent.length, length)
  gone.reject(new AppError('SIP_UNAVAILABLE', 'the SIP server is gone'))
  await released
  t.same(outcomes().filter(Boolean), [{ released: true, sipStatus: 200 }])
})

t.test('whoever called in is given no credentials', async (t) => {
  const { sip, deps } = stage(4)
  const account = {
    name: 'exolve',
    user: 'u',
    password: 'p',
    domain: 'd.invalid',
    proxy: undefined,
  }
  await releaseAbandoned(
    { ...deps, trunks: { find: () => accountTrunk(account, 'S') } },
    new AbortController().signal,
  )
  t.same(
    sip.released.map(({ dialog, credentials }) => [dialog.sipCallId, credentials?.username]),
    [
      ['s0', 'u'],
      ['s1', undefined],
      ['s2', 'u'],
      ['s3', undefined],
    ],
  )
})

t.test('nothing to release, nothing sent', async (t) => {
  const { sip, deps } = stage(0)
  await releaseAbandoned(deps, new AbortController().signal)
  t.same(sip.sent, [])
})

const anInvite = (sipCallId: string): AbandonedInvite => ({
  callId: newCallId(),
  invite: {
    requestUri: 'sip:+4930700@d.invalid',
    from: '<sip:+4930100@d.invalid>;tag=ours',
    sipCallId,
    proxy: null,
    cseq: 1,
  },
})

t.test('phones that ring are called off first, each outcome is written down', async (t) => {
  const { sip, deps, invites, calledOff, outcomes, lines } = stage(1)
  invites.push(anInvite('rings'), anInvite('unheard'), anInvite('cut short'))
  const order: string[] = []
  const callOff = ({ sipCallId }: InviteIdentity): Promise<CallOffOutcome> => {
    order.push(sipCallId, ...sip.sent)
    if (sipCallId === 'cut short') return Promise.reject(new Error('closed'))
    return Promise.resolve(sipCallId === 'rings' ? 'canceled' : 'silent')
  }
  await releaseAbandoned({ ...deps, callOff }, new AbortController().signal)
  t.same(order, ['rings', 'unheard', 'cut short'], 'no BYE before them')
  t.same(
    invites.map(({ callId }) => calledOff.get(callId)),
    ['canceled', 'silent', undefined],
    'the last one is left to the next start',
  )
  t.match(outcomes(), [{ released: true }])
  t.match(lines.at(-1), /"released":2,"failed":1,"left":1/)
  t.notMatch(lines.join(''), /4930|invalid/)
})

t.test('a SIP server that cannot call off is not asked to, and nothing is written', async (t) => {
  const { deps, invites, calledOff, lines } = stage(0)
  invites.push(anInvite('rings'))
  await releaseAbandoned(deps, new AbortController().signal)
  t.equal(calledOff.size, 0)
  t.same(lines, [])
})
