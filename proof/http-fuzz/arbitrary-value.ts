// Values made from a JSON schema: such as it allows, and such as are one mutation away from them.
import fc, { type Arbitrary } from 'fast-check'
import type { JsonSchema } from './api-description.ts'

/** What chance would never find, by the name of the field: ids that exist, numbers that may be dialled. */
export type Known = Readonly<Record<string, readonly unknown[]>>

const MOST_ITEMS = 4
const MOST_CHARS = 300

const hostileText: Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '__proto__',
    'constructor',
    '../../package.json',
    '%00%2e%2e',
    "' OR 1=1 --",
    '{{7*7}}',
    '${7*7}',
    '<script>alert(1)</script>',
    '\r\nSet-Cookie: a=b',
    '\u202e\ufeff\ud800',
    '9'.repeat(400),
    'é'.repeat(5000),
    '2026-02-30',
    '+99999999999999999999',
    'NaN',
    '-0',
    '1e999',
  ),
)

const hostileValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 0.1, 1e308, -1e308, 2 ** 53, [], {}, [[]]),
  fc.jsonValue({ maxDepth: 3 }),
)

export class ValuesOf {
  readonly #known: Known
  readonly #schemas: Readonly<Record<string, JsonSchema>>

  constructor(known: Known, schemas: Readonly<Record<string, JsonSchema>>) {
    this.#known = known
    this.#schemas = schemas
  }

  /** As the schema allows; of a name that is known, most often a value that means something. */
  valid(schema: JsonSchema, name = ''): Arbitrary<unknown> {
    const hints = [...(this.#known[name] ?? []), ...(schema.examples ?? [])]
    const plain = this.#plain(schema)
    if (hints.length === 0) return plain
    return fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...hints) }, plain)
  }

  /** Mostly near misses: one place of a valid value changed, left out or added. */
  mutated(schema: JsonSchema, name = ''): Arbitrary<unknown> {
    const target = this.#resolved(schema)
    if (target.type !== 'object') return fc.oneof(hostileValue, this.valid(schema, name))
    const fields = Object.entries(target.properties ?? {})
    if (fields.length === 0) return hostileValue
    const base = this.valid(target) as Arbitrary<object>
    const broken = fc
      .constantFrom(...fields)
      .chain(([field, one]) =>
        fc
          .tuple(base, this.mutated(one, field))
          .map(([whole, value]) => ({ ...whole, [field]: value })),
      )
    const without = fc
      .tuple(base, fc.constantFrom(...fields.map(([field]) => field)))
      .map(([whole, left]) =>
        Object.fromEntries(Object.entries(whole).filter(([one]) => one !== left)),
      )
    const more = fc
      .tuple(base, hostileText, hostileValue)
      .map(([whole, field, value]) => ({ ...whole, [field]: value }))
    return fc.oneof({ weight: 6, arbitrary: broken }, without, more, hostileValue)
  }

  #resolved(schema: JsonSchema): JsonSchema {
    const name = schema.$ref?.split('/').at(-1)
    return name === undefined ? schema : (this.#schemas[name] ?? {})
  }

  #plain(schema: JsonSchema): Arbitrary<unknown> {
    const target = this.#resolved(schema)
    if (target.const !== undefined) return fc.constant(target.const)
    if (target.enum) return fc.constantFrom(...target.enum)
    const branches = target.anyOf ?? target.oneOf
    if (branches) return fc.oneof(...branches.map((one) => this.valid(one)))
    switch (target.type) {
      case 'object':
        return this.#object(target)
      case 'array':
        return this.#array(target)
      case 'string':
        return text(target)
      case 'integer':
        return fc.integer({ min: target.minimum ?? -1000, max: target.maximum ?? 1_000_000 })
      case 'number':
        return fc.double({ min: target.minimum ?? -1e6, max: target.maximum ?? 1e6, noNaN: true })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      default:
        return hostileValue
    }
  }

  #object({
    properties = {},
    patternProperties = {},
    required = [],
    additionalProperties,
  }: JsonSchema) {
    const model = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, this.valid(one, name)]),
    )
    const requiredKeys = required.filter((name) => name in model)
    const own = fc.record(model, { requiredKeys })
    const [ofAny] = Object.values(patternProperties)
    const further =
      ofAny ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined)
    if (further === undefined) return own
    const names = fc.stringMatching(/^[a-z_]{1,12}$/)
    return fc
      .tuple(own, fc.dictionary(names, this.valid(further), { maxKeys: MOST_ITEMS }))
      .map(([one, other]) => ({ ...other, ...one }))
  }

  #array({ items = {}, minItems = 0, maxItems = MOST_ITEMS }: JsonSchema): Arbitrary<unknown> {
    const most = Math.max(minItems, Math.min(maxItems, MOST_ITEMS))
    return fc.array(this.valid(items), { minLength: minItems, maxLength: most })
  }
}

function text({ pattern, minLength = 0, maxLength = MOST_CHARS }: JsonSchema): Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'))
  const most = Math.max(minLength, Math.min(maxLength, MOST_CHARS))
  return fc.oneof(
    fc.string({ unit: 'grapheme-ascii', minLength, maxLength: most }),
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(most, 40)) }),
  )
}
