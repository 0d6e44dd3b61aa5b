// A short slice of `npm run proof -- http-fuzz`, and proof that its judge can say no.
import fc from 'fast-check'
import t from 'tap'
import { AnswerJudge } from '../../proof/http-fuzz/answer-judge.ts'
import { readOperations, type ApiDescription } from '../../proof/http-fuzz/api-description.ts'
import { ValuesOf } from '../../proof/http-fuzz/arbitrary-value.ts'
import { httpFuzz } from '../../proof/http-fuzz/http-fuzz.ts'
import { SILENT } from '../../proof/progress.ts'

t.test('requests made from the document: none fails on our side', async (t) => {
  const count = 600
  const { problems, evidence, figures } = await httpFuzz.run({
    ...{ seed: 20_260_401, count, transport: 'udp' },
    progress: SILENT,
  })
  t.same(problems, [], 'each answer is as documented', { evidence, figures })
  // Neither too wild nor too tame: a good part was done as asked, and a good part refused. Most routes are of a thing by
  // its id, which a made-up one never is.
  const [line = '', operations = ''] = figures
  for (const kind of ['2xx', '4xx']) {
    const share = Number(new RegExp(`(\\d+) ${kind}`).exec(line)?.[1] ?? 0) / count
    t.ok(share > 0.1, `${kind}: ${share}`)
  }
  t.ok(Number.parseInt(operations) > 15, operations)
})

const problem = { $ref: '#/components/schemas/Problem' }
const item = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
const refusal = { content: { 'application/problem+json': { schema: problem } } }
const description: ApiDescription = {
  components: {
    schemas: {
      Problem: {
        type: 'object',
        required: ['status', 'code'],
        properties: { status: { type: 'integer' }, code: { type: 'string' } },
      },
    },
  },
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'getThing',
        responses: {
          200: { content: { 'application/json': { schema: item } } },
          204: {},
          404: refusal,
          501: refusal,
          default: refusal,
        },
      },
    },
  },
}

t.test('the judge knows an answer that was not promised', async (t) => {
  const judge = new AnswerJudge(description)
  const [operation] = readOperations(description)
  if (!operation) throw new Error('no operation')
  const json = 'application/json; charset=utf-8'
  const says = (status: number, text: string, type = json): string | undefined =>
    judge.judge(operation, { status, type, text })
  const refused = (status: number, code: string, said = status): string | undefined =>
    says(status, JSON.stringify({ status: said, code }), 'application/problem+json')

  t.equal(says(200, '{"id":"a"}'), undefined)
  t.equal(says(204, ''), undefined)
  t.equal(refused(404, 'NOT_FOUND'), undefined)
  t.equal(refused(501, 'PROVIDER_NOT_CONFIGURED'), undefined)
  t.equal(refused(400, 'REQUEST_INVALID'), undefined)

  t.match(says(200, '{"id":1}'), /must be string/)
  t.match(says(200, '{}'), /must have required property/)
  t.match(says(200, '"a"', 'text/plain'), /comes as "text\/plain"/)
  t.match(says(204, 'a'), /no body/)
  t.match(says(404, '{"status":404,"code":"NOT_FOUND"}'), /comes as "application\/json"/)
  t.match(refused(500, 'INTERNAL'), /^500/)
  t.match(refused(503, 'DATABASE_UNAVAILABLE'), /^503/)
  t.match(refused(404, 'NO_SUCH_CODE'), /not in docs\/errors.md/)
  t.match(refused(404, 'REQUEST_INVALID'), /should be 400/)
  t.match(refused(404, 'NOT_FOUND', 400), /says 400/)
})

t.test('what is made of a schema is allowed by it; what is mutated mostly is not', async (t) => {
  const schema = {
    type: 'object',
    required: ['to'],
    additionalProperties: false,
    properties: {
      to: { type: 'string', pattern: '^\\+[1-9]\\d{6,14}$' },
      kind: { enum: ['a', 'b'] },
      count: { type: 'integer', minimum: 1, maximum: 5 },
      either: { anyOf: [{ type: 'null' }, { type: 'array', items: { type: 'boolean' } }] },
    },
  }
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const validate = new Ajv2020({ strict: false }).compile(schema)
  const values = new ValuesOf({}, {})
  const options = { seed: 1, numRuns: 300 }
  t.same(
    fc.sample(values.valid(schema), options).filter((value) => !validate(value)),
    [],
  )
  const allowed = fc.sample(values.mutated(schema), options).filter((value) => validate(value))
  t.ok(allowed.length < 150, `${allowed.length} of 300 are still allowed`)
})
