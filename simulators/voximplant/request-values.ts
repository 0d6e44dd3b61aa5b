// The parameters of a command as the platform reads them: words, whole numbers, `true` and `false`, lists by `;`.
import { Refusal, invalidParameter, missingParameter } from './vendor-errors.ts'

const MOST_OFFSET = 10_000
const MOST_COUNT = 1000
const DEFAULT_COUNT = 20

export interface Page {
  readonly offset: number
  readonly count: number
}

export class RequestValues {
  readonly #params: ReadonlyMap<string, string>

  constructor(params: ReadonlyMap<string, string>) {
    this.#params = params
  }

  /** Nothing is nothing, whether it was sent or not. */
  text(name: string): string | undefined {
    const value = this.#params.get(name)
    return value === '' ? undefined : value
  }

  /** @throws Refusal 134 */
  required(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw missingParameter(name)
    return value
  }

  /** @throws Refusal 496 for anything but `true` and `false` */
  flag(name: string): boolean | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    if (value !== 'true' && value !== 'false') throw invalidParameter(name)
    return value === 'true'
  }

  /** @throws Refusal with `code`, by default 496 */
  integer(name: string, code?: number): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    if (/^-?\d{1,15}$/.test(value)) return Number(value)
    throw code === undefined ? invalidParameter(name) : new Refusal(code)
  }

  /** Numbers by `;`. What is none shows what the platform is written in. */
  ids(name: string): readonly number[] | undefined {
    const value = this.text(name)
    if (value === undefined || value === 'all' || value === 'any') return undefined
    return value.split(';').map((each) => {
      if (/^\d{1,15}$/.test(each)) return Number(each)
      throw new Refusal(101, `For input string: "${each}"`)
    })
  }

  /** Words by `;`. */
  words(name: string): readonly string[] | undefined {
    return this.text(name)?.split(';')
  }

  page(): Page {
    const count = this.integer('count') ?? DEFAULT_COUNT
    const offset = this.integer('offset') ?? 0
    if (count < 0 || count > MOST_COUNT) throw invalidParameter('count')
    if (offset < 0 || offset > MOST_OFFSET) throw invalidParameter('offset')
    return { offset, count }
  }
}

/** A list as most commands answer it. */
export function pageOf<T, V>(all: readonly T[], { offset, count }: Page, view: (each: T) => V) {
  const result = all.slice(offset, offset + count).map(view)
  return { result, total_count: all.length, count: result.length }
}
