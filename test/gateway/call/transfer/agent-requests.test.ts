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
