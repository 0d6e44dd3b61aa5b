import t from 'tap'
import { decodeRange } from '../../control-api/routes/calls/byte-range.ts'

const part = (first: number, last: number) => ({ kind: 'part', range: { first, last } })
const whole = { kind: 'whole' }
const unsatisfiable = { kind: 'unsatisfiable' }

t.test('one range of a file of 1000 bytes', async (t) => {
  const cases: [string | undefined, object][] = [
    [undefined, whole],
    ['bytes=0-499', part(0, 499)],
    ['bytes=500-', part(500, 999)],
    ['bytes=999-999', part(999, 999)],
    ['bytes=0-0', part(0, 0)],
    ['bytes=0-5000', part(0, 999)],
    ['bytes=-1', part(999, 999)],
    ['bytes=-500', part(500, 999)],
    ['bytes=-5000', part(0, 999)],
    ['BYTES = 0-1', part(0, 1)],
    ['bytes=1000-', unsatisfiable],
    ['bytes=1000-2000', unsatisfiable],
    ['bytes=-0', unsatisfiable],
    ['bytes=5-4', whole],
    ['bytes=-', whole],
    ['bytes=', whole],
    ['bytes=a-b', whole],
    ['bytes=0-1,5-6', whole],
    ['items=0-1', whole],
    ['bytes=0x0-1', whole],
    ['bytes=1e2-', whole],
    ['bytes=99999999999999999999-', whole],
    ['bytes=--5', whole],
    ['', whole],
  ]
  for (const [header, expected] of cases)
    t.same(decodeRange(header, 1000), expected, String(header))
})

t.test('a file of nothing has no range', async (t) => {
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1'])
    t.same(decodeRange(header, 0), unsatisfiable, header)
  t.same(decodeRange(undefined, 0), whole)
})
