// The token of a call, and the signature of a scenario.
import { createHmac } from 'node:crypto'
import t from 'tap'
import {
  callIdOfCustomData,
  callIdOfGoodToken,
  callIdOfToken,
  customDataOf,
  tokenOf,
} from '../../../../control-api/voximplant/calls/call-token.ts'
import {
  requireSigned,
  type SignedRequest,
} from '../../../../control-api/voximplant/calls/scenario-guard.ts'
import type { KnownApplication } from '../../../../control-api/voximplant/calls/known-applications.ts'
import { epochMs, newCallId } from '../../../../core/contracts/index.ts'

const KEY = 'a'.repeat(64)

t.test('a token names its call, and is good for one key alone', (t) => {
  const callId = newCallId()
  const token = tokenOf(KEY, callId)
  t.equal(callIdOfGoodToken(KEY, token), callId)
  t.equal(tokenOf(KEY, callId), token, 'it follows from the call')
  t.equal(callIdOfToken(token), callId)
  t.equal(callIdOfGoodToken('b'.repeat(64), token), undefined)
  t.equal(callIdOfGoodToken(KEY, token.replace(callId, newCallId())), undefined)
  t.equal(callIdOfGoodToken(KEY, `${token}x`), undefined)
  for (const text of ['', '.', callId, `${callId}.`, 'x'.repeat(200)])
    t.equal(callIdOfGoodToken(KEY, text), undefined, text)
  t.end()
})

t.test('custom data has room for the conversation, too', (t) => {
  const callId = newCallId()
  const alone = customDataOf(tokenOf(KEY, callId))
  t.same(callIdOfCustomData(alone), { callId, conversationId: null })
  const c = 'conv_01k5xyz9abcdefghjkmnpqrstvw'
  const both = JSON.stringify({ ...(JSON.parse(alone) as object), c })
  t.ok(Buffer.byteLength(both) <= 200, `${Buffer.byteLength(both)} bytes`)
  t.same(callIdOfCustomData(both), { callId, conversationId: c })
  for (const text of [null, '', '{', '{"t":5}', '{"t":"call_x.y"}', 'x'.repeat(500)])
    t.equal(callIdOfCustomData(text).callId, undefined, String(text))
  t.end()
})

const NOW = 1_790_000_000_000
const ID = `vap_${'0'.repeat(24)}`
const guard = {
  clock: { now: () => epochMs(NOW) },
  applications: {
    find: (id: string) =>
      Promise.resolve(id === ID ? ({ signingKey: KEY } as KnownApplication) : undefined),
  },
}

function signed(change: Partial<SignedRequest> & { at?: number; key?: string; as?: string } = {}) {
  const { at = NOW / 1000, key = KEY, as = 'hex', ...fields } = change
  const body = Buffer.from('{"a":1}')
  const mac = createHmac('sha256', key).update(`${at}.{"a":1}`)
  const signature = `v1=${mac.digest(as as 'hex')}`
  return requireSigned(guard, {
    ...{ applicationId: ID, timestamp: String(at), signature, body },
    ...fields,
  })
}

t.test('a scenario is believed by its signature', async (t) => {
  t.match(await signed(), { signingKey: KEY })
  t.ok(await signed({ as: 'base64' }))
  t.ok(await signed({ at: NOW / 1000 - 299 }))
  t.ok(await signed({ at: NOW / 1000 + 59 }))
  const refused = { code: 'SIGNATURE_INVALID' }
  await t.rejects(signed({ at: NOW / 1000 - 301 }), refused, 'too old')
  await t.rejects(signed({ at: NOW / 1000 + 61 }), refused, 'in the future')
  await t.rejects(signed({ key: 'b'.repeat(64) }), refused, 'another key')
  await t.rejects(signed({ body: Buffer.from('{"a":2}') }), refused, 'another body')
  await t.rejects(signed({ timestamp: String(NOW / 1000 + 1) }), refused, 'another time')
  for (const signature of [undefined, '', 'v1=', 'v1=zz', 'x'.repeat(500), ['v1=a', 'v1=b'], 5])
    await t.rejects(signed({ signature }), refused, String(signature))
  for (const timestamp of [undefined, '', '-1', '1e9', 'soon'])
    await t.rejects(signed({ timestamp }), refused, String(timestamp))
  await t.rejects(signed({ applicationId: `vap_${'1'.repeat(24)}` }), { code: 'NOT_FOUND' })
})
