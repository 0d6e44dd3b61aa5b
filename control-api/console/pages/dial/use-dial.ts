// Places calls: each wish once, and what came of it.
import { useState } from 'react'
import { asProblem, type ApiProblem } from '../../api/problem.ts'
import { placeCall } from '../../components/place-call.ts'
import { useAction } from '../../components/use-action.ts'
import type { DialBody } from './dial-form.ts'
import { remember } from './dialled.ts'

export interface Dialling {
  /** Resolves when it is taken; rejects with what the API says. */
  dial(body: DialBody): Promise<string>
  run(body: DialBody): void
  readonly isRunning: boolean
  readonly problem: ApiProblem | null
  /** What was refused was changed since. */
  forgetProblem(): void
}

export function useDial(onPlaced: (callId: string) => void): Dialling {
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const dial = async (body: DialBody): Promise<string> => {
    try {
      const { call_id: callId, created_at: at } = await placeCall(body)
      setProblem(null)
      remember({ callId, body, at })
      onPlaced(callId)
      return callId
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
    forgetProblem: () => setProblem(null),
  }
}
