// What the choices of the filters are called.
import type { SayCommon } from '../../words/common.ts'
import type { CHOICES, Choice } from './call-search.ts'

const PROVIDERS = { sip: 'SIP', twilio: 'Twilio', voximplant: 'Voximplant' } as const

export function choiceWords(value: (typeof CHOICES)[Choice][number], say: SayCommon): string {
  switch (value) {
    case 'sip':
    case 'twilio':
    case 'voximplant':
      return PROVIDERS[value]
    case 'failed':
      return say('outcome_failed')
    default:
      return say(value)
  }
}
