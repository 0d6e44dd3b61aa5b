// What tells a webhook of D-ID from anybody's: D-ID signs nothing, so its address ends in `<task_id>.<MAC>`, which only a
// holder of its key can make.
import { createFactMacs } from '../../../secrets/fact-mac.ts'
import { TASK_ID } from './told-job.ts'

export interface DIdTokens {
  of(taskId: string): string
  /** Undefined: it is none of ours. The MAC is compared in constant time. */
  taskOf(token: string): string | undefined
}

/** @param apiKey of D-ID; another one makes other tokens */
export function createDIdTokens(apiKey: string): DIdTokens {
  const macs = createFactMacs(apiKey, 'voicegate webhook of D-ID')
  const factsOf = (taskId: string): readonly string[] => ['d-id', taskId]
  return {
    of: (taskId) => `${taskId}.${macs.of(factsOf(taskId))}`,
    taskOf(token) {
      const [taskId = '', mac = '', ...more] = token.split('.')
      const isOurs = more.length === 0 && TASK_ID.test(taskId) && macs.isOf(mac, factsOf(taskId))
      return isOurs ? taskId : undefined
    },
  }
}
