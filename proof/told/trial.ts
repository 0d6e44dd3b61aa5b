// One call, one kill, one start: then everything that was to follow from the call must have followed, once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallView } from '../../test/support/product-view.ts'
import type { PhoneScript } from '../../simulators/carrier/index.ts'
import { within } from '../kill/world.ts'
import type { Random } from '../seeded-random.ts'
import type { Moment } from './moments.ts'
import type { World } from './world.ts'

const TALKS: PhoneScript = [{ ring: 300 }, { answer: true }, { listen: 1200 }, { hangUp: true }]
const REACHED_WITHIN_MS = 45_000
const SETTLED_WITHIN_MS = 45_000
const LOOK_EVERY_MS = 50

/** Whose second one would be a second call. */
const ONCE = [
  'call.created',
  'call.dialing',
  'call.ringing',
  'call.answered',
  'call.ended',
  'conversation.ready',
]

let numbers = 1000

/** What was wrong; empty when all is well. */
export async function runTrial(
  world: World,
  moment: Moment,
  random: Random,
): Promise<readonly string[]> {
  const number = `+493055${numbers++}`
  world.carrier.script(number, TALKS)
  const reached = Promise.withResolvers<true>()
  world.onDeed = (deed) => {
    if (moment.isReached?.(deed) === true) reached.resolve(true)
  }
  const key = `told-${number}`
  const dialled = dial(world, number, key).catch(() => undefined)
  if (moment.isReached === null) reached.resolve(true)
  const late = sleep(REACHED_WITHIN_MS, false, { ref: false })
  if (!(await Promise.race([reached.promise, late]))) return ['the moment never came']
  await sleep(random.below(moment.spreadMs + 1))
  world.product.kill()
  await world.product.gone()
  world.onDeed = () => undefined
  await world.restart()
  const callId = (await dialled) ?? (await dial(world, number, key).catch(() => undefined))
  return judge(world, number, callId)
}

/** The id of the call; undefined when there is none. */
async function dial(world: World, number: string, key: string): Promise<string | undefined> {
  const answer = await world.view.request('/api/calls', {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: JSON.stringify({ phone_number: number }),
  })
  const { call_id: callId } = (await answer.json()) as { call_id?: string }
  return callId
}

async function judge(
  world: World,
  number: string,
  dialled: string | undefined,
): Promise<readonly string[]> {
  const seen: { calls: readonly CallView[]; missing: readonly string[] } = {
    calls: [],
    missing: [],
  }
  await within(
    SETTLED_WITHIN_MS,
    async () => {
      seen.calls = (await world.view.history()).filter(({ to }) => to === number)
      seen.missing = seen.calls.length === 0 ? ['the call'] : await missing(world, seen.calls)
      return seen.missing.length === 0
    },
    LOOK_EVERY_MS,
  )
  const { calls } = seen
  const rung = world.carrier.calls.filter(({ to }) => to === number).length
  const [call] = calls
  return [
    ...(calls.length === 1 ? [] : [`${calls.length} records of one call`]),
    ...(dialled === undefined || dialled === call?.call_id
      ? []
      : ['the answer names another call']),
    ...(rung > 1 ? [`the phone was rung ${rung} times`] : []),
    ...seen.missing.map((what) => `never came: ${what}`),
    ...calls.flatMap(({ call_id: id }) => doubled(world, id)),
  ]
}

/** What is owed for these calls and has not come. */
async function missing(world: World, calls: readonly CallView[]): Promise<readonly string[]> {
  const owed: string[] = []
  for (const call of calls) {
    const told = new Set(world.receiver.of(call.call_id).map(({ type }) => type))
    const types = new Set((await world.view.timeline(call.call_id)).map(({ type }) => type))
    const want = [
      'call.created',
      'call.ended',
      ...(types.has('sip.invite') ? ['call.dialing'] : []),
      ...(types.has('sip.answered') ? ['call.answered'] : []),
      ...(types.has('agent.opened') ? ['agent.opened'] : []),
      ...(types.has('agent.metadata') ? ['conversation.ready'] : []),
    ]
    if (call.status !== 'ended') owed.push('the end of the call')
    owed.push(...want.filter((type) => !told.has(type)))
  }
  return owed
}

function doubled(world: World, callId: string): readonly string[] {
  const told = world.receiver.of(callId)
  return ONCE.filter((type) => told.filter((one) => one.type === type).length > 1).map(
    (type) => `two events of one ${type}`,
  )
}
