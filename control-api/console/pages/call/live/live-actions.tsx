// What one can do with a call that goes on: end it, hand it over, record it or not.
import { Badge, Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getSettingsOptions } from '../../../api/generated/@tanstack/react-query.gen.ts'
import {
  postCallRecordingPause,
  postCallRecordingResume,
  postCallRecordingStart,
} from '../../../api/generated/sdk.gen.ts'
import { HangUpButton } from '../../../components/call-actions/hang-up-button.tsx'
import { TransferButton } from '../../../components/call-actions/transfer-button.tsx'
import { useAction } from '../../../components/use-action.ts'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import type { TimelineItem } from '../axis/axis-data.ts'
import type { Call } from '../head/ending.ts'
import { recordingState, transferState } from './live-state.ts'
import { useLiveWords } from './words.ts'

interface LiveActionsProps {
  readonly call: Call
  readonly items: readonly TimelineItem[]
}

export function LiveActions({ call, items }: LiveActionsProps) {
  const say = useLiveWords()
  const common = useCommon()
  const may = useMay('operator')
  const transfer = transferState(items)
  const forbidden = may ? undefined : common('needs_operator')
  const unanswered = call.answered_at === null ? say('not_answered') : undefined
  return (
    <>
      {transfer !== null && (
        <Badge variant="light" role="status" tt="none" h="auto" style={{ whiteSpace: 'normal' }}>
          {say(`told-${transfer.told}`, { detail: transfer.detail })}
        </Badge>
      )}
      <RecordingButton call={call} items={items} unavailable={forbidden ?? unanswered} />
      <TransferButton call={call} />
      <HangUpButton call={call} />
    </>
  )
}

interface RecordingButtonProps extends LiveActionsProps {
  readonly unavailable: string | undefined
}

function RecordingButton({ call, items, unavailable }: RecordingButtonProps) {
  const say = useLiveWords()
  const path = { call_id: call.call_id }
  const state = recordingState(items)
  const { data: settings } = useQuery(getSettingsOptions())
  const start = useAction(() => postCallRecordingStart({ path }))
  const pause = useAction(() => postCallRecordingPause({ path }))
  const resume = useAction(() => postCallRecordingResume({ path }))
  const [words, action] = {
    none: ['record', start] as const,
    recording: ['pause', pause] as const,
    paused: ['resume', resume] as const,
    over: ['record', start] as const,
  }[state]
  const isOff = settings?.record_calls === 'off' ? say('record_off') : undefined
  const isOver = state === 'over' ? say('recording_over') : undefined
  const why = unavailable ?? isOff ?? isOver
  return (
    <>
      {(state === 'recording' || state === 'paused') && (
        <Badge variant="dot" color={state === 'recording' ? 'red' : 'gray'} role="status">
          {say(state)}
        </Badge>
      )}
      <Button
        size="xs"
        variant="default"
        loading={action.isRunning}
        onClick={() => action.run()}
        disabled={why !== undefined}
        title={why}
      >
        {say(words)}
      </Button>
    </>
  )
}
