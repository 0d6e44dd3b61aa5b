// What an erasure takes and what it leaves, before anybody asks for one.
import { List, SimpleGrid, Text, Title } from '@mantine/core'
import { NOT_COVERED } from './not-covered.ts'
import { useErasures } from './words.ts'

const GOES = ['goes_ours', 'goes_planned', 'goes_mentions', 'goes_vendor'] as const
const STAYS = ['stays_row', ...NOT_COVERED] as const

export function WhatGoes() {
  const say = useErasures()
  const list = (title: 'goes' | 'stays', keys: readonly (typeof GOES | typeof STAYS)[number][]) => (
    <div>
      <Title order={3} size="h6" mb={6}>
        {say(title)}
      </Title>
      <List size="sm" spacing={4}>
        {keys.map((key) => (
          <List.Item key={key}>{say(key)}</List.Item>
        ))}
      </List>
    </div>
  )
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        {list('goes', GOES)}
        {list('stays', STAYS)}
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        {say('live_wait')}
      </Text>
    </>
  )
}
