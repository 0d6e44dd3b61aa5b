// From which level on the log is written: more for an hour, and back by itself.
import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getLogLevelOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import { changeLogLevel } from '../../../api/generated/sdk.gen.ts'
import type { ChangeLogLevelData, GetLogLevelResponse } from '../../../api/generated/types.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { Loaded } from '../../../components/loaded.tsx'
import { NeedsRole } from '../../../components/needs-role.tsx'
import { useAction } from '../../../components/use-action.ts'
import { moment } from '../../../words/amounts.ts'
import { Section } from '../section.tsx'
import { useNode } from './words.ts'

type Level = GetLogLevelResponse['level']
type Wish = ChangeLogLevelData['body']['level']
const LEVELS = ['debug', 'info', 'warn'] as const satisfies readonly Wish[]

export function Log() {
  const say = useNode()
  return (
    <Section title={say('log')} about={say('log_about')}>
      <NeedsRole role="admin" about={say('log_role')}>
        <LogLevel />
      </NeedsRole>
    </Section>
  )
}

function LogLevel() {
  const query = useQuery({ ...getLogLevelOptions(), refetchOnMount: 'always' })
  return <Loaded query={query}>{(state) => <Choice state={state} />}</Loaded>
}

function Choice({ state: { level, configured, until } }: { readonly state: GetLogLevelResponse }) {
  const say = useNode()
  const action = useAction((wanted: Wish) => changeLogLevel({ body: { level: wanted } }), {
    onDone: () => void refresh('getLogLevel'),
  })
  const levels = [...new Set<Level>([...LEVELS, configured, level])]
  return (
    <NativeSelect
      size="xs"
      maw={320}
      label={say('log_level')}
      description={
        until === null
          ? say('log_by_setting')
          : say('log_until', { at: moment(until), level: configured })
      }
      value={level}
      disabled={action.isRunning}
      onChange={(event) => {
        const { value } = event.currentTarget
        const wanted = LEVELS.find((one) => one === value)
        if (wanted !== undefined) action.run(wanted)
        else if (value === configured) action.run(null)
      }}
      data={levels}
    />
  )
}
