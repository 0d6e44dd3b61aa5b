// What the generated scenario takes from outside and what it sends there: the hang-up, signatures, odd beginnings.
import t from 'tap'
import { endOf, hangUpSignature, startSession } from './a-session.ts'

t.test('a session with neither a token nor a call says so when it ends', async (t) => {
  const started = await startSession(t, { customData: 'nonsense', pace: 0.05 })
  const { result, finals, last } = await endOf(started)
  t.equal(result.finishReason, 'Timeout')
  t.equal(finals.length, 1)
  t.match(last, { token: null, ended: { outcome: 'failed', by: 'carrier', reason: 'terminated' } })
})

t.test('what is not ASCII is escaped before it is signed', async (t) => {
  const { last, posts } = await endOf(await startSession(t, { customData: '{"t":"jetón-📞"}' }))
  t.equal(last.token, 'jetón-📞')
  t.ok(posts.every(({ isSigned, text }) => isSigned && !/[^\x20-\x7e]/.test(text)))
})

t.test('a forged hang-up changes nothing', async (t) => {
  const started = await startSession(t, { phone: { answer: 'yes', talkMs: 8000 } })
  await started.heard('agent')
  const right = hangUpSignature()
  for (const signature of ['', right.slice(1), `${right}0`, right.replace(/./, 'g')]) {
    started.hangUp(signature)
  }
  for (const content of ['', 'null', '[]', '"hangup"', '{"command":"hangup"}']) {
    started.session.httpRequest({ method: 'POST', path: '/', content, headers: [] })
  }
  const { last } = await endOf(started)
  t.match(last.ended, { by: 'callee' })
})

t.test('a MAC that the platform writes in base64 is understood', async (t) => {
  const started = await startSession(t, {
    phone: { answer: 'yes' },
    faults: { hmacEncoding: 'base64' },
  })
  await started.heard('agent')
  started.hangUp()
  const { last, posts } = await endOf(started)
  t.match(last.ended, { by: 'api' })
  t.ok(posts.every(({ isSigned }) => isSigned))
})
