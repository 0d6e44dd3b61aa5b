// Webhooks of the simulated D-ID: unsigned, once, and wrong on purpose.
import t from 'tap'
import { openMailbox } from '../animation-studio/mailbox.ts'
import { openDId } from './did-client.ts'

t.test(
  'the end of a talk is told at its own address, unsigned, with the talk as the body',
  async (t) => {
    const { url, letters } = await openMailbox(t)
    const { did, talk } = await openDId(t)
    const webhook = `${url}/webhooks/d-id/a-token`
    const id = await talk('Hello', { webhook, user_data: 'a-1' })
    const failed = await talk('Hello [fault:rejected]', { webhook })
    t.match(
      letters.map(({ method, path }) => `${method} ${path}`),
      ['POST /webhooks/d-id/a-token', 'POST /webhooks/d-id/a-token'],
    )
    t.match(JSON.parse(letters[0]!.body), {
      id,
      status: 'done',
      user_data: 'a-1',
      result_url: String,
    })
    t.match(JSON.parse(letters[1]!.body), { id: failed, status: 'rejected' })
    t.notOk(Object.keys(letters[0]!.headers).some((name) => name.includes('signature')))
    t.match(did.webhooks, [{ jobId: id, status: 200, attempt: 1 }, { jobId: failed }])
  },
)

t.test('before the answer, twice, never, late, forged', async (t) => {
  const { url, letters } = await openMailbox(t)
  const { submit, talk } = await openDId(t)
  const webhook = `${url}/webhooks/d-id/a-token-of-32-characters-or-more`
  const told = (): number => letters.length
  await submit('Hello [fault:webhook-first]', { webhook })
  t.equal(told(), 1, 'it was there before the answer')
  await talk('Hello [fault:webhook-twice]', { webhook })
  t.equal(told(), 3)
  await talk('Hello [fault:webhook-never]', { webhook })
  t.equal(told(), 3)
  await talk('Hello [fault:webhook-late:30]', { webhook })
  t.equal(told(), 4)
  await talk('Hello [fault:webhook-forged]', { webhook })
  t.equal(told(), 5)
  t.not(letters[4]!.path, '/webhooks/d-id/a-token-of-32-characters-or-more')
})

t.test('it is not repeated, unless told; a webhook goes where it is found in truth', async (t) => {
  const { url, letters, answerWith } = await openMailbox(t)
  const reach = (asked: string) => asked.replace('https://voicegate.example', url)
  const once = await openDId(t, { reach })
  const webhook = 'https://voicegate.example/webhooks/d-id/a-token'
  answerWith(500)
  await once.talk('Hello', { webhook })
  t.match(once.did.webhooks, [{ url: webhook, status: 500 }])
  t.equal(letters.length, 1)
  const again = await openDId(t, { reach, webhookRetryMs: [1, 1] })
  answerWith(500, 503)
  await again.talk('Hello', { webhook })
  t.same(
    again.did.webhooks.map(({ attempt, status }) => [attempt, status]),
    [
      [1, 500],
      [2, 503],
      [3, 200],
    ],
  )
})

t.test('of a long answer the beginning is kept', async (t) => {
  const { url } = await openMailbox(t)
  const { did, talk } = await openDId(t)
  await talk('Hello', { webhook: `${url}/long` })
  t.match(did.webhooks, [{ status: 200, answer: 'x'.repeat(2000) }])
  t.equal(did.webhooks[0]?.answer.length, 2000)
})

t.test('closing ends what is under way', async (t) => {
  const { did, submit } = await openDId(t, { renderMs: 600_000, webhookRetryMs: [600_000] })
  await submit('Hello', { webhook: 'http://127.0.0.1:1/nobody' })
  await did.close()
  const other = await openDId(t, { webhookRetryMs: [600_000] })
  await other.submit('Hello', { webhook: 'http://127.0.0.1:1/nobody' })
  await other.did.close()
  t.pass('neither waits for ten minutes')
})
