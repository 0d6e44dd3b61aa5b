// The order flow explored: each state that can be reached, by each input that can come, under all rules. Whatever is
// pressed, it ends, asks for consent once, and keeps nothing before it.
import t from 'tap'
import { isDeepStrictEqual } from 'node:util'
import {
  advanceFlow,
  beginFlow,
  MOST_TURNS,
  turnOf,
  type FlowOutcome,
  type FlowRules,
  type FlowState,
  type OrderStatus,
} from '../../../control-api/ivr/order-flow.ts'
import { epochMs, type FlowInput } from '../../../core/contracts/index.ts'
import { flowInput, flowRules, HUMAN, saidBy } from '../../support/flow-rules.ts'

const ORDER_NUMBER = '4711'
const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#']
/** None of them is a key of the menu or an order number, however much it looks like one. */
const GARBAGE = [
  '471',
  '1234567890123',
  '1'.repeat(10_000),
  '٤٧١١',
  '１',
  '４７１１',
  '²',
  '१',
  'A',
  '1 ',
  '11',
  '4711#',
  '+1',
  '1\n',
  '1\u0000',
  '👍',
  '\ud800',
  '__proto__',
]
const PRESSES = ['-', '!', '', ORDER_NUMBER, ...KEYS, ...GARBAGE]

interface Told {
  readonly state: FlowState
  readonly input: FlowInput
  readonly next: FlowOutcome
  readonly rules: FlowRules
}

/** What may never be: each says yes when it is broken. */
const LAWS: Record<string, (told: Told) => boolean> = {
  'asks for consent once decided': ({ state, next }) =>
    state.consent !== null && next.turn.step === 'consent',
  'tells a consent twice': ({ state, next }) =>
    state.consent !== null && next.effects.some(({ kind }) => kind === 'consent'),
  'changes a consent': ({ state, next }) =>
    state.consent !== null && next.state.consent !== state.consent,
  'forgets what was decided': ({ next }) =>
    next.effects.some(
      (effect) =>
        effect.kind === 'consent' && next.state.consent !== (effect.given ? 'given' : 'refused'),
    ),
  'decides without its key': ({ state, input, next }) =>
    next.state.consent !== state.consent && !(isKey(input, '1') || isKey(input, '2')),
  'takes the wrong key for consent': ({ state, input, next }) =>
    state.consent === null && next.state.consent === 'given' && !isKey(input, '1'),
  'stores an order without consent': ({ next }) =>
    next.effects.some(({ kind }) => kind === 'order') && next.state.consent !== 'given',
  'stores an order that was not confirmed': ({ state, input, next }) =>
    next.effects.some(({ kind }) => kind === 'order') &&
    !(state.step === 'order_confirm' && isKey(input, '1') && state.orderNumber === ORDER_NUMBER),
  'keeps a number that was taken back': ({ next }) =>
    next.turn.step === 'order' && next.state.orderNumber !== null,
  'keeps a number without consent': ({ next }) =>
    next.state.consent !== 'given' && JSON.stringify(next).includes(ORDER_NUMBER),
  'lets keys be kept without consent': ({ next }) =>
    next.turn.then.kind === 'listen' &&
    next.turn.then.keepsDigits &&
    next.turn.step !== 'consent' &&
    next.state.consent !== 'given',
  'tells keys that may not be kept': ({ state, next }) =>
    next.digits !== undefined && state.step !== 'consent' && state.consent !== 'given',
  'records without consent': ({ next }) => next.turn.mayRecord !== (next.state.consent === 'given'),
  'takes silence for an answer': ({ input, next }) =>
    input.kind === 'silence' &&
    (next.effects.length > 0 || !['silence', undefined].includes(next.answer)),
  'takes garbage for an answer': ({ input, next }) =>
    input.kind === 'digits' &&
    GARBAGE.includes(input.digits) &&
    (next.effects.length > 0 || !['invalid', undefined].includes(next.answer)),
  'says garbage': ({ input, next }) =>
    input.kind === 'digits' && GARBAGE.slice(3, 8).some((text) => saidBy(next.turn).includes(text)),
  'calls a turn like an earlier one': ({ state, next }) =>
    next.answer !== undefined &&
    (next.turn.attempt !== state.asked[next.turn.step] + 1 ||
      next.state.asked[next.turn.step] !== next.turn.attempt),
  'asks too often in vain': ({ next }) => next.state.misses > 2,
  'asks too much': ({ next }) => next.state.turns > MOST_TURNS,
  'makes no headway': ({ state, next }) =>
    next.answer !== undefined &&
    next.state.turns <= state.turns &&
    !['end', 'transfer'].includes(next.turn.step),
  'calls a human twice': ({ next }) => next.state.asked.transfer > 1,
  'calls a human who is not there': ({ rules, next }) =>
    next.turn.then.kind === 'transfer' && rules.human === null,
  'changes on what nobody asked for': ({ state, next }) =>
    next.answer === undefined && (next.state !== state || next.effects.length > 0),
  'takes a failed transfer where there was none': ({ state, input, next }) =>
    input.kind === 'transfer-failed' && (state.step === 'transfer') !== (next.answer !== undefined),
  'goes on after the end': ({ state, next }) => state.step === 'end' && next.state !== state,
  'asks nothing where it should': ({ next }) =>
    (next.turn.then.kind === 'listen') === ['transfer', 'end'].includes(next.turn.step),
  'hands over whoever has no agent, or may not have one': ({ rules, next }) =>
    next.turn.then.kind === 'agent' &&
    (!next.state.hasAgent ||
      next.state.consent === null ||
      (next.state.consent === 'refused' && rules.onRefusal === 'end')),
  'says nothing': ({ next }) =>
    next.turn.say.length === 0 || /[{}]|undefined/.test(saidBy(next.turn)),
}

