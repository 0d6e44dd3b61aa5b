// A page that threw: said instead of a white screen. After an update of the server the old page's parts are gone.
import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import type { FallbackProps } from 'react-error-boundary'
import { useShell } from './words.ts'

export function Crash({ error }: FallbackProps) {
  const say = useShell()
  return (
    <Alert color="red" title={say('crashed')} role="alert" m="md">
      <Stack align="flex-start">
        <Text size="sm">{say('crashed_hint')}</Text>
        <Code block>{error instanceof Error ? error.message : String(error)}</Code>
        <Button variant="default" onClick={() => location.reload()}>
          {say('reload')}
        </Button>
      </Stack>
    </Alert>
  )
}
