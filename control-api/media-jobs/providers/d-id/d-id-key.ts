// The key of D-ID in a header. Its studio shows `USER:PASSWORD`, and its pages write just that behind `Basic`; accounts were
// seen that take it in base64 alone, as RFC 7617 has it. Which one it is turns out with the first answer.
import type { Logger } from '#core/telemetry'
import { ProviderFailure, type ProviderFailureKind } from '../animation-provider.ts'

export interface DIdKey {
  /** What no error may repeat. */
  readonly secrets: readonly string[]
  /** Asks by one form and, as long as none was taken yet, by the other where the first is refused. */
  tried<T>(ask: (headers: Readonly<Record<string, string>>) => Promise<T>): Promise<T>
}

type Form = 'raw' | 'base64'

export function createDIdKey(logger: Pick<Logger, 'info'>, apiKey: string): DIdKey {
  const raw = apiKey.trim().replace(/^Basic\s+/i, '')
  const values = { raw, base64: Buffer.from(raw).toString('base64') }
  let taken: Form | undefined

  async function askedBy<T>(form: Form, ask: Parameters<typeof tried<T>>[0]): Promise<T> {
    const isTaken = (): void => {
      if (taken === undefined)
        logger.info({ vendor: 'd-id', form }, 'D-ID takes the key in this form')
      taken ??= form
    }
    try {
      const answer = await ask({ authorization: `Basic ${values[form]}` })
      isTaken()
      return answer
    } catch (error) {
      if (error instanceof ProviderFailure && SHOWS_TAKEN.has(error.kind)) isTaken()
      throw error
    }
  }

  async function tried<T>(ask: (headers: Readonly<Record<string, string>>) => Promise<T>) {
    const first = taken ?? 'raw'
    try {
      return await askedBy(first, ask)
    } catch (error) {
      const isRefused = error instanceof ProviderFailure && error.kind === 'auth'
      // Meanwhile another request may have learnt it.
      if (!isRefused || taken === first) throw error
      return await askedBy(first === 'raw' ? 'base64' : 'raw', ask)
    }
  }

  return { secrets: [values.raw, values.base64, ...raw.split(':')], tried }
}

/** Refusals that come behind the examination of the key. */
const SHOWS_TAKEN: ReadonlySet<ProviderFailureKind> = new Set([
  'credits',
  'invalid_input',
  'bad_image',
  'moderation',
])
