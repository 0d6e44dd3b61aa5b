// Who makes photos speak: is its key taken, and is anything left to spend? Only what costs nothing is asked.
import { examineProviders } from '../../control-api/examine.ts'
import type { Check } from '../check.ts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

type Examined = Awaited<ReturnType<typeof examineProviders>>[number]

const TITLES = { 'd-id': 'D-ID', heygen: 'HeyGen' } as const
const KEYS = { 'd-id': 'DID_API_KEY', heygen: 'HEYGEN_API_KEY' } as const

export const animation: Check = {
  name: 'animation',
  async run({ config: { rehearsal, media } }) {
    const { dId, heyGen } = media
    if (dId === undefined && heyGen === undefined)
      return rehearsal ? [] : [info('animation', 'no provider is configured: no photo is animated')]
    const examined = await examineProviders(media)
    return [...examined.map(judge), ...voices(media)]
  },
}

function judge(examined: Examined): Finding {
  const { provider } = examined
  const title = TITLES[provider]
  if (examined.kind === 'failed') return judgeFailure(examined)
  const { remaining, unit } = examined.balance
  if (remaining === null)
    return ok('animation', `${title} takes the key; it does not say what is left`)
  const seen = `${title} takes the key; ${remaining} ${unit} are left`
  if (remaining > 0) return ok('animation', seen)
  return warn('animation', seen, `Top up at ${title}: until then each animation fails.`)
}

function judgeFailure({
  provider,
  why,
  message,
}: Extract<Examined, { readonly kind: 'failed' }>): Finding {
  switch (why) {
    case 'auth':
    case 'permission':
      return fail('animation', message, `Set ${KEYS[provider]} to a key of this account.`)
    case 'rate_limited':
      return warn('animation', message, 'Ask again in a minute.')
    default:
      return fail(
        'animation',
        message,
        `Check that https leaves this machine, and ${KEYS[provider].replace('API_KEY', 'BASE_URL')}.`,
      )
  }
}

/** HeyGen has no voice of its own for those who name none. */
function voices({ heyGen }: Parameters<typeof examineProviders>[0]): readonly Finding[] {
  if (heyGen === undefined || heyGen.voiceId !== null) return []
  const seen =
    'HEYGEN_VOICE_ID is not set: requests to HeyGen must name a voice, or be spoken by ElevenLabs'
  return [info('animation', seen)]
}
