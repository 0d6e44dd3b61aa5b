import t from 'tap'
import { languageOf } from '../../../control-api/ivr/language-of.ts'

const TABLE = [
  { prefix: '+1', language: 'en' },
  { prefix: '+44', language: 'en' },
  { prefix: '+1514', language: 'de' },
  { prefix: '+7', language: 'ru' },
] as const

const CASES: [number: string | null, given: string | null | undefined, language: string][] = [
  ['+12025550100', undefined, 'en'],
  ['+442079460000', null, 'en'],
  ['+15145550100', undefined, 'de'],
  ['+74951234567', undefined, 'ru'],
  ['+4930555100', undefined, 'de'],
  ['+380441234567', undefined, 'de'],
  [null, undefined, 'de'],
  ['anonymous', undefined, 'de'],
  ['', undefined, 'de'],
  ['12025550100', undefined, 'de'],
  ['+1abc', undefined, 'de'],
  ['+٤٤2079460000', undefined, 'de'],
  [null, 'ru', 'ru'],
  ['+12025550100', 'de', 'de'],
  ['+4930555100', ' EN-gb ', 'en'],
  ['+4930555100', 'ru_RU', 'ru'],
  ['+12025550100', 'fr', 'en'],
  ['+12025550100', '', 'en'],
  ['+12025550100', 'constructor', 'en'],
]

t.test(
  'the language that was asked for, else that of the longest beginning, else German',
  async (t) => {
    for (const [number, given, language] of CASES) {
      t.equal(languageOf(TABLE, { number, ...(given === undefined ? {} : { given }) }), language)
    }
    t.equal(languageOf([], { number: '+12025550100' }), 'de', 'without a table')
  },
)
