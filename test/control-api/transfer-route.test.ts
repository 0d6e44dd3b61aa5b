// POST /api/calls/{id}/transfer over real HTTP: what reaches the gateway, and each refusal.
import t from 'tap'
import type { TransferRefusal } from '../../core/contracts/index.ts'
import { newCallId } from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { buildApp } from '../support/build-app.ts'

const HUMAN = '+4930777777'
const ENDED = { result: 'success', reason: 'transferred', by: 'api', sipStatus: null } as const
const json = (body: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})
const read = async (response: Response) => (await response.json()) as Record<string, unknown>
const urlOf = (callId: string): string => `/api/calls/${callId}/transfer`

t.test('the gateway is asked, and the call is shown', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const response = await app.request(urlOf(callId), json({ to: HUMAN }))
  t.equal(response.status, 202)
  t.match(await read(response), { call_id: callId, direction: 'inbound' })
  await app.request(urlOf(callId), json({ to: HUMAN, mode: 'bridge' }))
  t.same(app.control.transfers, [
    { callId, request: { to: HUMAN, mode: 'auto', by: 'api' } },
    { callId, request: { to: HUMAN, mode: 'bridge', by: 'api' } },
  ])
})

t.test('the same key acts once for one call, and does not stand for another', async (t) => {
  const app = await buildApp(t)
  const [first, second] = [await app.control.begin(), await app.control.begin()]
  const key = { 'idempotency-key': 'once' }
  for (let times = 0; times < 2; times += 1)
    t.equal((await app.request(urlOf(first.callId), json({ to: HUMAN }, key))).status, 202)
  t.equal(app.control.transfers.length, 1)
  const other = await app.request(urlOf(second.callId), json({ to: HUMAN }, key))
  t.match(await read(other), { code: 'IDEMPOTENCY_MISMATCH' })
})

t.test('each refusal has its code', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const refusals: [TransferRefusal | AppError, number, string][] = [
    ['not-answered', 409, 'NOT_ANSWERED'],
    ['transferring', 409, 'TRANSFER_UNDER_WAY'],
    [new AppError('NUMBER_NOT_ALLOWED', 'no'), 403, 'NUMBER_NOT_ALLOWED'],
    [new AppError('NO_TRUNK', 'none'), 503, 'NO_TRUNK'],
  ]
  for (const [refusal, status, code] of refusals) {
    app.control.transferRefusal = refusal
    const response = await app.request(urlOf(callId), json({ to: HUMAN }))
    t.match({ http: response.status, ...(await read(response)) }, { http: status, code })
  }
  app.control.transferRefusal = 'not-live'
  app.emit('call.ended', callId, { termination: ENDED })
  await app.recorded(callId, 1)
  t.match(await read(await app.request(urlOf(callId), json({ to: HUMAN }))), { code: 'CALL_ENDED' })
  for (const id of [newCallId(), 'nonsense'])
    t.equal((await app.request(urlOf(id), json({ to: HUMAN }))).status, 404)
})

t.test('a bad body is refused by field, before the gateway hears of it', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const cases: [unknown, string, string][] = [
    [{}, 'REQUEST_INVALID', 'to'],
    [{ to: '030123456' }, 'NUMBER_INVALID', 'to'],
    [{ to: HUMAN, mode: 'attended' }, 'REQUEST_INVALID', 'mode'],
    [{ to: HUMAN, who: 'x' }, 'REQUEST_INVALID', 'who'],
  ]
  for (const [body, code, field] of cases) {
    const response = await app.request(urlOf(callId), json(body))
    t.equal(response.status, 400)
    t.match(await read(response), { code, errors: [{ field }] })
  }
  t.same(app.control.transfers, [])
})
