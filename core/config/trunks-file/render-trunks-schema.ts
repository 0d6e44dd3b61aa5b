// sip-config/trunks.schema.json: the definition as editors read it. Wherever a value may stand, `${NAME}` may.
import { TrunksFile } from './trunks-schema.ts'

type Json = Readonly<Record<string, unknown>>

/** In the file itself, `$${` is another thing; that an editor tells apart no better than we need. */
const VARIABLE = '\\$\\{'

/** They name readers of ours (text-formats.ts), which no editor has. */
const OURS = ['format', 'keyFormat']

export function renderTrunksSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    ...widened({ ...TrunksFile }),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function widened(shape: Json): Json {
  const inner = Object.fromEntries(
    Object.entries(shape)
      .filter(([key]) => !OURS.includes(key))
      .map(([key, value]) => [key, within(key, value)]),
  )
  return isValue(shape) ? withVariable(inner) : inner
}

/** Where schemas stand in a schema. */
function within(key: string, value: unknown): unknown {
  if (key === 'items') return widened(value as Json)
  if (key === 'anyOf') return (value as readonly Json[]).map(widened)
  if (key === 'patternProperties')
    return mapped(value as Json, (pattern) => `${pattern}|${VARIABLE}`)
  return key === 'properties' ? mapped(value as Json, (name) => name) : value
}

const mapped = (shapes: Json, rename: (name: string) => string): Json =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [rename(name), widened(shape as Json)]),
  )

const isValue = ({ type, enum: words, pattern }: Json): boolean =>
  words !== undefined || type === 'integer' || type === 'boolean' || pattern !== undefined

function withVariable({ description, default: fallback, ...shape }: Json): Json {
  const { pattern, ...rest } = shape
  const about = {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
  if (typeof pattern === 'string') return { ...rest, pattern: `${VARIABLE}|(${pattern})`, ...about }
  return { anyOf: [shape, { type: 'string', pattern: VARIABLE }], ...about }
}
