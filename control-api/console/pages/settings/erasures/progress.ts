// How far an erasure is: its steps go one after the other (docs/security.md).
import type { Erasure } from './erasure-state.tsx'

export type StepName = 'calls' | 'ours' | 'files' | 'vendor'
export interface Step {
  readonly name: StepName
  readonly isDone: boolean
}

export function stepsOf(erasure: Erasure): readonly Step[] {
  const isOver = erasure.state === 'done' || erasure.state === 'incomplete'
  const isWaiting = erasure.state === 'waiting' || erasure.waiting_for_calls > 0
  // Records go as they are found; the files are cleaned when the last of them is gone.
  const areOursDone = isOver || (!isWaiting && erasure.files_cleaned)
  return [
    { name: 'calls', isDone: isOver || !isWaiting },
    { name: 'ours', isDone: areOursDone },
    { name: 'files', isDone: erasure.files_cleaned },
    { name: 'vendor', isDone: erasure.state === 'done' },
  ]
}
