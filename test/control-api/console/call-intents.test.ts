// One wish to call somebody rings once, however often it is sent, and whatever else is asked meanwhile.
import t from 'tap'
import { ApiProblem } from '../../../control-api/console/api/problem.ts'
import { createCallIntents } from '../../../control-api/console/components/call-intents.ts'

const A = { phone_number: '+493012345' }
const B = { phone_number: '+493012345', language: 'de' }

function open() {
  let made = 0
  const intents = createCallIntents(() => `key ${(made += 1)}`)
  /** The key that it was sent with. */
  const send = async (body: typeof A, status = 201): Promise<string> => {
    let sent = ''
    await intents
      .send(body, (key) => {
        sent = key
        return status === 201
          ? Promise.resolve(key)
          : Promise.reject(status === 0 ? new TypeError('gone') : new ApiProblem(status, {}))
      })
      .catch(() => undefined)
    return sent
  }
  return { intents, send }
}

t.test('what was not answered keeps its key, whatever is asked meanwhile', async (t) => {
  const { intents, send } = open()
  t.equal(await send(A, 0), 'key 1')
  t.same(intents.uncertain(), [A])
  t.equal(await send(B, 0), 'key 2', 'another request is another call')
  t.equal(await send(A, 0), 'key 1', 'as it was before: the same call')
  t.same(intents.uncertain(), [B, A], 'each is there once')
  t.equal(await send(A), 'key 1')
  t.same(intents.uncertain(), [B])
  t.equal(await send(A), 'key 3', 'answered: from here on it is a new wish')
})

t.test('what was refused is answered; what may have been done is not', async (t) => {
  for (const status of [400, 403, 422, 429, 503]) {
    const { intents, send } = open()
    await send(A, status)
    t.same([intents.uncertain(), await send(A)], [[], 'key 2'], String(status))
  }
  for (const status of [409, 500, 502, 504]) {
    const { intents, send } = open()
    await send(A, status)
    t.same([intents.uncertain(), await send(A)], [[A], 'key 1'], String(status))
  }
})

t.test('two at once have one key; the slower one says nothing of the next wish', async (t) => {
  const { intents, send } = open()
  let told = 0
  const leave = intents.subscribe(() => (told += 1))
  const slow = Promise.withResolvers<string>()
  const first = intents.send(A, () => slow.promise)
  t.equal(await send(A), 'key 1')
  t.equal(await send(A, 0), 'key 2', 'the next wish')
  slow.reject(new TypeError('gone'))
  await t.rejects(first)
  t.equal(await send(A), 'key 2')
  t.ok(told > 0)
  leave()
})
