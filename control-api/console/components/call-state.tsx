// Where a call stands, as a badge in the same words and colours everywhere.
import { Badge } from '@mantine/core'
import type { GetCallResponse } from '../api/generated/types.gen.ts'
import { useCommon } from '../words/common.ts'

type Call = Pick<GetCallResponse, 'status' | 'outcome' | 'termination'>

const COLORS = {
  success: 'teal',
  client_error: 'gray',
  server_error: 'red',
  upstream_error: 'orange',
  indeterminate: 'gray',
} as const

/** Live: its status; ended: its outcome, coloured by who is responsible. */
export function CallState({ call }: { readonly call: Call }) {
  const say = useCommon()
  if (call.status !== 'ended')
    return (
      <Badge variant="light" color="signal">
        {say(call.status)}
      </Badge>
    )
  const { outcome, termination } = call
  const words = outcome === 'failed' || outcome === null ? say('outcome_failed') : say(outcome)
  return (
    <Badge variant="light" color={COLORS[termination?.result ?? 'indeterminate']}>
      {words}
    </Badge>
  )
}
