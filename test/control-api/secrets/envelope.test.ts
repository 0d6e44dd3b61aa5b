import t from 'tap'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  keyIdOf,
  openSecret,
  rewrapSecret,
  sealSecret,
} from '../../../control-api/secrets/envelope.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const PLACE = { table: 'webhook_endpoints', id: 'whe_1', field: 'secret' }
const K1 = key('k1')

t.test('a sealed secret opens with its key in its place', (t) => {
  for (const secret of ['', 'whsec_x', 'ключ 🔑', 'x'.repeat(10_000)]) {
    const sealed = sealSecret(secret, PLACE, K1)
    t.same(openSecret(sealed, PLACE, [key('k9'), K1]), { kind: 'opened', secret })
    if (secret !== '') t.notOk(sealed.includes(secret))
    t.equal(keyIdOf(sealed), 'k1')
  }
  t.not(sealSecret('a', PLACE, K1), sealSecret('a', PLACE, K1), 'no two are alike')
  t.end()
})

t.test('it opens in no other row, column or table', (t) => {
  const sealed = sealSecret('whsec_x', PLACE, K1)
  const places = [
    { ...PLACE, id: 'whe_2' },
    { ...PLACE, field: 'former_secret' },
    { ...PLACE, table: 'accounts' },
  ]
  for (const place of places) {
    t.same(openSecret(sealed, place, [K1]), { kind: 'broken' })
    t.same(rewrapSecret(sealed, place, [K1], key('k2')), { kind: 'broken' })
  }
  t.end()
})

t.test('the body of one secret does not open behind the key of another', (t) => {
  const one = sealSecret('one', PLACE, K1).split('.')
  const other = sealSecret('two', PLACE, K1).split('.')
  const mixed = [...one.slice(0, 3), other[3]].join('.')
  t.same(openSecret(mixed, PLACE, [K1]), { kind: 'broken' })
  t.end()
})

t.test('every altered bit, and every shorter text, is noticed', (t) => {
  const sealed = sealSecret('whsec_x', PLACE, K1)
  const [version = '', id = '', ...parts] = sealed.split('.')
  for (const [at, part] of parts.entries()) {
    const bytes = Buffer.from(part, 'base64url')
    for (let index = 0; index < bytes.length; index += 1) {
      const altered = Buffer.from(bytes)
      altered[index] = (altered[index] ?? 0) ^ 1
      const texts = parts.map((other, place) =>
        place === at ? altered.toString('base64url') : other,
      )
      t.same(openSecret([version, id, ...texts].join('.'), PLACE, [K1]), { kind: 'broken' })
    }
  }
  for (let end = 0; end < sealed.length; end += 1)
    if (openSecret(sealed.slice(0, end), PLACE, [K1]).kind === 'opened')
      t.fail(`the first ${end} characters opened`)
  for (const text of [
    '',
    'plain',
    `${sealed}=`,
    `${sealed}.x`,
    `v2${sealed.slice(2)}`,
    ` ${sealed}`,
  ])
    t.same(openSecret(text, PLACE, [K1]), { kind: 'broken' }, text.slice(0, 8))
  t.end()
})

t.test('a tag of four bytes, which Node takes when it is not told how many, opens nothing', (t) => {
  const secret = Buffer.from('whsec_x')
  const dataKey = randomBytes(32)
  const iv = randomBytes(12)
  const shortTagged = (plain: Buffer, by: Buffer, context: string): string => {
    const cipher = createCipheriv('aes-256-gcm', by, iv, { authTagLength: 4 })
    cipher.setAAD(Buffer.from(context))
    const text = Buffer.concat([cipher.update(plain), cipher.final()])
    const tag = cipher.getAuthTag()
    // What makes the test worth its name: Node itself does not mind.
    const lenient = createDecipheriv('aes-256-gcm', by, iv).setAAD(Buffer.from(context))
    try {
      lenient.setAuthTag(tag)
      t.same(Buffer.concat([lenient.update(text), lenient.final()]), plain)
    } catch (error) {
      t.match(error, { code: 'ERR_CRYPTO_INVALID_AUTH_TAG' }, 'a stricter Node')
    }
    return Buffer.concat([iv, text, tag]).toString('base64url')
  }
  const context = 'webhook_endpoints|whe_1|secret'
  const wrapped = shortTagged(dataKey, K1.key, `voicegate.v1.key|k1|${context}`)
  const body = shortTagged(secret, dataKey, `voicegate.v1|${context}`)
  t.same(openSecret(`v1.k1.${wrapped}.${body}`, PLACE, [K1]), { kind: 'broken' })
  t.end()
})

t.test('another key of the same id opens nothing; a missing one is named', (t) => {
  const sealed = sealSecret('whsec_x', PLACE, K1)
  t.same(openSecret(sealed, PLACE, [key('k1')]), { kind: 'broken' })
  t.same(openSecret(sealed, PLACE, [key('k2')]), { kind: 'unknown-key', keyId: 'k1' })
  t.same(openSecret(sealed, PLACE, []), { kind: 'unknown-key', keyId: 'k1' })
  t.end()
})

t.test('re-wrapped, it opens with the new key alone, and its body is the same', (t) => {
  const sealed = sealSecret('whsec_x', PLACE, K1)
  const k2 = key('k2')
  const result = rewrapSecret(sealed, PLACE, [k2, K1], k2)
  if (result.kind !== 'rewrapped') return t.fail(result.kind)
  t.equal(keyIdOf(result.sealed), 'k2')
  t.equal(result.sealed.split('.')[3], sealed.split('.')[3])
  t.same(openSecret(result.sealed, PLACE, [k2]), { kind: 'opened', secret: 'whsec_x' })
  t.same(openSecret(result.sealed, PLACE, [K1]), { kind: 'unknown-key', keyId: 'k2' })
  return t.end()
})
