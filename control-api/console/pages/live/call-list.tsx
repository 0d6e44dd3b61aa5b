// The calls that go on, each a line to be picked. Hundreds of them: a line is drawn anew only when its call changes.
import { memo, useCallback } from 'react'
import { Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listAgentsOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { CallState } from '../../components/call-state.tsx'
import { providerName } from '../../components/provider-name.ts'
import { Ticking } from '../../components/ticking.tsx'
import { useCommon } from '../../words/common.ts'
import { CostSoFar } from './cost-so-far.tsx'
import { agentState, isAgentOpen, type Call, type LiveCall, type LiveCalls } from './live-calls.ts'
import { useLiveWords } from './words.ts'
import styles from './live.module.css'

interface CallListProps {
  readonly calls: LiveCalls
  readonly selected: string | null
  readonly onSelect: (id: string | null) => void
  readonly pricePerMinute: number | undefined
}

export function CallList({ calls, selected, onSelect, pricePerMinute }: CallListProps) {
  const say = useLiveWords()
  const agentName = useAgentNames()
  return (
    <div className={styles['list']}>
      <div className={styles['heads']} aria-hidden="true">
        <span>{say('state')}</span>
        <span>{say('who')}</span>
        <span>{say('trunk')}</span>
        <span>{say('agent')}</span>
        <span className={styles['number']}>{say('cost')}</span>
        <span className={styles['number']}>{say('since')}</span>
      </div>
      <ul className={styles['rows']} aria-label={say('title')}>
        {calls.map((one) => (
          <Row
            key={one.call.call_id}
            one={one}
            isSelected={one.call.call_id === selected}
            onSelect={onSelect}
            agentName={agentName(one.call.agent.agent_id)}
            pricePerMinute={pricePerMinute}
          />
        ))}
      </ul>
    </div>
  )
}

interface RowProps {
  readonly one: LiveCall
  readonly isSelected: boolean
  readonly onSelect: (id: string | null) => void
  readonly agentName: string
  readonly pricePerMinute: number | undefined
}

const Row = memo(function Row(props: RowProps) {
  const { one, isSelected, onSelect, agentName, pricePerMinute } = props
  const { call, leftAt } = one
  return (
    <li className={styles['item']}>
      <UnstyledButton
        className={styles['row']}
        data-left={leftAt !== null || undefined}
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => onSelect(call.call_id)}
      >
        <span className={styles['state']}>
          <CallState call={call} />
        </span>
        <FromTo call={call} />
        <Text span size="sm" c="dimmed" truncate className={styles['trunk']}>
          {call.provider === 'sip' ? call.trunk : providerName(call.provider)}
        </Text>
        <AgentOf call={call} name={agentName} />
        <Text span size="sm" c="dimmed" className={styles['cost']}>
          {pricePerMinute !== undefined && (
            <CostSoFar call={call} pricePerMinute={pricePerMinute} />
          )}
        </Text>
        <Text span size="sm" className={styles['since']}>
          <Ticking since={call.created_at} until={call.ended_at} />
        </Text>
      </UnstyledButton>
    </li>
  )
})

export function FromTo({ call }: { readonly call: Call }) {
  const say = useLiveWords()
  const common = useCommon()
  return (
    <span className={styles['who']}>
      <Text span size="sm" fw={600}>
        {call.from ?? common('anonymous')}
      </Text>
      <Text span size="sm" c="dimmed" aria-label={say('to')}>
        {' → '}
      </Text>
      <Text span size="sm" fw={600}>
        {call.to}
      </Text>
    </span>
  )
}

/** Whether it is there, in words and by a dot. */
function AgentOf({ call, name }: { readonly call: Call; readonly name: string }) {
  const say = useLiveWords()
  return (
    <Text span size="sm" className={styles['agent']}>
      <span className={styles['dot']} data-open={isAgentOpen(call)} aria-hidden="true" />
      <Text span inherit truncate>
        {name}
      </Text>
      {(call.agent.agent_id || call.status === 'ended') && (
        <Text span inherit c="dimmed">
          {say(call.status === 'ended' ? 'row_over' : agentState(call))}
        </Text>
      )}
    </Text>
  )
}

/** Of those on the first page of the account's agents; of others the id says it. */
export function useAgentNames(): (id: string | null) => string {
  const common = useCommon()
  const { data } = useQuery({ ...listAgentsOptions({ query: { limit: 100 } }), retry: false })
  const none = common('none')
  return useCallback(
    (id) => data?.items.find((agent) => agent.agent_id === id)?.name ?? (id || none),
    [data, none],
  )
}
