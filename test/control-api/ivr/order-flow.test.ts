// Every path of the order flow, in every language: what is pressed, and what is then said, asked and done.
import t from 'tap'
import {
  advanceFlow,
  beginFlow,
  orderAskedFor,
  turnOf,
  type FlowOutcome,
  type FlowRules,
} from '../../../control-api/ivr/order-flow.ts'
import {
  promptCatalogue,
  textHash,
  type FlowLanguage,
} from '../../../control-api/ivr/prompts/catalogue.ts'
import { epochMs, type FlowTurn } from '../../../core/contracts/index.ts'
import { CONSENT, PATHS, unmanned } from '../../support/flow-paths.ts'
import { flowInput, flowRules, playFlow, saidBy } from '../../support/flow-rules.ts'

const LANGUAGES = Object.keys(promptCatalogue.languages) as FlowLanguage[]

for (const language of LANGUAGES) {
  t.test(`every path, in ${language}`, async (t) => {
    const first = `consent#1 greeting ${CONSENT}`
    for (const { name, rules = {}, presses, turns, effects, ...played } of PATHS) {
      const given = flowRules(rules)
      const outcomes = playFlow(given, presses, { ...played, language })
      const begun = rules.human === null ? unmanned(first) : first
      t.same(
        outcomes.map(({ turn }) => written(given, turn)),
        [begun, ...turns],
        name,
      )
      const done = outcomes.flatMap((outcome) => outcome.effects)
      t.match(done, effects, `${name}: effects`)
      t.equal(done.length, effects.length)
    }
  })
}

/** A turn in a line: its pieces by their names, found by their texts. */
function written(rules: FlowRules, turn: FlowTurn): string {
  const set = rules.prompts.languages[turn.language as FlowLanguage]
  const names = new Map(
    Object.entries(set).map(([name, text]) => [
      text.replaceAll('{company}', rules.company).replaceAll('{website}', 'example.com'),
      name,
    ]),
  )
  const said = turn.say.map((part) =>
    part.kind === 'digits' ? part.digits : (names.get(part.text) ?? `?${part.text}`),
  )
  return `${turn.step}#${turn.attempt} ${said.join(' ')} > ${follows(turn)}`
}

function follows({ then }: FlowTurn): string {
  switch (then.kind) {
    case 'listen': {
      const keys = then.finishOnKey ? `${then.maxDigits} keys or #` : `${then.maxDigits} key`
      return then.keepsDigits ? `${keys}, kept` : keys
    }
    case 'hang-up':
      return `hang-up ${then.reason}`
    case 'agent': {
      const { order_number, order_status, consent } = then.variables
      return `agent ${order_number} ${order_status} ${consent}`
    }
    case 'transfer':
      return `transfer to ${then.to}`
  }
}

t.test('the answer is told in a word, its keys only where they may be kept', async (t) => {
  const told = (rules: FlowRules, presses: readonly string[]) =>
    playFlow(rules, presses).map(({ answer, digits }) => [answer, digits].filter(Boolean).join(' '))
  t.same(told(flowRules(), ['-', '1', '471', '9', '4711', '7', '2', '0', '!', '2']), [
    '',
    'silence',
    'yes 1',
    'invalid 471',
    'repeat 9',
    'entry 4711',
    'invalid 7',
    'no 2',
    'human 0',
    'transfer-failed',
    'no 2',
  ])
  t.same(told(flowRules({ onRefusal: 'continue' }), ['2', '471', '4711', '2']), [
    '',
    'no 2',
    'invalid',
    'entry',
    'no',
  ])
  t.same(told(flowRules(), ['４７１１', '5', '4711']), ['', 'invalid', 'invalid', 'invalid'])
})

t.test('the consent is proved by the words that were said', async (t) => {
  for (const language of LANGUAGES) {
    const rules = flowRules()
    const [first, again] = playFlow(rules, ['-'], { language })
    const proofOf = (presses: readonly string[]) => {
      const effect = playFlow(rules, presses, { language }).at(-1)?.effects[0]
      return effect?.kind === 'consent' ? effect.prompt : undefined
    }
    const version = promptCatalogue.version
    const words = (outcome: FlowOutcome | undefined, from: number, to: number) =>
      textHash(
        (outcome?.turn.say ?? [])
          .slice(from, to)
          .map((part) => (part.kind === 'words' ? part.text : ''))
          .join(' '),
      )
    t.same(proofOf(['1']), { id: 'consent', version, language, textSha256: words(first, 1, 4) })
    t.same(proofOf(['2']), proofOf(['1']), 'a refusal is proved by the same')
    const short = { id: 'consent-again', version, language, textSha256: words(again, 0, 2) }
    t.same(proofOf(['-', '1']), short)
  }
  const other = playFlow(flowRules({ company: 'Andere GmbH' }), ['1']).at(-1)?.effects
  t.notSame(other, playFlow(flowRules(), ['1']).at(-1)?.effects, 'of another company, other words')
})

t.test('without a company and a website the words do without', async (t) => {
  for (const language of LANGUAGES) {
    const rules = flowRules({ company: ' ', website: '' })
    const said = playFlow(rules, ['-'], { language }).map(({ turn }) => saidBy(turn))
    t.notMatch(said.join(' '), /[{}]|undefined|null| {2}/)
    t.match(said[0], promptCatalogue.languages[language].greeting_plain)
    t.match(said[1], promptCatalogue.languages[language].consent_again_plain)
  }
  const tricky = flowRules({ company: "$& {website} $'", website: 'shop.example/a?b=1' })
  const begun = beginFlow(tricky, { language: 'de', hasAgent: false, at: epochMs(0) })
  t.match(saidBy(begun.turn), "von $& {website} $'. Um", 'a name is never a pattern')
  t.match(saidBy(begun.turn), 'auf shop.example. Zum')
})

t.test('which order the driver is to look up', async (t) => {
  const asked = (rules: FlowRules, presses: readonly string[], press: string) => {
    const state = playFlow(rules, presses).at(-1)?.state
    return state && orderAskedFor(rules, state, flowInput(press))
  }
  const keeps = flowRules()
  t.equal(asked(keeps, ['1'], '4711'), null, 'it is not confirmed yet')
  t.equal(asked(keeps, ['1', '4711'], '1'), '4711')
  t.equal(asked(keeps, ['1', '4711'], '2'), null)
  t.equal(asked(keeps, [], '1'), null)
  const goesOn = flowRules({ onRefusal: 'continue' })
  t.equal(asked(goesOn, ['2'], '4711'), '4711')
  t.equal(asked(goesOn, ['2'], '471'), null)
})

t.test('the menu is the same after a restart of ours: its state is plain JSON', async (t) => {
  const rules = flowRules()
  for (const { state, turn } of playFlow(rules, ['0', '!', '1', '4711', '1', '2'])) {
    const kept = JSON.parse(JSON.stringify(state)) as typeof state
    t.same(turnOf(rules, kept), turn)
    const at = epochMs(9_000)
    t.same(
      advanceFlow(rules, kept, { kind: 'silence' }, { orderStatus: null, at }),
      advanceFlow(rules, state, { kind: 'silence' }, { orderStatus: null, at }),
    )
  }
})
