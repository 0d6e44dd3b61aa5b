// Places calls: each wish once, and what came of it.
import { useRef, useState } from 'react'
import { idempotencyKey } from '../../api/client.ts'
import { startCall } from '../../api/generated/sdk.gen.ts'
import { asProblem, type ApiProblem } from '../../api/problem.ts'
import { useAction } from '../../components/use-action.ts'
import type { DialBody } from './dial-form.ts'
import { intentFor, type DialIntent } from './dial-intent.ts'
import { remember } from './dialled.ts'

export interface Dialling {
  /** Resolves when it is taken; rejects with what the API says. */
  dial(body: DialBody): Promise<string>
  run(body: DialBody): void
  readonly isRunning: boolean
  readonly problem: ApiProblem | null
  /** No answer came: nobody knows whether it was placed. To send it again is safe. */
  readonly isUncertain: boolean
  /** What was refused was changed since. */
  forgetProblem(): void
}

export function useDial(onPlaced: (callId: string) => void): Dialling {
  const intent = useRef<DialIntent | null>(null)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const dial = async (body: DialBody): Promise<string> => {
    const current = intentFor(intent.current, body, idempotencyKey)
    intent.current = current
    try {
      const { data } = await startCall({ body, headers: { 'idempotency-key': current.key } })
      intent.current = null
      setProblem(null)
      remember({ callId: data.call_id, body, at: data.created_at })
      onPlaced(data.call_id)
      return data.call_id
    } catch (error) {
      setProblem(asProblem(error))
      throw error
    }
  }
  const action = useAction(dial, { showsFailure: true })
  return {
    dial,
    run: (body) => action.run(body),
    isRunning: action.isRunning,
    problem,
    isUncertain: problem?.status === 0,
    forgetProblem: () => setProblem(null),
  }
}
