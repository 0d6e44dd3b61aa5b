// What is wrong with a request, in as few words as a reader needs.
import t from 'tap'
import { buildApp, json } from '../support/build-app.ts'

t.test('a field that nobody knows is told once, by its name', async (t) => {
  const app = await buildApp(t)
  const body = { phone_number: '+4930231250000', colour: 'red' }
  const response = await app.request('/api/calls', json(body))
  const problem = (await response.json()) as { detail: string; errors: unknown[] }
  t.equal(problem.detail, 'The body is not valid: colour is not known here.')
  t.same(problem.errors, [{ field: 'colour', message: 'is not known here' }])
})
