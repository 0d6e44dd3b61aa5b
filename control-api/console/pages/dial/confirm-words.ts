// What somebody who is about to ring a real phone should know.
import type { DialBody } from './dial-form.ts'
import type { useDialWords } from './words.ts'

const QUESTIONS = {
  agent: 'confirm',
  'order-ivr': 'confirm_menu',
  'order-ivr-then-agent': 'confirm_menu_agent',
} as const

export function confirmWords(
  { answer_with: answerWith = 'agent', provider }: DialBody,
  say: ReturnType<typeof useDialWords>,
  values: { readonly number: string; readonly price: string },
): string {
  const asked = say(QUESTIONS[answerWith], values)
  if (provider === 'twilio' || provider === 'voximplant')
    return `${asked} ${say(`confirm_${provider}`)}`
  return asked
}
