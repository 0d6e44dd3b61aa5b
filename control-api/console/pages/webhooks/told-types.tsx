// What an endpoint is told of: the kinds by name, few of them written out.
import { Code, Group, Text } from '@mantine/core'
import { EVERYTHING } from './event-types.ts'
import { useWebhooks } from './words.ts'

const WRITTEN_OUT = 3

interface ToldTypesProps {
  readonly types: readonly string[]
  /** However many there are. */
  readonly isWhole?: boolean
}

export function ToldTypes({ types, isWhole = false }: ToldTypesProps) {
  const say = useWebhooks()
  if (types.includes(EVERYTHING)) return <>{say('everything')}</>
  if (!isWhole && types.length > WRITTEN_OUT)
    return (
      <Text inherit title={types.join(', ')}>
        {say('events_count', { count: types.length })}
      </Text>
    )
  return (
    <Group gap={4} justify="inherit">
      {types.map((type) => (
        <Code key={type}>{type}</Code>
      ))}
    </Group>
  )
}
