// The clock of this machine, by that of ElevenLabs. Nothing of theirs is asked for but the head of an answer.
import type { Check } from '../check.ts'
import { judgeSkew } from '../clock-skew.ts'
import { info } from '../finding.ts'

const ANSWER_WITHIN_MS = 5000

export const clock: Check = {
  name: 'clock',
  async run({ config }) {
    if (config.rehearsal) return []
    try {
      const sentAt = Date.now()
      const { headers } = await fetch(config.agent.restUrl, {
        method: 'HEAD',
        // Whatever the answer is, it has a Date.
        redirect: 'manual',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
      const found = judgeSkew('clock', 'ElevenLabs', headers.get('date'), {
        sentAt,
        answeredAt: Date.now(),
      })
      return found.length > 0 ? found : [info('clock', 'nobody told the time')]
    } catch {
      // That they cannot be reached is told by the check of the agent.
      return [info('clock', 'nobody told the time: ElevenLabs does not answer')]
    }
  },
}
