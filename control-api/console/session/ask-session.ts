// Whether the server still knows this session: asked when something else suggests that it does not.
import { getSessionOptions } from '../api/generated/@tanstack/react-query.gen.ts'
import { queryClient } from '../api/queries.ts'

/**
 * One that is over ends the tab's by the refusal itself (shell/app.tsx).
 * @returns undefined: refused, or no answer
 */
export const askSession = () =>
  queryClient
    .query({ ...getSessionOptions(), staleTime: 0, retry: false })
    // It is told by the query, to those who show it.
    .catch(() => undefined)
