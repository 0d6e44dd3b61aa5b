// The very first look: how the list gets its first call.
import { Button, Code, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { getHowToOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { Empty } from '../../components/loaded.tsx'
import { useCalls } from './words.ts'

export function NoCallsYet() {
  const say = useCalls()
  const { data: howTo } = useQuery(getHowToOptions())
  return (
    <Empty title={say('none_yet')}>
      <Stack align="center" gap="sm">
        {say('none_yet_place')}
        <Button component={Link} href="/dial" size="xs">
          {say('dial')}
        </Button>
        {howTo !== undefined && howTo.sip_uri !== '' && (
          <>
            <Text size="sm">{say('none_yet_call')}</Text>
            <Code fz="sm">{howTo.sip_uri}</Code>
          </>
        )}
      </Stack>
    </Empty>
  )
}
