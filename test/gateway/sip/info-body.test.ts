import t from 'tap'
import { readInfo } from '../../../gateway/sip/info-body.ts'

const RELAY = 'application/dtmf-relay'
const REFUSED = {
  kind: 'refused',
  status: 415,
  headers: { Accept: 'application/dtmf-relay, application/dtmf' },
}
const MALFORMED = { kind: 'refused', status: 400, headers: {} }
const NOTHING = { kind: 'nothing' }

function read(body: string, type: string, disposition = '') {
  const headers = new Map([
    ['Content-Type', type],
    ['Content-Disposition', disposition],
  ])
  return readInfo({
    body,
    get: (name) => headers.get(name) ?? '',
    has: (name) => (headers.get(name) ?? '') !== '',
  })
}

t.test('a key, as gateways and phones write it', async (t) => {
  const rows: [string, string, string][] = [
    ['Signal=5\r\nDuration=160\r\n', RELAY, '5'],
    ['Signal= 5\r\nDuration= 160', RELAY, '5'],
    ['Duration=160\r\nsignal = #\r\n', 'Application/DTMF-Relay; charset=utf-8', '#'],
    ['Signal=*\nDuration=250\n', RELAY, '*'],
    ['Signal=d', RELAY, 'D'],
    ['Signal=10', RELAY, '*'],
    ['Signal=11', RELAY, '#'],
    ['Signal=15', RELAY, 'D'],
    ['7', 'application/dtmf', '7'],
    [' 0\r\n', 'application/dtmf', '0'],
    ['Signal=9\r\nDuration=100\r\n', 'application/dtmf', '9'],
  ]
  for (const [body, type, digit] of rows) t.same(read(body, type), { kind: 'key', digit }, body)
})

t.test('what is no key is not taken for one', async (t) => {
  for (const body of ['Signal=16', '!', 'hf']) t.same(read(body, RELAY), NOTHING, body)
  t.same(read('', ''), NOTHING, 'an INFO without a body asks nothing')
  for (const body of ['Signal=', 'Signal=55', 'Signal=17', 'E', `Signal=5\r\n${'x'.repeat(256)}`])
    t.same(read(body, RELAY), MALFORMED, body)
  t.same(read('<media_control/>', 'application/media_control+xml'), REFUSED)
  t.same(read('Signal=5', ''), REFUSED, 'without a type it may be anything')
  t.same(read('x', 'text/plain', 'info-package;handling=optional'), NOTHING)
})
