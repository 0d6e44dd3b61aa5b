// The kinds of jobs that this console has words for.
export const KINDS = {
  'animation.d-id': 'animation-d-id',
  'animation.heygen': 'animation-heygen',
  'call.redial': 'call-redial',
  'conversation.sync': 'conversation-sync',
  'erasure.run': 'erasure-run',
  'media.sweep': 'media-sweep',
  'media.transcode': 'media-transcode',
  'retention.sweep': 'retention-sweep',
  'twilio.recording': 'twilio-recording',
  'voximplant.audio': 'voximplant-audio',
  'voximplant.sweep': 'voximplant-sweep',
  'voximplant.sync': 'voximplant-sync',
} as const
type Kind = keyof typeof KINDS

/** Undefined: a newer server has more. */
export const kindKey = (kind: string): (typeof KINDS)[Kind] | undefined =>
  kind in KINDS ? KINDS[kind as Kind] : undefined
