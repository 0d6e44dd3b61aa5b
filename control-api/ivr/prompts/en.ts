// What the menu says in English: the choice first, its key second. The key # has two names, one on each side of the
// Atlantic, and the menu cannot know which is the caller's.
import type { PromptSet } from './catalogue.ts'

export const english: PromptSet = {
  greeting: 'Hello! This is Liza, the automated voice assistant of {company}.',
  greeting_plain: 'Hello! This is Liza, your automated voice assistant.',
  consent:
    'To handle your order, {company} would like to store your phone number and what you enter, and to record this call, only for as long as that takes.',
  consent_plain:
    'To handle your order, we would like to store your phone number and what you enter, and to record this call, only for as long as that takes.',
  consent_terms: 'This is voluntary, and you can withdraw your consent at any time, at {website}.',
  consent_terms_plain: 'This is voluntary, and you can withdraw your consent at any time.',
  consent_again: 'May {company} store your phone number and what you enter, and record this call?',
  consent_again_plain: 'May we store your phone number and what you enter, and record this call?',
  consent_keys: 'To agree, press 1. To decline, press 2.',
  repeat_key: 'To hear this again, press 9.',
  human_key: 'To speak to a person, press 0.',
  order: 'Please enter your order number on your keypad, followed by the pound or hash key.',
  order_again: 'Please enter your order number, followed by the pound or hash key.',
  order_repeat_key: 'To hear this again, press 9 and pound or hash.',
  order_human_key: 'To speak to a person, press 0 and pound or hash.',
  confirm_before: 'You entered:',
  confirm_after: 'If that is correct, press 1. To change it, press 2.',
  help: 'Is there anything else I can do for you? To enter an order number, press 1. To finish, press 2, or simply hang up.',
  help_again: 'To enter an order number, press 1. To finish, press 2.',
  status_confirmed: 'Thank you. Your order is confirmed.',
  status_in_progress: 'Thank you. Your order is being processed.',
  status_completed: 'Thank you. Your order is completed.',
  status_canceled: 'Thank you. Your order has been canceled.',
  status_problem: 'Thank you. There is a problem with your order. Our staff are looking into it.',
  status_unknown: 'Thank you. We do not have an order under this number yet.',
  invalid_key: 'Sorry, that is not one of the choices here.',
  invalid_order: 'Sorry, that is not a valid order number.',
  nobody: 'Sorry, nobody is available at the moment.',
  nobody_answers: 'Sorry, nobody is answering at the moment.',
  unrecorded: 'All right. What you enter will not be stored, and this call will not be recorded.',
  corrected: 'All right, let us try that again.',
  to_human: 'One moment, please. I am connecting you to a member of staff.',
  to_agent: 'One moment, please. I am connecting you to our AI assistant.',
  goodbye: 'Thank you for calling. Goodbye!',
  refused:
    'All right. Without your consent I cannot help you further here. Thank you for calling. Goodbye!',
  no_input: 'Sorry, I did not receive a valid entry. Please feel free to call again. Goodbye!',
  sorry: 'I am sorry, I have to end our call here. Please feel free to call again. Goodbye!',
}
