// Requests to one operation: right ones, nearly right ones, and some whose body is no JSON at all.
import fc, { type Arbitrary } from 'fast-check'
import type { Operation, Parameter } from './api-description.ts'
import type { ValuesOf } from './arbitrary-value.ts'

export interface FuzzRequest {
  readonly method: string
  /** With its query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

const RIGHT = 4
const WRONG = 5

export function requestsTo(operation: Operation, values: ValuesOf): Arbitrary<FuzzRequest> {
  const among = (place: Parameter['in']): readonly Parameter[] =>
    operation.parameters.filter((one) => one.in === place)
  return fc
    .record({
      path: pathOf(operation.path, among('path'), values),
      query: queryOf(among('query'), values),
      headers: headersOf(among('header'), values),
      body: bodyOf(operation, values),
    })
    .map(({ path, query, headers, body: { type, text } }) => ({
      method: operation.method,
      target: query === '' ? path : `${path}?${query}`,
      headers: text === undefined ? headers : { ...headers, 'content-type': type },
      body: text,
    }))
}

const asText = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()

function either(parameter: Parameter, values: ValuesOf): Arbitrary<string> {
  const { schema, name } = parameter
  return fc
    .oneof(
      { weight: RIGHT, arbitrary: values.valid(schema, name) },
      { weight: 1, arbitrary: values.mutated(schema, name) },
    )
    .map(asText)
}

function pathOf(
  path: string,
  parameters: readonly Parameter[],
  values: ValuesOf,
): Arbitrary<string> {
  const parts = parameters.map((one) =>
    either(one, values).map((value) => [one.name, value] as const),
  )
  return fc
    .tuple(...parts)
    .map((pairs) =>
      pairs.reduce(
        (whole, [name, value]) => whole.replace(`{${name}}`, () => encodeURIComponent(value)),
        path,
      ),
    )
}

function queryOf(parameters: readonly Parameter[], values: ValuesOf): Arbitrary<string> {
  if (parameters.length === 0)
    return fc.oneof({ weight: 20, arbitrary: fc.constant('') }, unknownField)
  const named = parameters.map((one) =>
    either(one, values).map((value) => [one.name, value] as const),
  )
  const some = fc.array(fc.oneof(...named), { maxLength: 4 }).map((pairs) => {
    const wanted = new Map(pairs)
    return new URLSearchParams([...wanted]).toString()
  })
  const needed = parameters.filter(({ required }) => required === true)
  const right = fc
    .tuple(fc.tuple(...needed.map((one) => either(one, values))), some)
    .map(([given, others]) =>
      [
        ...given.map((value, at) => `${needed[at]?.name ?? ''}=${encodeURIComponent(value)}`),
        others,
      ]
        .filter((part) => part !== '')
        .join('&'),
    )
  return fc.oneof({ weight: 8, arbitrary: right }, some, unknownField)
}

const unknownField = fc.constantFrom(
  'x=1',
  '__proto__[a]=1',
  'limit=1&limit=2',
  'limit[]=1',
  '&&=',
  '%',
)

function headersOf(
  parameters: readonly Parameter[],
  values: ValuesOf,
): Arbitrary<Readonly<Record<string, string>>> {
  const model = Object.fromEntries(
    parameters.map((one) => [one.name, either(one, values).map(asHeader)] as const),
  )
  return fc.record(model, { requiredKeys: [] }) as Arbitrary<Readonly<Record<string, string>>>
}

/** What a header can carry. */
const asHeader = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]/g, '~')
    .trim()
    .slice(0, 2000)

const brokenBodies = fc.record({
  type: fc.constantFrom('application/json', 'text/plain', 'application/xml', 'a/b; charset=x', ''),
  text: fc.constantFrom<string | undefined>(
    '',
    '{',
    '{"a":',
    'null',
    '[]',
    '"a"',
    '\0',
    '{"a":1}{',
    undefined,
  ),
})

function bodyOf(
  { body }: Operation,
  values: ValuesOf,
): Arbitrary<{ readonly type: string; readonly text: string | undefined }> {
  const asJson = (value: unknown) => ({ type: 'application/json', text: JSON.stringify(value) })
  if (body === undefined)
    return fc.oneof(
      { weight: 20, arbitrary: fc.constant({ type: '', text: undefined }) },
      brokenBodies,
    )
  return fc.oneof(
    { weight: RIGHT, arbitrary: values.valid(body).map(asJson) },
    { weight: WRONG, arbitrary: values.mutated(body).map(asJson) },
    { weight: 1, arbitrary: brokenBodies },
  )
}
