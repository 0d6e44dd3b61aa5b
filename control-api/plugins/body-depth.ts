// How deeply a request body may nest. What reads it later calls itself once a level (schemas, JSON.stringify), so a
// body that is small but deep would overflow the stack.
import { AppError } from '#core/errors'
import type { HttpServer } from '../http-server.ts'
import { shownName } from './shown-name.ts'

/** Levels below a field of the body. */
const MAX_DEPTH = 20

export function installBodyDepth(app: HttpServer): void {
  app.addHook('preValidation', (request, _reply, done) => {
    const field = tooDeepField(request.body)
    if (field === undefined) {
      done()
      return
    }
    const details = { field }
    const detail = `${field} is nested more than ${MAX_DEPTH} levels deep.`
    done(new AppError('REQUEST_INVALID', detail, { details }))
  })
}

function tooDeepField(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const deep = Object.entries(body).find(([, value]) => isTooDeep(value))
  return deep && (Array.isArray(body) ? 'body' : shownName(deep[0]))
}

/** Level by level, so that this does not overflow either. */
function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : [],
    )
    if (level.length === 0) return false
  }
  return true
}
