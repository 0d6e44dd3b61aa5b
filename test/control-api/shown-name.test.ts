import t from 'tap'
import { shownName, shownPath } from '../../control-api/plugins/shown-name.ts'

t.test('names that could be a number or a key are not repeated', async (t) => {
  for (const name of ['phone_number', 'dynamic_variables', 'Idempotency-Key', 'v1', 'field_123'])
    t.equal(shownName(name), name)
  const hidden = ['+4930999888', '4930999888', 'tel_4930999888', 'two words', 'ä', '', '1a', '<b>']
  for (const name of [...hidden, 'k'.repeat(32)]) t.equal(shownName(name), '-')
})

t.test('of a path what is ours is shown', async (t) => {
  const id = `call_${'0123456789abcdef'.repeat(2)}`
  t.equal(shownPath(`/api/calls/${id}/timeline`), `/api/calls/${id}/timeline`)
  t.equal(shownPath('/openapi.json'), '/openapi.json')
  t.equal(shownPath('/'), '/')
  t.equal(shownPath('/api/calls/+4930999888/hangup'), '/api/calls/-/hangup')
  t.equal(shownPath('/api/calls/%2B4930999888'), '/api/calls/-')
})
