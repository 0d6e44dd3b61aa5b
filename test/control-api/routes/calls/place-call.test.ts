// Whoever asks for a call is linked to it, and to no call that is not placed.
import t from 'tap'
import { placeCall, placeCallOnce } from '../../../../control-api/routes/calls/place-call.ts'
import { newCallRow } from '../../../../control-api/calls/call-row.ts'
import { epochMs, newCallId, type CallId } from '../../../../core/contracts/index.ts'
import { AppError } from '../../../../core/errors/index.ts'
import type { TraceContext } from '../../../../core/telemetry/index.ts'

type Deps = Parameters<typeof placeCall>[0]
type Placing = Parameters<typeof placeCall>[1]

const asker: TraceContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isTraced: true,
}

function scene({ isKnown = false, isRefused = false } = {}) {
  const links = new Map<CallId, TraceContext>()
  const linked: number[] = []
  const callId = newCallId()
  const row = newCallRow(
    {
      ...{
        callId,
        direction: 'outbound',
        trunk: 'one',
        from: null,
        to: '+4930123456',
        metadata: {},
      },
      createdAt: epochMs(1),
    },
    0,
  )
  const deps = {
    rules: { defaultAgentId: 'agent_1', hasTwilio: false, hasVoximplant: false, hasFlow: false },
    applicationOf: () => Promise.resolve(undefined),
    tracing: {
      askedBy(id: CallId, by: TraceContext | undefined) {
        if (by) links.set(id, by)
        else links.delete(id)
      },
    },
    dialler: {
      find: () => Promise.resolve(isKnown ? row : undefined),
      place() {
        linked.push(links.size)
        if (isRefused) return Promise.reject(new AppError('DIAL_BUDGET_SPENT', 'Spent.'))
        return Promise.resolve(row)
      },
    },
  } as unknown as Deps
  const placing = (number = '+4930123456') =>
    ({ callId, body: { phone_number: number }, by: { keyId: 'key' }, asker }) as Placing
  return { deps, placing, links, linked, callId }
}

t.test('a call that is placed', async (t) => {
  const { deps, placing, links, linked, callId } = scene()
  await placeCall(deps, placing())
  t.same(linked, [1], 'before it begins')
  t.same([...links], [[callId, asker]])
})

t.test('a request that broke off before its call was placed', async (t) => {
  const { deps, placing, links } = scene()
  await placeCallOnce(deps, placing())
  t.equal(links.size, 1)
})

t.test('a call that is there already', async (t) => {
  const { deps, placing, links } = scene({ isKnown: true })
  await placeCallOnce(deps, placing())
  t.equal(links.size, 0)
})

t.test('a request that is refused, by us or by what it may spend', async (t) => {
  const { deps, placing, links, linked } = scene({ isRefused: true })
  await t.rejects(placeCall(deps, placing('nobody')))
  t.same(linked, [])
  await t.rejects(placeCall(deps, placing()), { code: 'DIAL_BUDGET_SPENT' })
  t.same(linked, [1])
  t.equal(links.size, 0)
})
