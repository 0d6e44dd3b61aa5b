// An agent may hand its caller to our own numbers only, and is told in words without digits.
import t, { type Test } from 'tap'
import type { E164 } from '../../../../core/contracts/index.ts'
import { serveAgentRequests } from '../../../../gateway/call/transfer/agent-requests.ts'
import { answeredCall, HUMAN, later } from './transfer-stage.ts'

const OTHER = '+4930888888' as E164
const ABROAD = '+74951234567' as E164

async function requested(t: Test, to: string | null, numbers: readonly E164[]) {
  const call = await answeredCall(t)
  const stop = serveAgentRequests(call.desk, numbers)
  const ask = async (toolCallId: string) => {
    call.media.tell({ type: 'agent.transfer_requested', data: { toolCallId, to } })
    await later()
  }
  await ask('tool-1')
  return { ...call, ask, stop }
}

t.test('the first number is the default, another of ours may be named', async (t) => {
  const byDefault = await requested(t, null, [HUMAN, OTHER])
  t.same(byDefault.media.answers, [
    { toolCallId: 'tool-1', result: 'The call is being transferred.', isError: false },
  ])
  t.match(byDefault.dataOf('transfer.requested'), { to: HUMAN, by: 'agent', mode: 'auto' })
  const types = byDefault.types()
  t.ok(types.indexOf('agent.transfer_requested') < types.indexOf('transfer.requested'))
  await byDefault.ask('tool-2')
  t.match(byDefault.media.answers[1], { toolCallId: 'tool-2', isError: true })
  const named = await requested(t, OTHER, [HUMAN, OTHER])
  t.match(named.dataOf('transfer.requested'), { to: OTHER })
})

t.test('no other number, none at all, and none outside the allowed prefixes', async (t) => {
  for (const [to, numbers] of [
    [OTHER, [HUMAN]],
    ['sales', [HUMAN]],
    [null, []],
    [HUMAN, []],
    [ABROAD, [ABROAD]],
  ] as const) {
    const { media, sip, story } = await requested(t, to, numbers)
    const [answer] = media.answers
    t.match(answer, { toolCallId: 'tool-1', isError: true })
    t.notMatch(answer?.result, /\d/)
    t.same(story(), [])
    t.same(sip.sent, ['INVITE'])
  }
})

t.test('nobody is served after the end', async (t) => {
  const { stop, ask, media } = await requested(t, OTHER, [HUMAN])
  stop()
  await ask('tool-2')
  t.equal(media.answers.length, 1)
})

t.test('however often it asks, a human’s phone rings five times', async (t) => {
  const { ask, media, sip, story } = await requested(t, null, [HUMAN])
  const secondLegs = () => sip.invites.filter(({ options }) => options.leg === 'second')
  for (let n = 2; n <= 8; n += 1) {
    // Busy, and the next one is asked for at once.
    secondLegs().at(-1)?.listener.onFailed({ status: 486, local: false, lost: false })
    await later()
    await ask(`tool-${n}`)
  }
  t.equal(secondLegs().length, 5)
  t.equal(story().filter((type) => type === 'transfer.requested').length, 5)
  const refused = media.answers.filter(({ isError }) => isError)
  t.same(
    refused.map(({ toolCallId }) => toolCallId),
    ['tool-6', 'tool-7', 'tool-8'],
  )
  t.match(refused[0]?.result, /not tried again/)
})
