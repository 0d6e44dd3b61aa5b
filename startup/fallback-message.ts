// AGENT_FALLBACK_MESSAGE: what a caller hears before we hang up because the agent failed.
import type { MediaBridge, PromptSource } from '#core/contracts'
import type { Config } from '#core/config'
import { AppError, messageOf } from '#core/errors'
import { LONGEST_FAREWELL } from '#gateway'

/** What is said to a caller whose agent failed: AGENT_FALLBACK_MESSAGE. */
export function fallbackPrompt(config: Config): PromptSource | undefined {
  const message = config.agent.fallbackMessage
  if (message === undefined) return undefined
  if (message.toLowerCase().endsWith('.wav')) return { kind: 'file', path: message }
  return { kind: 'speech', text: message }
}

/** @throws AppError `CONFIGURATION_INVALID` saying what is wrong with AGENT_FALLBACK_MESSAGE, and what to do. */
export async function checkFallback(
  prepare: MediaBridge['preparePrompt'],
  prompt: PromptSource,
): Promise<void> {
  const lengthMs = await prepare(prompt).catch((cause: unknown) => {
    throw fallbackInvalid(messageOf(cause), cause)
  })
  if (lengthMs > LONGEST_FAREWELL)
    throw fallbackInvalid(`it takes ${Math.round(lengthMs / 1000)} s, and callers get 20 s of it`)
}

const fallbackInvalid = (what: string, cause?: unknown): AppError =>
  new AppError(
    'CONFIGURATION_INVALID',
    `AGENT_FALLBACK_MESSAGE: ${what}. Write words, or name a WAV file of 16-bit PCM or G.711, 20 s at most ` +
      '(sox IN -r 8000 -c 1 -b 16 out.wav)',
    { cause },
  )
