import t from 'tap'
import { createLogger, type Logger } from '../../../core/telemetry/index.ts'
import { processorMs } from '../../support/processor-time.ts'

function logged(write: (logger: Logger) => void): string {
  const lines: string[] = []
  write(createLogger('debug', { write: (line) => void lines.push(line) }))
  return lines.join('')
}

t.test('personal values and secrets never reach the log', async (t) => {
  const lines: string[] = []
  const logger = createLogger('info', { write: (line) => void lines.push(line) })
  logger.child({ callId: 'call_1' }).info(
    {
      pii: { caller: '+4930999888' },
      apiKey: 'planted',
      req: { headers: { authorization: 'Bearer planted' } },
    },
    'a call',
  )
  logger.info({ call: { pii: { text: '+4930999888' }, secret: 'planted' } }, 'nested')
  const log = lines.join('')
  t.notMatch(log, /999888|planted/)
  t.match(log, /"callId":"call_1"/)
  t.match(log, /\[redacted\]/)
})

t.test('an error is told without what libraries hang on it', async (t) => {
  const cause = Object.assign(new TypeError('Invalid URL'), {
    input: 'planted',
    cause: 'no number',
  })
  const error = Object.assign(new Error('it broke', { cause }), {
    code: 'ECONNRESET',
    status: 486,
    errors: [new RangeError('first')],
    res: { raw: 'planted' },
    headers: ['planted'],
    pii: 'planted',
  })
  const line = logged((logger) => logger.error({ err: error }, 'broken'))
  t.notMatch(line, /planted/)
  t.match(JSON.parse(line), {
    err: {
      type: 'Error',
      message: 'it broke',
      code: 'ECONNRESET',
      status: 486,
      stack: /^Error: it broke\n +at /,
      cause: { type: 'TypeError', message: 'Invalid URL', cause: { message: 'no number' } },
      errors: [{ type: 'RangeError', message: 'first' }],
    },
  })
})

t.test('what another thread has logged is told again as it was', async (t) => {
  const first = logged((logger) => logger.error({ err: new TypeError('it broke') }, 'broken'))
  const told = (JSON.parse(first) as { err: object }).err
  const again = logged((logger) => logger.error({ err: told }, 'broken'))
  t.same((JSON.parse(again) as { err: object }).err, told)
})

t.test('whatever is thrown can be told', async (t) => {
  const circle: { cause?: unknown } = {}
  circle.cause = circle
  for (const err of ['words', 7, null, {}, Object.create(null), [], circle]) {
    const line = logged((logger) => logger.error({ err }, 'thrown'))
    t.match(JSON.parse(line), { err: { type: String, message: String } })
  }
})

t.test('what throws when it is read is told as such', (t) => {
  const getter = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('planted')
    },
  })
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const err of [getter, proxy, { cause: proxy }]) {
    const line = logged((logger) => logger.error({ err }, 'thrown'))
    t.match(JSON.parse(line), { err: { message: 'an error that cannot be read' }, msg: 'thrown' })
    t.notMatch(line, /planted/)
  }
  t.end()
})

t.test('the line of an error has a bound, however large or manifold it is', (t) => {
  const text = `"+49 30 99 98 88 \\ ${'a123 "'.repeat(2_000_000)}`
  const long = logged((logger) => logger.error({ err: new Error(text), text }, 'broken'))
  t.ok(long.length < 64 * 1024, `${long.length} letters`)
  t.notMatch(long, /99.98/)
  t.ok(JSON.parse(long))
  const manifold = new AggregateError([], 'many')
  manifold.errors = Array.from({ length: 10 }, () => manifold)
  const many = logged((logger) => logger.error({ err: manifold }, 'broken'))
  t.ok(many.length < 64 * 1024, `${many.length} letters`)
  t.end()
})

t.test('a text that strangers made long to read is masked in no time', (t) => {
  const ms = processorMs(() => {
    for (const part of ['http://', 'sip:', '+ 1 ', '%2b%20', '1234567a', '"\\'])
      logged((logger) => logger.info({ text: part.repeat(400_000) }, 'long'))
  })
  t.ok(ms < 500, `${ms} ms`)
  t.end()
})

t.test('numbers, users and queries are masked wherever they slipped into a text', async (t) => {
  const slipped = [
    '+4930999888',
    'call +49 30 999 888 now',
    'call +49 30 99 98 88 now',
    'tel:+49-30-999888',
    '%2B4930999888',
    '+49%2030%20999%20888',
    'sip:4930999888@127.0.0.1',
    'sip:planted:planted@127.0.0.1',
    'wss://planted@host/path?token=planted',
    'https://host/path?number=planted',
    `https://host/${'path'.repeat(500)}?token=planted`,
    'a line\n4930999888',
    '"4930999888"',
  ]
  for (const text of slipped) {
    const err = new Error(text, { cause: new Error(text) })
    const line = logged((logger) =>
      logger.child({ bound: text }).warn({ a: { b: [text] }, err }, text),
    )
    t.notMatch(line, /planted|30999888|30.999|999888|99.98/, text)
    t.ok(JSON.parse(line), 'still a line of JSON')
  }
})

t.test('ids, times, sizes, addresses and places in the code stay', async (t) => {
  const kept = {
    callId: 'call_01234567890123456789012345678901',
    uuid: '12345678-1234-1234-1234-123456789012',
    at: '2026-10-04T12:00:00.000Z',
    bytes: 123456789,
    remote: '127.0.0.1:45060',
    ratio: '0.1234567',
    url: 'https://api.elevenlabs.io/v1',
    uri: 'sip:127.0.0.1:5060',
    place: 'file.ts:123:45',
  }
  t.match(JSON.parse(logged((logger) => logger.info(kept, 'kept'))), kept)
})
