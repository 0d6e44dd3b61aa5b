// Names in, scenarios or a refusal out: a suggestion only where the name is near one.
import t from 'tap'
import { chooseScenarios } from '../../rehearsal/choose-scenarios.ts'
import { SCENARIOS } from '../../rehearsal/scenarios.ts'

const firstLine = (name: string): string | undefined => {
  const chosen = chooseScenarios(SCENARIOS, [name])
  return chosen.kind === 'refused' ? chosen.reason.split('\n')[0] : undefined
}

t.test('a name that is near is suggested', async (t) => {
  t.equal(firstLine('anwsered'), 'there is no scenario anwsered; did you mean answered?')
  t.equal(firstLine('packetloss'), 'there is no scenario packetloss; did you mean packet-loss?')
  t.equal(firstLine('bsy'), 'there is no scenario bsy; did you mean busy?')
})

t.test('far from all of them nothing is suggested, and all are listed', async (t) => {
  t.equal(firstLine('nosuch'), 'there is no scenario nosuch.')
  t.equal(firstLine('x'), 'there is no scenario x.')
  t.match(chooseScenarios(SCENARIOS, ['nosuch']), { reason: /\nBuilt: answered, / })
})

t.test('known names are chosen in the order of the list, none means all', async (t) => {
  const chosen = chooseScenarios(SCENARIOS, ['dtmf', 'busy'])
  t.match(chosen, { kind: 'chosen', scenarios: [{ name: 'busy' }, { name: 'dtmf' }] })
  t.match(chooseScenarios(SCENARIOS, []), { kind: 'chosen', scenarios: SCENARIOS })
})
