import t from 'tap'
import { connectionCodeOf, connectionFaultOf, systemCodeOf } from '../../../core/errors/index.ts'

const coded = (code: unknown, options?: ErrorOptions) =>
  Object.assign(new Error('open /srv/secret', options), { code })

t.test('the code of an error, and of nothing else', async (t) => {
  t.equal(systemCodeOf(coded('ENOSPC')), 'ENOSPC')
  t.equal(systemCodeOf({ code: 'ENOENT' }), 'ENOENT', 'also when it came from another thread')
  for (const other of [coded(20), new Error('no'), new DOMException('late', 'AbortError')])
    t.equal(systemCodeOf(other), undefined)
  for (const other of [null, undefined, 'ENOSPC', 7]) t.equal(systemCodeOf(other), undefined)
})

t.test('why a request broke off, however deep it stands', async (t) => {
  const failed = (cause: unknown) => new TypeError('fetch failed', { cause })
  t.equal(connectionCodeOf(failed(coded('ECONNREFUSED'))), 'ECONNREFUSED')
  const both = new AggregateError([coded('EHOSTUNREACH'), coded('ETIMEDOUT')])
  t.equal(connectionCodeOf(failed(both)), 'EHOSTUNREACH', 'of several addresses the first')
  t.equal(connectionCodeOf(coded('http://10.0.0.1/ said no')), undefined, 'words are no code')
  t.equal(connectionCodeOf('ECONNREFUSED'), undefined)
})

t.test('for people the kind of error does where there is no code', async (t) => {
  t.equal(connectionFaultOf(coded('ECONNRESET')), 'ECONNRESET')
  const late = new DOMException('over', 'TimeoutError')
  t.equal(connectionFaultOf(new TypeError('fetch failed', { cause: late })), 'TimeoutError')
  t.equal(connectionFaultOf('10.0.0.1'), 'unknown fault', 'nothing of it is repeated')
  const ring = new TypeError('round')
  ring.cause = ring
  t.equal(connectionFaultOf(ring), 'TypeError')
})
