// What is not set up yet, and how to set it up: without a provider nothing is animated, without ffmpeg no video is taken.
import { Alert, Code, Stack, Text } from '@mantine/core'
import { useProviders } from '../queries.ts'
import { useProviderWords } from './words.ts'

export function MissingParts() {
  const say = useProviderWords()
  const { data: known } = useProviders()
  if (known === undefined) return null
  const isNone = known.items.every(({ is_configured: is }) => !is)
  return (
    <>
      {isNone && (
        <Alert color="yellow" title={say('none')}>
          <Stack gap={6}>
            <Text size="sm">{say('none_hint')}</Text>
            <div>
              <Code>DID_API_KEY=…</Code> <Code>HEYGEN_API_KEY=…</Code>
            </div>
            <Text size="sm">{say('none_more')}</Text>
          </Stack>
        </Alert>
      )}
      {!known.video_tools && (
        <Alert color="yellow" title={say('no_tools')}>
          <Stack gap={6}>
            <Text size="sm">{say('no_tools_hint')}</Text>
            <div>
              <Code>apt-get install ffmpeg</Code>
            </div>
          </Stack>
        </Alert>
      )}
    </>
  )
}
