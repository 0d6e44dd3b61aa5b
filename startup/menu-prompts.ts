// The words of the menu, spoken before the first caller waits for them: kept, so that each is asked for once in its life.
import type { Config } from '#core/config'
import type { MediaBridge } from '#core/contracts'
import { menuTexts } from '#control-api'
import { messageOf } from '#core/errors'
import type { Logger } from '#core/telemetry'

export interface MenuPrompts {
  readonly config: Config
  readonly logger: Logger
  readonly bridge: Pick<MediaBridge, 'preparePrompt'>
  /** True when it is of no use any more. */
  readonly isOver: () => boolean
}

/** One after the other, beside everything else; after the first that cannot be spoken it is left to the calls. */
export async function prepareMenu(parts: MenuPrompts): Promise<void> {
  const { config, logger, bridge, isOver } = parts
  // Twilio speaks with its own voice; and the number of a rehearsal is worth no two seconds of processor time at each start.
  if (config.numbers.every(({ to }) => to.kind !== 'flow')) return
  for (const { text, language } of menuTexts(config.ivr)) {
    if (isOver()) return
    try {
      await bridge.preparePrompt({ kind: 'speech', text, language })
    } catch (error) {
      if (isOver()) return
      const todo =
        'check ELEVENLABS_API_KEY and ELEVENLABS_VOICE_ID; it is asked for again when it is needed'
      logger.warn({ reason: messageOf(error), todo }, 'the menu cannot be spoken yet')
      return
    }
  }
  logger.debug('the menu is spoken')
}
