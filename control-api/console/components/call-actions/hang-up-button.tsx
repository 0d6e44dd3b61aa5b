// Ends a call, after asking.
import { postCallHangup } from '../../api/generated/sdk.gen.ts'
import type { GetCallResponse } from '../../api/generated/types.gen.ts'
import { useMay } from '../../session/session.tsx'
import { useCommon } from '../../words/common.ts'
import { ConfirmButton } from '../confirm-button.tsx'
import { useCallActions } from './words.ts'

interface HangUpProps {
  readonly call: Pick<GetCallResponse, 'call_id' | 'status' | 'answered_at'>
}

export function HangUpButton({ call: { call_id: callId, status, answered_at: at } }: HangUpProps) {
  const say = useCallActions()
  const common = useCommon()
  const may = useMay('operator')
  const isOver = status === 'ended' ? say('over') : undefined
  return (
    <ConfirmButton
      size="xs"
      variant="filled"
      color="red"
      label={say('hang_up')}
      consequences={say(at === null ? 'hang_up_unanswered' : 'hang_up_consequences')}
      done={say('hung_up')}
      unavailable={may ? isOver : common('needs_operator')}
      act={() => postCallHangup({ path: { call_id: callId } })}
    />
  )
}
