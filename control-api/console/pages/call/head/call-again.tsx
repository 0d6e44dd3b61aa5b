// The useful thing after a call that nobody answered: ring the same person again.
import { useLocation } from 'wouter'
import type { StartCallData } from '../../../api/generated/types.gen.ts'
import { ConfirmButton } from '../../../components/confirm-button.tsx'
import { placeCall, useUncertainty } from '../../../components/place-call.ts'
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
  const body = bodyOf(call, redial)
  const label = call.direction === 'inbound' ? 'back' : 'again'
  const uncertain = useUncertainty(body)
  const what = say('again_consequences', { number: redial.to, trunk: call.trunk })
  return (
    <ConfirmButton
      label={say(uncertain === 'same' ? 'again_safely' : label)}
      size="xs"
      variant="filled"
      color="signal"
      consequences={uncertain === 'other' ? `${what} ${common('second_call')}` : what}
      done={say('again_done')}
      unavailable={may ? undefined : common('needs_operator')}
      act={() => placeCall(body)}
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
