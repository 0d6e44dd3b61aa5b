import t from 'tap'
import { headerVariables } from '../../../gateway/call/header-variables.ts'

t.test('headers become variables as ElevenLabs names them', async (t) => {
  t.same(headerVariables({ 'x-foo-bar': '1', 'x-a.b!c': '2', 'x-': '3' }), {
    sip_foo_bar: '1',
    sip_a_b_c: '2',
    sip_: '3',
  })
  t.same(headerVariables({ 'x-foo-bar': 'first', 'x-foo_bar': 'second' }), { sip_foo_bar: 'first' })
})

t.test(
  'no header makes a variable of ours, of the vendor’s, or with a name it would refuse',
  async (t) => {
    const names = ['x-system__caller', 'x-secret__token', 'x-call_id', 'x-__proto__', 'x-ÄÖ']
    const variables = headerVariables(Object.fromEntries(names.map((name) => [name, 'v'])))
    t.equal(Object.keys(variables).length, names.length)
    for (const name of Object.keys(variables)) t.match(name, /^sip_[a-z0-9_]*$/)
  },
)

t.test('User-to-User, as it stands and as what it says', async (t) => {
  for (const [raw, data] of [
    ['68656c6c6f;encoding=hex', 'hello'],
    ['68656C6C6F;purpose=x;encoding="hex"', 'hello'],
    ['plain;purpose=isdn-uui', 'plain'],
    ['"quoted; \\"too\\"";encoding=text', 'quoted; "too"'],
    ['00ff;encoding=hex', '00ff'],
    ['abc;encoding=hex', 'abc'],
    ['', ''],
  ] as const)
    t.same(headerVariables({ 'user-to-user': raw }), { sip_uui_raw: raw, sip_uui_data: data })
})
