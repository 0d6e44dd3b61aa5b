// What people who looked into the call say of it.
import { useState, type SyntheticEvent } from 'react'
import { Button, Card, NativeSelect, Stack, Text, Textarea, Title } from '@mantine/core'
import { reviewCall } from '../../../api/generated/sdk.gen.ts'
import { refresh } from '../../../api/queries.ts'
import { Moment } from '../../../components/moment.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import type { TimelineItem } from '../axis/axis-data.ts'
import type { Call } from '../head/ending.ts'
import { asReviewStatus, REVIEW_STATUSES, reviewsOf, type Review } from './reviews.ts'
import { useReviewWords } from './words.ts'

const NOTE_LENGTH = 2000

interface ReviewCardProps {
  readonly call: Call
  readonly items: readonly TimelineItem[]
}

export function ReviewCard({ call, items }: ReviewCardProps) {
  const say = useReviewWords()
  return (
    <Card withBorder component="section" aria-labelledby="review-title">
      <Stack gap="sm">
        <Title order={2} size="h5" id="review-title">
          {say('title')}
        </Title>
        <ReviewForm call={call} />
        <History reviews={reviewsOf(items)} isReviewed={call.review_status !== null} />
      </Stack>
    </Card>
  )
}

function ReviewForm({ call }: { readonly call: Call }) {
  const say = useReviewWords()
  const common = useCommon()
  const may = useMay('operator')
  // Until somebody chooses here, it is what the call says, also when somebody else sets it meanwhile.
  const [chosen, setChosen] = useState<string | null>(null)
  const [note, setNote] = useState('')
  const status = chosen ?? call.review_status ?? ''
  const saving = useAction(
    () =>
      reviewCall({
        path: { call_id: call.call_id },
        body: { status: asReviewStatus(status), note: note.trim() === '' ? null : note.trim() },
      }),
    {
      done: say('saved'),
      onDone: () => {
        setChosen(null)
        setNote('')
        void refresh('getCall', 'getCallTimeline')
      },
    },
  )
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    saving.run()
  }
  const isSame = status === (call.review_status ?? '') && note.trim() === ''
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <NativeSelect
          label={say('status')}
          value={status}
          onChange={(event) => setChosen(event.currentTarget.value)}
          disabled={!may}
          data={[
            { value: '', label: say('unset') },
            ...REVIEW_STATUSES.map((value) => ({ value, label: common(value) })),
          ]}
        />
        <Textarea
          label={say('note')}
          description={say('note_hint')}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          disabled={!may}
          maxLength={NOTE_LENGTH}
          autosize
          minRows={2}
          maxRows={8}
        />
        <Button type="submit" loading={saving.isRunning} disabled={!may || isSame}>
          {say('save')}
        </Button>
        {!may && (
          <Text size="xs" c="dimmed">
            {common('needs_operator')}
          </Text>
        )}
      </Stack>
    </form>
  )
}

interface HistoryProps {
  readonly reviews: readonly Review[]
  readonly isReviewed: boolean
}

/** Of a call whose events are kept no more, the status alone is left. */
function History({ reviews, isReviewed }: HistoryProps) {
  const say = useReviewWords()
  const common = useCommon()
  if (reviews.length === 0 && isReviewed) return null
  if (reviews.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {say('nobody')}
      </Text>
    )
  return (
    <>
      <Title order={3} size="h6">
        {say('history')}
      </Title>
      <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
        {reviews.map(({ at, status, note }) => (
          <li key={at}>
            <Text size="sm">
              <Moment at={at} />:{' '}
              {status === null ? say('taken_back') : say('set', { status: common(status) })}
            </Text>
            {note !== null && (
              <Text
                size="sm"
                c="dimmed"
                style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}
              >
                {note}
              </Text>
            )}
          </li>
        ))}
      </Stack>
    </>
  )
}
