import t from 'tap'
import { createAgentDirectory } from '../../control-api/directory.ts'
import { epochMs, newCallId, type CallIdentity, type E164 } from '../../core/contracts/index.ts'
import { buildApp } from '../support/build-app.ts'

const OURS = '+4930555100' as E164
const CLOSED = '+4930555101' as E164

const call: CallIdentity = {
  callId: newCallId(),
  direction: 'inbound',
  from: null,
  to: '+4930555100',
  trunk: 'rehearsal',
  createdAt: epochMs(1),
  metadata: {},
}

t.test('the default agent answers every number, told what AGENT_VARIABLES names', async (t) => {
  const assigned: unknown[] = []
  const config = { defaultAgentId: 'agent_1', agentVariables: ['caller_number', 'direction'] }
  const directory = createAgentDirectory(config, (...what) => assigned.push(what))
  t.same(await directory.resolveInbound(call), {
    kind: 'agent',
    agent: {
      agentId: 'agent_1',
      dynamicVariables: { caller_number: 'anonymous', direction: 'inbound' },
    },
  })
  t.same(assigned, [[call.callId, { agentId: 'agent_1' }]])
  const given = { caller_number: 'mine', extra: 1 }
  t.same(directory.variablesFor(call, given), {
    caller_number: 'mine',
    direction: 'inbound',
    extra: 1,
  })
})

t.test('without an agent nobody answers: 480', async (t) => {
  const directory = createAgentDirectory(
    { defaultAgentId: undefined, agentVariables: [] },
    () => undefined,
  )
  t.same(await directory.resolveInbound(call), { kind: 'refused', sipStatus: 480 })
})

t.test('a number with a route goes there; the routes can be replaced', async (t) => {
  const assigned: unknown[] = []
  const directory = createAgentDirectory(
    {
      defaultAgentId: 'agent_1',
      agentVariables: [],
      numbers: [
        { number: OURS, to: { kind: 'agent', agentId: 'agent_2' } },
        { number: CLOSED, to: { kind: 'reject', sipStatus: 603 } },
      ],
    },
    (_callId, { agentId }) => assigned.push(agentId),
  )
  t.match(await directory.resolveInbound(call), { kind: 'agent', agent: { agentId: 'agent_2' } })
  t.same(await directory.resolveInbound({ ...call, to: CLOSED }), {
    kind: 'refused',
    sipStatus: 603,
  })
  t.match(await directory.resolveInbound({ ...call, to: 'reception' }), {
    agent: { agentId: 'agent_1' },
  })
  directory.replaceNumbers([{ number: CLOSED, to: { kind: 'agent', agentId: 'agent_3' } }])
  t.match(await directory.resolveInbound(call), { agent: { agentId: 'agent_1' } })
  t.match(await directory.resolveInbound({ ...call, to: CLOSED }), {
    agent: { agentId: 'agent_3' },
  })
  t.same(assigned, ['agent_2', 'agent_1', 'agent_1', 'agent_3'], 'who was refused has none')
})

t.test('what the caller tells stands below what we tell', async (t) => {
  const directory = createAgentDirectory(
    { defaultAgentId: 'agent_1', agentVariables: ['direction'] },
    () => undefined,
  )
  const variables = { sip_customer: '17', direction: 'their own' }
  t.match(await directory.resolveInbound(call, { variables }), {
    agent: { dynamicVariables: { sip_customer: '17', direction: 'inbound' } },
  })
})

t.test('the record of an inbound call names its agent', async (t) => {
  const app = await buildApp(t)
  for (const first of ['resolve', 'open']) {
    const { callId } = { callId: newCallId() }
    if (first === 'resolve') await app.api.directory.resolveInbound({ ...call, callId })
    await app.control.begin({ ...call, callId })
    if (first === 'open') await app.api.directory.resolveInbound({ ...call, callId })
    await app.control.begin()
    const record: unknown = await (await app.request(`/api/calls/${callId}`)).json()
    t.match(record, { agent: { agent_id: 'agent_default' }, from: null }, first)
  }
})

t.test(
  'the menu answers, with the agent after it that is named, the default one, or none',
  async (t) => {
    const directoryOf = (agentId: { agentId?: string | null }, defaultAgentId?: string) => {
      const assigned: unknown[] = []
      const config = {
        defaultAgentId,
        agentVariables: ['direction'],
        numbers: [{ number: OURS, to: { kind: 'flow' as const, ...agentId } }],
      }
      const directory = createAgentDirectory(config, (_callId, agent) =>
        assigned.push(agent.agentId),
      )
      return { directory, assigned }
    }
    const named = directoryOf({ agentId: 'agent_2' }, 'agent_1')
    t.same(await named.directory.resolveInbound(call, { variables: { sip_x: 'y' } }), {
      kind: 'flow',
      agent: { agentId: 'agent_2', dynamicVariables: { sip_x: 'y', direction: 'inbound' } },
    })
    t.same(named.assigned, ['agent_2'])
    const byDefault = directoryOf({}, 'agent_1')
    t.match(await byDefault.directory.resolveInbound(call), { agent: { agentId: 'agent_1' } })
    t.equal(byDefault.directory.needsAgent?.(OURS), true)
    const alone = directoryOf({ agentId: null }, 'agent_1')
    t.same(await alone.directory.resolveInbound(call), { kind: 'flow', agent: null })
    t.same(alone.assigned, [], 'no agent stands in the record')
    t.equal(alone.directory.needsAgent?.(OURS), false)
    t.equal(alone.directory.needsAgent?.(CLOSED), true)
    t.same(await directoryOf({}).directory.resolveInbound(call), { kind: 'flow', agent: null })
  },
)
