// Signatures against the vendor's vectors and its own library.
import t from 'tap'
import twilio from 'twilio'
import { signatureOf, type FormParams } from '../../../simulators/twilio/index.ts'

const LONG = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const longForm = (caller: string): FormParams => [
  ['CallSid', 'CA1234567890ABCDE'],
  ['Caller', caller],
  ['Digits', '1234'],
  ['From', caller],
  ['To', '+18005551212'],
]
const HASHED =
  'https://h/x?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862'

const VECTORS: readonly [url: string, params: FormParams, signature: string][] = [
  [LONG, longForm('+14158675309'), 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  [LONG, longForm('+14158675310'), 'GvWf1cFY/Q7PnoempGyD5oXAezc='],
  ['https://h/x', [], 'utCI9oBpf5ZWsSxu3sr/8Hwx/jg='],
  ['https://h/x', [['Digits', '']], '66uAkoaroaGmRQycKPQUM9Piqr0='],
  [
    'https://h/x',
    [
      ['a', '1'],
      ['B', '2'],
    ],
    '5rpCjD6xaXEa+HXFDeWrp8REVxk=',
  ],
  ['https://h/x', [['CallerName', 'Müller']], 'Ws0wkvQPgx5S1gPPln01iWix6ys='],
  [
    'https://h/x',
    [
      ['A', 'b'],
      ['A', 'a'],
      ['A', 'a'],
    ],
    '3TteYSQjyytL4V5Q4cX8XkCjpgQ=',
  ],
  ['wss://h/stream', [], '+kGIgS42Q2yWuUkD3ZZ/ewbS8CQ='],
  [HASHED, [], 'Qq/Qg7QGu0OfcuVWjCrhASw4nks='],
]

t.test('the nine vectors', async (t) => {
  for (const [url, params, signature] of VECTORS)
    t.equal(signatureOf('12345', url, params), signature, url)
})

t.test('the vendor’s own library signs any form the same', async (t) => {
  const values = ['', '+49 30', 'ä€😀', 'a=b&c', '1', '#', '\n']
  for (let round = 0; round < 200; round += 1) {
    const form = Array.from({ length: round % 12 }, (_each, index) => {
      const name = `${round % 2 === 0 ? 'p' : 'P'}${(index * 7 + round) % 13}`
      return [name, values[(round + index) % values.length] ?? ''] as const
    })
    const url = `https://voice.example:8443/a?round=${round}&x=%2B`
    const signed = signatureOf('token', url, form)
    const whole: Record<string, string | string[]> = {}
    for (const [name, value] of form)
      whole[name] = name in whole ? [whole[name] ?? '', value].flat() : value
    t.equal(signed, twilio.getExpectedTwilioSignature('token', url, whole), JSON.stringify(form))
  }
})
