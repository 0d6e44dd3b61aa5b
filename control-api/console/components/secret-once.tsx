// A secret that the server tells only once: shown until closed, with a button to copy it.
import { Alert, Button, Code, CopyButton, Group, Stack } from '@mantine/core'
import { useCommon } from '../words/common.ts'

export function SecretOnce({
  secret,
  onClose,
}: {
  readonly secret: string
  readonly onClose?: () => void
}) {
  const say = useCommon()
  return (
    <Alert color="yellow" title={say('shown_once')}>
      <Stack gap="sm">
        <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
          {secret}
        </Code>
        <Group gap="xs">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy}>
                {copied ? say('copied') : say('copy')}
              </Button>
            )}
          </CopyButton>
          {onClose && (
            <Button size="xs" variant="default" onClick={onClose}>
              {say('close')}
            </Button>
          )}
        </Group>
      </Stack>
    </Alert>
  )
}
