// One kill: calls are brought where they are to be, somebody dies, and what is left is judged.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../seeded-random.ts'
import { judge, type Judged, type Kill } from './judge.ts'
import { LiveCall, type Dialled } from './live-call.ts'
import type { Pair, Who } from './matrix.ts'
import { COMPANY, type Point } from './points.ts'
import { CAPACITY, within, type World } from './world.ts'

export interface Trial extends Judged {
  readonly restartMs: number | undefined
}

const IDLE_WITHIN_MS = 15_000
/** Ports are reported once a second, and each look at the metrics costs the product a page. */
const IDLE_LOOK_MS = 200
/** An INVITE is sent again after 0.5, 1.5, 3.5 and 7.5 s (RFC 3261 §17.1.1.2); a start takes two. */
const ASKS_AGAIN_WITHIN_MS = 8000
/** A busy machine takes seconds to start a thread. */
const REPLACED_WITHIN_MS = 10_000
/** Rings for as long as the places are counted. */
const RINGS: Point = {
  ...{ name: 'counting places', direction: 'outbound', spreadMs: 0 },
  phone: [{ ring: 0 }, { neverAnswer: true }],
  isReached: ({ phone }) => phone?.provisionalAt != null,
}

export async function runTrial(world: World, { who, point }: Pair, random: Random): Promise<Trial> {
  const problems: string[] = []
  // A thread that dies again within a minute is held back longer each time.
  if (!who.endsProcess && world.hasLostThread) await world.renew()
  const company = COMPANY.map((each) => new LiveCall(world, each))
  const subject = new LiveCall(world, point)
  const calls = [...company, subject]
  for (const call of company) await call.begin()
  for (const call of company)
    if (!(await call.reached())) problems.push(`never came: ${String(call)}`)
  const { endsProcess } = who
  const killedAt = await killAt(world, subject, who, random, problems)
  const restartMs = endsProcess ? await startAgain(world, problems) : undefined
  const readyAt = endsProcess ? world.product.readyAt : killedAt
  const kill: Kill = { killedAt, readyAt, endsProcess }
  const judged = await judge(world, calls, kill)
  problems.push(...judged.problems)
  if (!endsProcess) {
    problems.push(...(await endSurvivors(world, calls)))
    if (!(await within(REPLACED_WITHIN_MS, () => isReplaced(world), 20)))
      problems.push('the media worker was not replaced')
  } else if (judged.survivors === 0) problems.push(...(await endRepeated(world, calls)))
  problems.push(...(await sameRequestAgain(calls)))
  // Who was left alone has taken them.
  if (!endsProcess || judged.survivors === 0) problems.push(...(await placesFree(world)))
  return { ...judged, problems, restartMs }
}

const isReplaced = ({ product: { words } }: World): boolean => {
  const last = (text: string): number => words.findLastIndex((line) => line.includes(text))
  return last('media worker lost') <= last('media worker replaced')
}

/** When the kill was, once the subject has come to its point. */
async function killAt(
  world: World,
  subject: LiveCall,
  { threads, how }: Who,
  random: Random,
  problems: string[],
): Promise<number> {
  const { hangsUp, isReached, name, spreadMs } = subject.point
  await subject.begin()
  if (!(await subject.reached())) problems.push(`never reached: ${name}`)
  if (hangsUp === true) {
    const dialled = await subject.dialled
    // The kill may cut it off: whether it did is no matter.
    if (dialled?.kind === 'taken') void world.view.hangUp(dialled.callId).catch(() => undefined)
  }
  // Half of them at once: a millisecond may make the difference.
  const delayMs = random.chance(0.5) && isReached !== null ? 0 : random.below(spreadMs + 1)
  if (delayMs > 0) await sleep(delayMs)
  const killedAt = Date.now()
  if (threads === null) world.product.kill()
  else world.lose({ thread: random.pick(threads), how })
  return killedAt
}

async function startAgain(world: World, problems: string[]): Promise<number> {
  if (!(await world.product.gone())) {
    problems.push('the process did not end by itself')
    world.product.kill()
    await world.product.gone()
  }
  await world.restart()
  return world.product.startedInMs
}

