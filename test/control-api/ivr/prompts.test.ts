// The words of the menu: whole in every language, short enough to listen to, and never changed under the same version.
import t from 'tap'
import { createHash } from 'node:crypto'
import { beginFlow, turnOf, type FlowState } from '../../../control-api/ivr/order-flow.ts'
import {
  PROMPT_PIECES,
  promptCatalogue,
  textHash,
  type FlowLanguage,
  type PromptCatalogue,
} from '../../../control-api/ivr/prompts/catalogue.ts'
import { epochMs } from '../../../core/contracts/index.ts'
import { flowRules, saidBy } from '../../support/flow-rules.ts'

const SETS = Object.entries(promptCatalogue.languages) as [
  FlowLanguage,
  Record<(typeof PROMPT_PIECES)[number], string>,
][]

/** What was ever said to callers: a proof of consent names its version. New texts: a new version, a new line here. */
const VERSIONS: Record<string, string> = {
  '2026-11-21.1': '95f4897e7befbb1cffe83235570d921eba188106cbfddebdd7b30427f5bcca91',
}

/** Of all texts of a catalogue: another text is another hash. */
const catalogueHash = (catalogue: PromptCatalogue): string =>
  textHash(
    Object.entries(catalogue.languages)
      .flatMap(([language, set]) => PROMPT_PIECES.map((piece) => [language, piece, set[piece]]))
      .map((row) => JSON.stringify(row))
      .join('\n'),
  )

t.test('other texts are another version', async (t) => {
  t.match(promptCatalogue.version, /^\d{4}-\d{2}-\d{2}\.\d+$/)
  t.equal(
    catalogueHash(promptCatalogue),
    VERSIONS[promptCatalogue.version],
    'the texts changed: give them a new version, and the version a line here',
  )
  const changed = { ...promptCatalogue.languages.ru, sorry: 'Извините.' }
  const languages = { ...promptCatalogue.languages, ru: changed }
  t.not(catalogueHash({ ...promptCatalogue, languages }), catalogueHash(promptCatalogue))
  t.equal(textHash('Grüße'), createHash('sha256').update(Buffer.from('Grüße')).digest('hex'))
})

t.test('every piece is there, and is a sentence of its language', async (t) => {
  for (const [language, set] of SETS) {
    t.same(Object.keys(set).sort(), [...PROMPT_PIECES].sort())
    for (const [piece, text] of Object.entries(set)) {
      t.match(text, /^\p{Lu}.*[.?!:]$/u, `${language} ${piece}`)
      t.notMatch(text, / {2}|\s$|\n/)
      const named = piece.endsWith('_plain') ? undefined : set[`${piece}_plain` as 'greeting_plain']
      t.equal(/[{}]/.test(text), named !== undefined, 'a text with a name has a twin without')
      t.equal(/\p{Script=Cyrillic}/u.test(text), language === 'ru')
      t.equal(text, text.normalize('NFC'))
    }
  }
})

t.test('what must be said before a consent is said', async (t) => {
  const words: Record<FlowLanguage, RegExp[]> = {
    de: [/automatische/, /Muster & Söhne/, /aufzeichnen/, /freiwillig/, /widerruf/, /example\.com/],
    en: [/automated/, /Muster & Söhne/, /record/, /voluntary/, /withdraw/, /example\.com/],
    ru: [/автоматический/, /Muster & Söhne/, /записать/, /добровольно/, /отозвать/, /example\.com/],
  }
  for (const [language] of SETS) {
    const { turn } = beginFlow(flowRules(), { language, hasAgent: false, at: epochMs(0) })
    const [greeting, ...rest] = turn.say
    t.match(greeting, { text: /Liza|Лиза/ }, 'first of all who speaks')
    t.ok(rest.length > 0)
    for (const word of words[language]) t.match(saidBy(turn), word)
    t.notMatch(saidBy(turn), /https?:|www/)
  }
})

t.test('the choice comes first, its key after it', async (t) => {
  const asks: Record<FlowLanguage, RegExp> = {
    de: /^.*(?:[Zz]u|Um|Für|Wenn).*drücken Sie die \d/,
    en: /^.*(?:[Tt]o|If).*press \d/,
    ru: /^.*(?:[Чч]тобы|Если|Для).*нажмите \d/,
  }
  for (const [language, set] of SETS) {
    const keyed = Object.values(set).filter((text) => /\d/.test(text))
    t.ok(keyed.length >= 7)
    for (const text of keyed) {
      for (const sentence of text.split(/(?<=[.?!]) /).filter((one) => /\d/.test(one))) {
        t.match(sentence, asks[language])
      }
    }
  }
})

t.test(
  'nobody listens long: a question takes 20 s at most, with the greeting and all keys 30 s',
  async (t) => {
    /** Of neural voices, German the slowest: 15 to 17. */
    const charactersASecond = 15
    const seconds = (said: string): number => said.length / charactersASecond
    for (const [language] of SETS) {
      const rules = flowRules()
      const { state, turn } = beginFlow(rules, { language, hasAgent: false, at: epochMs(0) })
      t.ok(seconds(saidBy(turn)) <= 30, `${language} first: ${seconds(saidBy(turn))}`)
      const question = saidBy({ ...turn, say: turn.say.slice(1, 4) })
      t.ok(seconds(question) <= 20, `${language} consent: ${seconds(question)}`)
      const states: FlowState[] = [
        { ...state, opening: [], form: 'short' },
        { ...state, step: 'order', opening: ['unrecorded'] },
        { ...state, step: 'order_confirm', orderNumber: '123456789012', opening: [] },
        { ...state, step: 'help', told: 'problem', opening: ['status'] },
        { ...state, step: 'end', told: 'problem', opening: ['status'], ending: { kind: 'agent' } },
      ]
      for (const one of states) {
        const said = saidBy(turnOf(rules, one))
        t.ok(seconds(said) <= 20, `${language} ${one.step}: ${seconds(said)}`)
      }
    }
  },
)
