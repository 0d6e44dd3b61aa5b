// What the routes of Voximplant have in common: their tag, what goes wrong, and what they say where nothing is set up.
import { AppError } from '#core/errors'
import { problem } from '../problem.ts'

export const tags = ['voximplant']
export const failures = { '4xx': problem, 501: problem, 502: problem, 503: problem }

/** In the place of everything, where there is no address of the vendor. */
export const voximplantNotConfigured = (details: { readonly field?: string } = {}): AppError =>
  new AppError(
    'PROVIDER_NOT_CONFIGURED',
    'Voximplant is not set up here: VOXIMPLANT_BASE_URL says where its Management API is.',
    { details },
  )
