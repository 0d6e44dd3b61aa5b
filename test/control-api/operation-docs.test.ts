// What the OpenAPI document says of an operation beside its own schema.
import t from 'tap'
import { describeOperation } from '../../control-api/plugins/operation-docs.ts'

const answersOf = (response: object, method = 'POST') =>
  Object.keys(
    describeOperation({ response }, { method, url: '/api/things', access: 'admin' })
      .response as object,
  )

t.test('an operation that says how it succeeds is not said to succeed otherwise', async (t) => {
  for (const code of ['101', '201', '202', '204', '2xx', '303'])
    t.notOk(answersOf({ [code]: {} }).includes('200'), code)
  t.ok(answersOf({ 404: {} }).includes('200'), 'one that does not succeeds with 200')
})
