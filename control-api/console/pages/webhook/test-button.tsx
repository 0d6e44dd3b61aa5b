// Sends webhook.test, and says what came of it: the delivery tells, live.
import { useState } from 'react'
import { Alert, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { listDeliveriesOptions } from '../../api/generated/@tanstack/react-query.gen.ts'
import { testWebhook } from '../../api/generated/sdk.gen.ts'
import type { GetWebhookResponse } from '../../api/generated/types.gen.ts'
import { useAction } from '../../components/use-action.ts'
import { useCommon } from '../../words/common.ts'
import { refreshWebhooks } from '../webhooks/fresh-webhooks.ts'
import { useShortAnswer } from './delivery-answer.tsx'
import { useWebhook } from './words.ts'

interface Test {
  /** Of the delivery; null: none was sent from here. */
  readonly sent: string | null
  readonly send: () => void
  readonly isRunning: boolean
}

export function useTest({ endpoint_id: id }: { readonly endpoint_id: string }): Test {
  const [sent, setSent] = useState<string | null>(null)
  const action = useAction(async () => (await testWebhook({ path: { endpoint_id: id } })).data, {
    onDone: ({ delivery_id: deliveryId }) => {
      setSent(deliveryId)
      void refreshWebhooks()
    },
  })
  return { sent, send: () => action.run(), isRunning: action.isRunning }
}

interface TestButtonProps {
  readonly test: Test
  readonly unavailable: string | undefined
}

export function TestButton({ test, unavailable }: TestButtonProps) {
  const say = useWebhook()
  return (
    <Button
      size="xs"
      loading={test.isRunning}
      onClick={test.send}
      disabled={unavailable !== undefined}
      title={unavailable}
    >
      {say('test')}
    </Button>
  )
}

const NEWEST = { limit: 25 }

export function TestOutcome({ endpoint, sent }: { endpoint: GetWebhookResponse; sent: string }) {
  const say = useWebhook()
  const common = useCommon()
  const short = useShortAnswer()
  const [isClosed, setClosed] = useState<string | null>(null)
  const { endpoint_id: id } = endpoint
  const { data } = useQuery(listDeliveriesOptions({ path: { endpoint_id: id }, query: NEWEST }))
  const delivery = data?.items.find(({ delivery_id: one }) => one === sent)
  if (isClosed === sent) return null
  const isOver = delivery !== undefined && delivery.state !== 'waiting'
  const isTaken = delivery?.state === 'delivered'
  const answer = delivery ? short(delivery) : ''
  const key = !isOver ? 'test_sent' : isTaken ? 'test_taken' : 'test_failed'
  return (
    <Alert
      role="status"
      color={!isOver ? 'gray' : isTaken ? 'teal' : 'red'}
      withCloseButton
      closeButtonLabel={common('close')}
      onClose={() => setClosed(sent)}
    >
      {say(key, { answer: answer.replace(/\.$/, '') })}
    </Alert>
  )
}
