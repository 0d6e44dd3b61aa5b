// How a receiver knows that a message is ours, in three lines.
import { Code, Stack, Text } from '@mantine/core'
import { useWebhooks } from './words.ts'

const LINES = `import { Webhook } from 'standardwebhooks'
const webhook = new Webhook(process.env.WEBHOOK_SECRET)
const event = webhook.verify(rawBody, request.headers) // throws when it is not ours`

export function VerifyHint() {
  const say = useWebhooks()
  return (
    <Stack gap="xs">
      <Text size="sm">{say('verify')}</Text>
      <Code block tabIndex={0}>
        {LINES}
      </Code>
      <Text size="sm" c="dimmed">
        {say('verify_more')}
      </Text>
    </Stack>
  )
}
