// The very first look: how orders come about.
import { Code, Stack, Text } from '@mantine/core'
import { Empty } from '../../components/loaded.tsx'
import { useOrders } from './words.ts'

export function NoOrdersYet() {
  const say = useOrders()
  return (
    <Empty title={say('none_yet')}>
      <Stack align="center" gap="sm">
        {say('none_yet_how')}
        <Text size="sm">{say('none_yet_set')}</Text>
        <Stack gap={4} align="center">
          <Code fz="sm">answer_with: order-ivr</Code>
          <Code fz="sm">TWILIO_ANSWER_WITH=order-ivr</Code>
        </Stack>
      </Stack>
    </Empty>
  )
}
