// What a receiver answered, or why it could not: in words, the server's own beside them for who looks closer.
import { Text } from '@mantine/core'
import type { Delivery } from '../webhooks/delivery-state.tsx'
import { isRefusedAddress, troubleIn } from '../webhooks/trouble.ts'
import { useWebhooks } from '../webhooks/words.ts'
import { useWebhook } from './words.ts'

type Answered = Pick<Delivery, 'last_status' | 'last_error'>

export function DeliveryAnswer({ delivery }: { readonly delivery: Answered }) {
  const say = useWebhook()
  const words = useWebhooks()
  const { last_status: status, last_error: error } = delivery
  const trouble = error === null ? undefined : troubleIn(error)
  const short = useShortAnswer()(delivery)
  if (short === '') return null
  return (
    <>
      <Text component="span" size="sm">
        {short}
      </Text>
      {trouble !== undefined && (status !== null || short !== words(trouble)) && (
        <Text size="xs" c="dimmed" title={error ?? undefined}>
          {isRefusedAddress(trouble) && `${say('refused')}: `}
          {words(trouble)}
        </Text>
      )}
    </>
  )
}

/** One line of it. */
export function useShortAnswer(): (delivery: Answered) => string {
  const say = useWebhook()
  const words = useWebhooks()
  return ({ last_status: status, last_error: error }) => {
    if (status !== null) return say('answered', { status })
    if (error === null) return ''
    const trouble = troubleIn(error)
    if (trouble === undefined) return error
    return words(trouble)
  }
}
