// What the choices of the filters are called.
import { providerName } from '../../components/provider-name.ts'
import type { SayCommon } from '../../words/common.ts'
import type { CHOICES, Choice } from './call-search.ts'

export function choiceWords(value: (typeof CHOICES)[Choice][number], say: SayCommon): string {
  switch (value) {
    case 'sip':
    case 'twilio':
    case 'voximplant':
      return providerName(value)
    case 'failed':
      return say('outcome_failed')
    case 'any':
    case 'carrier':
    case 'gateway':
    case 'agent':
    case 'unknown':
      return say(`fault_${value}`)
    default:
      return say(value)
  }
}
