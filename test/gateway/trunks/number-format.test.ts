import t from 'tap'
import type { NumberFormat } from '../../../core/contracts/index.ts'
import { isWrittenPlainly, readNumber, writeNumber } from '../../../gateway/trunks/number-format.ts'

const GERMAN = { country: '49', nationalPrefix: '0', internationalPrefix: '00' }
const AMERICAN = { country: '+1', nationalPrefix: '1', internationalPrefix: '011' }
const NORWEGIAN = { country: '47', nationalPrefix: '', internationalPrefix: '00' }

t.test('numbers as a trunk writes them, and read back', async (t) => {
  const rows: [NumberFormat, string, string][] = [
    ['e164', '+4930123456', '+4930123456'],
    ['digits', '+4930123456', '4930123456'],
    [GERMAN, '+4930123456', '030123456'],
    [GERMAN, '+442071234567', '00442071234567'],
    [AMERICAN, '+12125551234', '12125551234'],
    [AMERICAN, '+442071234567', '011442071234567'],
    [NORWEGIAN, '+4722123456', '22123456'],
    [NORWEGIAN, '+4930123456', '004930123456'],
  ]
  for (const [format, number, wire] of rows) {
    t.equal(writeNumber(format, number), wire, wire)
    t.equal(readNumber(format, wire), number, number)
  }
})

t.test('a number of the country that would be dialled as one abroad', async (t) => {
  const rows: [NumberFormat, string, boolean][] = [
    [GERMAN, '+49008816312345678', false],
    [GERMAN, '+4908816312345678', false],
    [GERMAN, '+49019005551234', false],
    [GERMAN, '+4930123456', true],
    [GERMAN, '+442071234567', true],
    [NORWEGIAN, '+4700683999', false],
    [NORWEGIAN, '+4722123456', true],
    [{ country: '7', nationalPrefix: '8', internationalPrefix: '810' }, '+71044900123', false],
    [{ country: '1', nationalPrefix: '', internationalPrefix: '011' }, '+10116831234', false],
    [{ country: '39', nationalPrefix: '', internationalPrefix: '00' }, '+390612345678', true],
    [{ country: '39', nationalPrefix: '', internationalPrefix: '' }, '+390612345678', true],
    ['e164', '+4908816312345678', true],
    ['digits', '+4908816312345678', true],
  ]
  for (const [format, number, isPlain] of rows)
    t.equal(isWrittenPlainly(format, number), isPlain, `${number} ${writeNumber(format, number)}`)
})

t.test('a name is no number, in whatever format', async (t) => {
  for (const format of ['e164', 'digits', GERMAN, NORWEGIAN] as const)
    for (const name of ['alice', 'a.b+c', '101', '+x']) t.equal(writeNumber(format, name), name)
})

t.test('what carriers write all the same', async (t) => {
  const rows: [NumberFormat, string, string | undefined][] = [
    ['e164', '4930123456', '+4930123456'],
    ['e164', '%2B4930123456;phone-context=x', '+4930123456'],
    ['digits', '+4930123456', '+4930123456'],
    [GERMAN, '+4930123456', '+4930123456'],
    [GERMAN, '%2b4930123456', '+4930123456'],
    [GERMAN, '030123456;npdi', '+4930123456'],
    [GERMAN, '4930123456', '+4930123456'],
    [GERMAN, '1012', '1012'],
    [GERMAN, '0', '0'],
    [GERMAN, '00', '00'],
    [GERMAN, 'alice', 'alice'],
    [GERMAN, 'a b', undefined],
    [GERMAN, '', undefined],
    [AMERICAN, '2125551234', '+12125551234'],
    [GERMAN, '30123456', '+4930123456'],
    [NORWEGIAN, '4722123456', '+4722123456'],
    [NORWEGIAN, '1012', '1012'],
  ]
  for (const [format, user, number] of rows)
    t.equal(readNumber(format, user), number, `${JSON.stringify(format)} ${user}`)
})
