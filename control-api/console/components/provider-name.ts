// By whom a call goes, as people call it; the same in every language.
const NAMES: Readonly<Record<string, string>> = {
  sip: 'SIP',
  twilio: 'Twilio',
  voximplant: 'Voximplant',
}

export const providerName = (provider: string): string => NAMES[provider] ?? provider