/** Calls of the threads that live go on talking; then they end as any call does. */
async function endSurvivors(world: World, calls: readonly LiveCall[]): Promise<readonly string[]> {
  const problems: string[] = []
  const up = calls.filter(({ isUp }) => isUp)
  const heard = up.map(({ seen }) => seen.phone?.rtpIn.audio.length ?? 0)
  await sleep(300)
  for (const [index, call] of up.entries()) {
    const { agent, phone } = call.seen
    // Nothing is sent to who put us on hold.
    const isSpoken =
      agent !== undefined && agent.closedAt === null && call.isUp && call.point.name !== 'on hold'
    if (isSpoken && (phone?.rtpIn.audio.length ?? 0) <= (heard[index] ?? 0))
      problems.push(`a survivor hears nothing: ${String(call)}`)
  }
  problems.push(...(await hangUpAll(world, calls)))
  return problems
}

/** A caller who heard nothing sends its INVITE again, and the next start takes it: a new call, which goes on. */
async function endRepeated(world: World, calls: readonly LiveCall[]): Promise<readonly string[]> {
  const answered = calls.filter(({ seen: { phone } }) => phone?.answeredAt != null)
  const asksAgain = (call: LiveCall): boolean =>
    call.isUp &&
    call.point.direction === 'inbound' &&
    call.seen.phone?.messages.some(({ direction }) => direction === 'received') === false
  const again = calls.filter(asksAgain)
  await within(ASKS_AGAIN_WITHIN_MS, () => !again.some(asksAgain), 20)
  await within(ASKS_AGAIN_WITHIN_MS, () =>
    again.every(({ seen }) => seen.phone?.answeredAt != null),
  )
  return hangUpAll(world, [...answered, ...again])
}

async function hangUpAll({ view }: World, calls: readonly LiveCall[]): Promise<readonly string[]> {
  const live = (await view.history()).filter(({ status }) => status !== 'ended')
  for (const { call_id } of live) await view.hangUp(call_id)
  if (await within(IDLE_WITHIN_MS, () => !calls.some(({ isUp }) => isUp), 20)) return []
  return [`would not be hung up: ${calls.filter(({ isUp }) => isUp).join(', ')}`]
}

/** A dial request that is repeated with its key makes no phone ring again. */
async function sameRequestAgain(calls: readonly LiveCall[]): Promise<readonly string[]> {
  const dialled = calls.filter(({ point }) => point.direction === 'outbound')
  const before = dialled.map(({ phones }) => phones.length)
  for (const call of dialled) {
    const first = await call.dialled
    // One that never came to us, or was refused, is a new one.
    if (first?.kind !== 'taken' && call.phones.length === 0) continue
    const again = await call.dial()
    // Whatever became of the first answer: there is a call, and the repeat is told which.
    if (again.kind !== 'taken') return [`a repeat is not told of its call: ${String(call)}`]
    if (first?.kind === 'taken' && again.callId !== first.callId)
      return [`another call for the same key: ${String(call)}`]
  }
  await sleep(50)
  return dialled.flatMap((call, index) =>
    call.phones.length > Math.max(1, before[index] ?? 0) ? [`rang twice: ${String(call)}`] : [],
  )
}

/** As many calls as ever fit, and not one more; and all of them can be ended. */
async function placesFree(world: World): Promise<readonly string[]> {
  const { view } = world
  const isIdle = async (): Promise<boolean> =>
    (await view.metric('calls_active')) === 0 && (await view.metric('rtp_ports_in_use')) === 0
  if (!(await within(IDLE_WITHIN_MS, isIdle, IDLE_LOOK_MS)))
    return ['calls or ports are still taken']
  const calls = Array.from({ length: CAPACITY + 1 }, () => new LiveCall(world, RINGS))
  const taken: (Dialled | undefined)[] = []
  for (const call of calls) {
    await call.begin()
    taken.push(await call.dialled)
  }
  const callIds = taken.flatMap((one) => (one?.kind === 'taken' ? [one.callId] : []))
  const problems =
    callIds.length === CAPACITY ? [] : [`${callIds.length} of ${CAPACITY} places are free`]
  for (const call of calls.slice(0, callIds.length))
    if (!(await call.reached())) problems.push('a free place without a ringing phone')
  for (const callId of callIds) await view.hangUp(callId)
  if (!(await within(IDLE_WITHIN_MS, isIdle, IDLE_LOOK_MS)))
    problems.push('places are not given back')
  return problems
}
