// What an erasure cannot reach: the server's sentences, as words of ours where they are known.
const KNOWN = {
  'Backups and copies of the data folder that were made before.': 'not_backups',
  'What the carrier keeps of its calls, and receivers of webhooks of what they were told.':
    'not_others',
  'The last SIP messages in memory, until newer ones or the next start replace them.': 'not_memory',
  'The number spoken in other people’s calls.': 'not_spoken',
} as const

export const NOT_COVERED = Object.values(KNOWN)

/** Undefined: a newer server says more. */
export const notCoveredKey = (sentence: string): (typeof NOT_COVERED)[number] | undefined =>
  Object.entries(KNOWN).find(([known]) => known === sentence)?.[1]
