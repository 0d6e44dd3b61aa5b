import t from 'tap'
import {
  createOrderNumberRule,
  normaliseOrderNumber,
} from '../../../control-api/ivr/order-number.ts'
import { processorMs } from '../../support/processor-time.ts'

interface Case {
  readonly pattern: string
  readonly longest: number
  readonly are: readonly string[]
  readonly areNot: readonly string[]
}

const NEVER = ['', '٤٧١١', '４７１１', '47a1', ' 4711', '4711\n', '4711#', '-4711', '1e10', '47.11']

const CASES: Case[] = [
  {
    pattern: '[0-9]{4,12}',
    longest: 12,
    are: ['4711', '123456789012'],
    areNot: ['471', '1234567890123'],
  },
  { pattern: '^7\\d{5}$', longest: 6, are: ['712345'], areNot: ['612345', '71234', '7123456'] },
  { pattern: '[1-35]{2}0?9', longest: 4, are: ['5309', '139'], areNot: ['4309', '5319', '53'] },
  { pattern: '\\d{2,4}\\d{2,4}\\d?', longest: 9, are: ['1234', '123456789'], areNot: ['123'] },
  { pattern: '0{0}12{3}', longest: 4, are: ['1222'], areNot: ['01222', '122'] },
  { pattern: '\\d{0,99}', longest: 32, are: ['1'.repeat(32)], areNot: ['1'.repeat(33)] },
]

t.test('a number fits the pattern as a whole, or is none', async (t) => {
  for (const { pattern, longest, are, areNot } of CASES) {
    const rule = createOrderNumberRule(pattern)
    t.equal(rule.maxDigits, longest, pattern)
    for (const digits of are) t.ok(rule.isOrderNumber(digits), `${pattern}: ${digits}`)
    for (const digits of [...areNot, ...NEVER]) {
      t.notOk(rule.isOrderNumber(digits), `${pattern}: ${JSON.stringify(digits)}`)
    }
  }
})

t.test('it agrees with RegExp on every number of up to four digits', async (t) => {
  for (const pattern of ['\\d{1,2}[5-9]{0,2}', '1?2?3?4?', '[13579]{2}0{1,3}', '9{2,3}[89]?']) {
    const rule = createOrderNumberRule(pattern)
    const expected = new RegExp(`^(?:${pattern})$`)
    const wrong: string[] = []
    for (let length = 1; length <= 4; length++) {
      for (let value = 0; value < 10 ** length; value++) {
        const digits = String(value).padStart(length, '0')
        if (rule.isOrderNumber(digits) !== expected.test(digits)) wrong.push(digits)
      }
    }
    t.same(wrong, [], pattern)
  }
})

t.test('no pattern takes long, however it is put together', async (t) => {
  const rule = createOrderNumberRule(`${'\\d{0,32}'.repeat(40)}0`)
  const ms = processorMs(() => {
    for (let round = 0; round < 20; round++) rule.isOrderNumber('1'.repeat(32))
  })
  t.ok(ms < 1000, `${ms} ms`)
})

t.test('what is no pattern of digits is refused', async (t) => {
  const NONE = [
    '',
    '(\\d+)+',
    '\\d+',
    '\\d*',
    '[a-z]{4}',
    '.{4}',
    '\\w',
    '4|5',
    '[9-0]',
    '\\d{5,2}',
    '[]',
    '\\d{4,}',
    '\\d{33}',
    '0{0}',
    '٤{4}',
    '\\d{4} ',
    '^^1',
    '1$$',
    '{4}',
  ]
  for (const pattern of NONE) {
    t.throws(() => createOrderNumberRule(pattern), { code: 'CONFIGURATION_INVALID' }, pattern)
  }
})

t.test('as people write it', async (t) => {
  t.equal(normaliseOrderNumber(' #47 11-22.33/4\t'), '471122334')
  t.equal(normaliseOrderNumber('٤٧'), '٤٧', 'no digit is turned into another')
})
