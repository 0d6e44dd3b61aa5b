// Where the ladder will be, before there is a call; and the last calls of this tab.
import { Anchor, Card, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { Link } from 'wouter'
import { Moment } from '../../components/moment.tsx'
import { useDialled } from './dialled.ts'
import { useDialWords } from './words.ts'
import styles from './dial.module.css'

interface ShowProps {
  readonly onShow: (callId: string) => void
}

export function NothingDialled({ onShow }: ShowProps) {
  const say = useDialWords()
  return (
    <>
      <Card withBorder padding="xl">
        <Stack align="center" gap="xs" py="xl">
          <Text fw={600}>{say('nothing')}</Text>
          <Text c="dimmed" ta="center" maw={420} size="sm">
            {say('nothing_hint')}
          </Text>
          <Anchor component={Link} href="/live" size="sm">
            {say('to_live')}
          </Anchor>
        </Stack>
      </Card>
      <LastDialled shown={null} onShow={onShow} />
    </>
  )
}

export function LastDialled({ shown, onShow }: ShowProps & { readonly shown: string | null }) {
  const say = useDialWords()
  const others = useDialled().filter(({ callId }) => callId !== shown)
  if (others.length === 0) return null
  return (
    <Card withBorder padding="sm" component="section" aria-labelledby="last-dialled">
      <Title order={2} size="h5" id="last-dialled">
        {say('last')}
      </Title>
      <Text size="xs" c="dimmed" mb={6}>
        {say('last_hint')}
      </Text>
      <ul className={styles['last']}>
        {others.map(({ callId, body, at }) => (
          <li key={callId}>
            <UnstyledButton className={styles['again']} onClick={() => onShow(callId)}>
              <Text span size="sm" fw={600}>
                {body.phone_number}
              </Text>
              <Text span size="sm" c="dimmed">
                <Moment at={at} />
              </Text>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Card>
  )
}
