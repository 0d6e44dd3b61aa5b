// npm run proof -- http-fuzz: requests made from the OpenAPI document, right and nearly right, to every operation. None
// is answered with a fault of ours, and every answer is one that the document promises.
import fc from 'fast-check'
import { buildApp, type BuiltApp } from '../../test/support/build-app.ts'
import type { Proof, ProofOptions, ProofReport } from '../proof.ts'
import { AnswerJudge, type Answer } from './answer-judge.ts'
import { readOperations, type ApiDescription, type Operation } from './api-description.ts'
import { requestsTo, type FuzzRequest } from './arbitrary-request.ts'
import { ValuesOf } from './arbitrary-value.ts'
import { fillWorld } from './fuzz-world.ts'
import { KnownValues } from './known-values.ts'

export const httpFuzz: Proof = {
  about:
    'requests made from the OpenAPI document: none fails on our side, each answer is as documented',
  defaultCount: 100_000,
  run: (options) => new HttpFuzz(options).run(),
}

/** Rounds over all operations: what one creates, the next finds. */
const ROUNDS = 4
const MAX_PROBLEMS = 20
/** Upgraded to a WebSocket, or endless: their own tests have them. */
const ANSWER_TIMEOUT_MS = 10_000

class HttpFuzz {
  readonly #options: ProofOptions
  readonly #problems: string[] = []
  readonly #evidence: string[] = []
  readonly #tally = new Map<string, number>()
  readonly #known = new KnownValues()
  #asked = 0

  constructor(options: ProofOptions) {
    this.#options = options
  }

  async run(): Promise<ProofReport> {
    const ends: (() => unknown)[] = []
    const defect = (error: unknown): void => this.#problem(`thrown: ${String(error)}`, '')
    process.on('uncaughtException', defect)
    process.on('unhandledRejection', defect)
    try {
      const app = await buildApp({
        teardown: (end) => void ends.unshift(end as () => unknown),
        error: (error) => {
          defect(error)
          return false
        },
      })
      await fillWorld(app, this.#known)
      await this.#fuzz(app)
    } finally {
      for (const end of ends) await end()
      process.off('uncaughtException', defect)
      process.off('unhandledRejection', defect)
    }
    return { figures: this.#figures(), problems: this.#problems, evidence: this.#evidence }
  }

  async #fuzz(app: BuiltApp): Promise<void> {
    const description = (await (await app.request('/openapi.json')).json()) as ApiDescription
    const operations = readOperations(description)
    const judge = new AnswerJudge(description)
    const runs = Math.max(1, Math.round(this.#options.count / operations.length / ROUNDS))
    for (let round = 0; round < ROUNDS; round++)
      for (const operation of operations) {
        const values = new ValuesOf(this.#known.all(), description.components.schemas)
        await this.#fuzzOne(app, operation, values, judge, { round, runs })
        this.#options.progress.at(this.#asked, () => operation.id)
      }
    if ((await app.request('/health')).status !== 200) this.#problem('/health does not answer', '')
  }

  async #fuzzOne(
    app: BuiltApp,
    operation: Operation,
    values: ValuesOf,
    judge: AnswerJudge,
    { round, runs }: { readonly round: number; readonly runs: number },
  ): Promise<void> {
    if (this.#problems.length >= MAX_PROBLEMS) return
    const property = fc.asyncProperty(requestsTo(operation, values), async (request) => {
      const answer = await ask(app, request)
      this.#asked += 1
      this.#count(operation, answer)
      if (answer.status < 300) this.#known.learn(answer.text)
      const fault = judge.judge(operation, answer)
      if (fault !== undefined) throw new Error(fault)
    })
    const seed = (this.#options.seed + round) | 0
    const result = await fc.check(property, { seed, numRuns: runs, endOnFailure: true })
    if (!result.failed) return
    const why = String(
      result.errorInstance instanceof Error ? result.errorInstance.message : result.errorInstance,
    )
    this.#problem(`${operation.id}: ${why}`, JSON.stringify(result.counterexample))
  }

  #count(operation: Operation, { status }: Answer): void {
    const kind = `${String(status)[0]}xx`
    this.#tally.set(kind, (this.#tally.get(kind) ?? 0) + 1)
    if (status < 300) this.#tally.set(operation.id, (this.#tally.get(operation.id) ?? 0) + 1)
  }

  #figures(): readonly string[] {
    const kinds = [...this.#tally].filter(([name]) => /^\dxx$/.test(name)).toSorted()
    const done = this.#tally.size - kinds.length
    return [
      `${this.#asked} requests: ${kinds.map(([name, count]) => `${count} ${name}`).join(', ')}`,
      `${done} operations did what was asked at least once`,
    ]
  }

  #problem(text: string, evidence: string): void {
    this.#problems.push(text)
    if (evidence !== '') this.#evidence.push(evidence.slice(0, 4000))
  }
}

async function ask(app: BuiltApp, { target, method, headers, body }: FuzzRequest): Promise<Answer> {
  const response = await app.request(target, {
    method,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    ...(body === undefined || method === 'GET' ? {} : { body }),
  })
  const type = response.headers.get('content-type') ?? ''
  return { status: response.status, type, text: await response.text() }
}
