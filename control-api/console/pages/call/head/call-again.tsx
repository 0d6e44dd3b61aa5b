// The useful thing after a call that nobody answered: ring the same person again.
import { useRef } from 'react'
import { useLocation } from 'wouter'
import { idempotencyKey } from '../../../api/client.ts'
import { startCall } from '../../../api/generated/sdk.gen.ts'
import type { StartCallData } from '../../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { useMay } from '../../../session/session.tsx'
import { useCommon } from '../../../words/common.ts'
import type { Call, Redial } from './ending.ts'
import { useEndingWords } from './ending-words.ts'

interface CallAgainProps {
  readonly call: Call
  readonly redial: Redial
}

export function CallAgain({ call, redial }: CallAgainProps) {
  const say = useEndingWords()
  const common = useCommon()
  const may = useMay('operator')
  const [, navigate] = useLocation()
  // Asked for once, however often the button is pressed; this page is left when it is done.
  const key = useRef(idempotencyKey())
  return (
    <ConfirmButton
      label={say(call.direction === 'inbound' ? 'back' : 'again')}
      size="xs"
      variant="filled"
      color="signal"
      consequences={say('again_consequences', { number: redial.to, trunk: call.trunk })}
      done={say('again_done')}
      unavailable={may ? undefined : common('needs_operator')}
      act={async () =>
        (
          await startCall({
            body: bodyOf(call, redial),
            headers: { 'idempotency-key': key.current },
          })
        ).data
      }
      onDone={({ call_id: callId }) => navigate(`/calls/${callId}`)}
    />
  )
}

const bodyOf = (call: Call, { to, from }: Redial): StartCallData['body'] => ({
  phone_number: to,
  trunk: call.trunk,
  ...(from === null ? {} : { from }),
  ...(call.agent.agent_id === null ? {} : { agent_id: call.agent.agent_id }),
  ...(call.language === null ? {} : { language: call.language }),
  metadata: call.metadata,
})
