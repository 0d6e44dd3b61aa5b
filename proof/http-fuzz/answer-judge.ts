// Is an answer one that the OpenAPI document promises? By a public validator, apart from the code that answers.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { ERROR_REGISTRY } from '../../core/errors/index.ts'
import type { ApiDescription, Operation } from './api-description.ts'

export interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

const DOCUMENT = 'api'
const PROBLEM = 'application/problem+json'
/** Where the document says so: not built, and what is not there or not set up. */
const EXCUSED = new Set([501, 503])

export class AnswerJudge {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(description: ApiDescription) {
    this.#ajv.addSchema(description, DOCUMENT)
  }

  /** What is wrong with it; undefined: nothing. */
  judge(operation: Operation, { status, type, text }: Answer): string | undefined {
    const said = saidOf(operation, status)
    if (said === undefined) return `${status} is not documented`
    const serverFault =
      status >= 500 && !(EXCUSED.has(status) && String(status) in operation.answers)
    if (serverFault) return `${status}: ${text.slice(0, 300)}`
    const media = type.split(';', 1)[0] ?? ''
    const types = operation.answers[said] ?? []
    if (types.length === 0) return text === '' ? undefined : `${status} should have no body`
    if (text === '' && status === 304) return undefined
    if (!types.includes(media)) return `${status} comes as "${media}", not as ${types.join(' or ')}`
    if (!/[/+]json$/.test(media)) return undefined
    return (
      this.#body(operation, said, media, text) ??
      (media === PROBLEM ? problemFault(status, text) : undefined)
    )
  }

  #body(operation: Operation, said: string, media: string, text: string): string | undefined {
    const steps = ['paths', operation.path, operation.method.toLowerCase()]
    const pointer = [...steps, 'responses', said, 'content', media, 'schema']
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    const validate =
      this.#compiled.get(pointer) ?? this.#ajv.compile({ $ref: `${DOCUMENT}#/${pointer}` })
    this.#compiled.set(pointer, validate)
    if (validate(JSON.parse(text))) return undefined
    return `${said} ${media}: ${this.#ajv.errorsText(validate.errors)}: ${text.slice(0, 300)}`
  }
}

/** Under which key of its responses an answer is documented. */
const saidOf = ({ answers }: Operation, status: number): string | undefined =>
  [String(status), `${String(status)[0]}XX`, `${String(status)[0]}xx`, 'default'].find(
    (key) => key in answers,
  )

/** Every error says one of the codes of docs/errors.md, and the status that belongs to it. */
function problemFault(status: number, text: string): string | undefined {
  const { code, status: said } = JSON.parse(text) as { code: string; status: number }
  if (!(code in ERROR_REGISTRY)) return `the code ${code} is not in docs/errors.md`
  const { httpStatus } = ERROR_REGISTRY[code as keyof typeof ERROR_REGISTRY]
  if (httpStatus === status && said === status) return undefined
  return `${code} should be ${httpStatus}; it came as ${status} and says ${said}`
}