const isKey = (input: FlowInput, key: string): boolean =>
  input.kind === 'digits' && input.digits === key

/** Several times what there are: a flow without bounds is to fail, not to be explored for ever. */
const MOST_STATES = 8_000

/** What was kept as JSON makes the same turn. */
function isAgain(rules: FlowRules, { state, turn }: FlowOutcome): boolean {
  const kept = JSON.parse(JSON.stringify(state)) as FlowState
  return isDeepStrictEqual(turnOf(rules, kept), turn)
}

interface World {
  readonly rules: FlowRules
  readonly hasAgent: boolean
  readonly orderStatus: OrderStatus | null
}

/** By breadth; how often a step was asked names turns and decides nothing, so it does not make another state. */
function explore({ rules, hasAgent, orderStatus }: World) {
  const facts = { orderStatus, at: epochMs(0) }
  const first = beginFlow(rules, { language: 'de', hasAgent, at: epochMs(0) })
  const seen = new Map<string, FlowState>([[keyOf(first.state), first.state]])
  const broken = new Set<string>()
  const endings = new Set<string>()
  let steps = 0
  for (const state of seen.values()) {
    if (seen.size > MOST_STATES) broken.add('has no end of states')
    if (broken.size > 0) break
    for (const press of PRESSES) {
      steps++
      const input = flowInput(press)
      const next = advanceFlow(rules, state, input, facts)
      for (const [law, isBroken] of Object.entries(LAWS)) {
        if (isBroken({ state, input, next, rules })) {
          broken.add(`${law}: ${state.step} by ${JSON.stringify(press.slice(0, 20))}`)
        }
      }
      if (next.turn.step === 'end') endings.add(next.turn.then.kind)
      const key = keyOf(next.state)
      if (seen.has(key)) continue
      seen.set(key, next.state)
      if (!isAgain(rules, next)) broken.add(`is not the same when asked again: ${key}`)
    }
  }
  return { states: seen.size, steps, broken: [...broken], endings }
}

const keyOf = ({ asked, attempt, ...state }: FlowState): string =>
  // A human is called once: that one does decide.
  JSON.stringify([state, asked.transfer, attempt > 0])

const WORLDS: World[] = [true, false].flatMap((hasAgent) =>
  (['end', 'continue'] as const).flatMap((onRefusal) =>
    [HUMAN, null].map((human) => ({
      rules: flowRules({ onRefusal, human }),
      hasAgent,
      // Which one it is decides nothing; whether there is one might.
      orderStatus: human === null ? 'in_progress' : null,
    })),
  ),
)

t.test('each state by each input keeps the laws', async (t) => {
  let all = 0
  for (const world of WORLDS) {
    const { states, steps, broken, endings } = explore(world)
    all += states
    const name = `${world.rules.onRefusal}, ${world.hasAgent ? 'agent' : 'none'}, ${world.rules.human ? 'human' : 'nobody'}`
    t.same(broken, [], `${name}: ${states} states, ${steps} steps`)
    t.ok(states > 50, 'something was explored')
    t.equal(endings.has('agent'), world.hasAgent)
    t.ok(endings.has('hang-up'))
  }
  t.comment(`${all} states`)
})

t.test('any sequence of inputs ends, within the bounds', async (t) => {
  let seed = 20261121
  const random = (below: number): number => {
    // Numerical Recipes' generator: the same sequences on every run.
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const lengths: number[] = []
  for (let round = 0; round < 2000; round++) {
    const { rules, hasAgent, orderStatus } = WORLDS[round % WORLDS.length] ?? {
      rules: flowRules(),
      hasAgent: false,
      orderStatus: null,
    }
    let { state } = beginFlow(rules, { language: 'ru', hasAgent, at: epochMs(0) })
    let answers = 0
    // A phone that rings hears no keys: what follows is that nobody picks up.
    while (state.step !== 'end' && answers < 100) {
      const press = state.step === 'transfer' ? '!' : LIKELY[random(LIKELY.length)]
      answers++
      const facts = { orderStatus, at: epochMs(answers * 1000) }
      const next = advanceFlow(rules, state, flowInput(press ?? '-'), facts)
      if (next.answer === undefined) t.fail('what was asked for was not taken')
      state = next.state
    }
    lengths.push(answers)
  }
  // Every question answered once, and one phone that rang.
  t.ok(Math.max(...lengths) <= MOST_TURNS + 1, `the longest took ${Math.max(...lengths)} answers`)
  t.ok(Math.max(...lengths) >= MOST_TURNS, 'the bound was met')
})

/** Weighed so that walks go deep. */
const LIKELY = ['1', '1', '1', '9', '9', ORDER_NUMBER, ORDER_NUMBER, '2', '0', '-', '5']
