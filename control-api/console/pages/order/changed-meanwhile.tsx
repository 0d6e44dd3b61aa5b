// Somebody else changed the order while one was changing it: what they changed, and the two ways on.
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { OrderStatusBadge } from '../orders/order-status.tsx'
import { useOrders } from '../orders/words.ts'
import type { newerValues } from './order-draft.ts'
import classes from './order.module.css'
import { useOrder } from './words.ts'

interface ChangedMeanwhileProps {
  readonly newer: NonNullable<ReturnType<typeof newerValues>>
  readonly take: () => void
  readonly keep: () => void
}

export function ChangedMeanwhile({ newer, take, keep }: ChangedMeanwhileProps) {
  const say = useOrder()
  const list = useOrders()
  const { status, notes } = newer
  return (
    <Alert color="yellow" title={say('meanwhile')} role="alert">
      <Stack gap="xs" align="flex-start">
        {status !== undefined && (
          <Text size="sm" component="div">
            {list('status')}: <OrderStatusBadge status={status} />
          </Text>
        )}
        {notes !== undefined && (
          <Text size="sm" className={classes['notes']}>
            {list('notes')}: {notes ?? say('no_notes')}
          </Text>
        )}
        <Text size="sm">{say('meanwhile_what')}</Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={keep}>
            {say('keep_mine')}
          </Button>
          <Button size="xs" variant="default" onClick={take}>
            {say('take_theirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  )
}
