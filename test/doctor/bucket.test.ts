// What the doctor says of the bucket: against a server like S3 on loopback, and one in front of it that refuses.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { S3Config } from '../../core/config/index.ts'
import { bucket } from '../../doctor/checks/bucket.ts'
import { openFaultyProxy, openS3Server } from '../support/s3-server.ts'
import { patient, textOf } from './patient.ts'

const KEY = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }

const look = async ({ bucket: name, endpoint }: Pick<S3Config, 'bucket' | 'endpoint'>) =>
  textOf(await bucket.run(patient({ ...KEY, AWS_S3_BUCKET: name, S3_ENDPOINT: endpoint ?? '' })))

t.test('nothing is said of a bucket that is not used', async (t) => {
  t.equal(textOf(await bucket.run(patient({}))), '')
})

t.test('an object comes and goes, and nothing stays', async (t) => {
  const server = await openS3Server(t)
  const proxy = await openFaultyProxy(t, server)
  t.match(
    await look(proxy.config),
    /^ok {4}bucket: an object was written, read, listed and deleted/,
  )
  const [written] = proxy.requests
  t.match(written, /^PUT \/media\/probe\/doctor-/)
  const key = written?.split(' ')[1]?.split('?')[0]
  t.ok(
    proxy.requests.some((each) => each.startsWith(`DELETE ${key}`)),
    'deleted',
  )
  t.equal((await fetch(`${server.config.endpoint}${key}`)).status, 404)
})

t.test('what the key may not do is named, with the right that is missing', async (t) => {
  const proxy = await openFaultyProxy(t, await openS3Server(t))
  const cases = [
    { step: 'write', refuses: /^PUT/, todo: /s3:PutObject/ },
    { step: 'read', refuses: /^GET \/media\/probe/, todo: /s3:GetObject/ },
    { step: 'list', refuses: /^GET \/media\/?\?/, todo: /s3:ListBucket/ },
    { step: 'delete', refuses: /^DELETE/, todo: /s3:DeleteObject/ },
  ]
  for (const { step, refuses, todo } of cases) {
    proxy.fault = ({ method = '', url = '' }) =>
      refuses.test(`${method} ${url}`)
        ? { kind: 'answer', status: 403, code: 'AccessDenied' }
        : undefined
    const seen = await look(proxy.config)
    t.match(seen, new RegExp(`^fail {2}bucket: .*to ${step} failed \\(.*AccessDenied`))
    t.match(seen, todo)
    t.notMatch(seen, 'secret-bucket')
  }
})

t.test('a bucket that is not there, and a server that is away', async (t) => {
  const { config } = await openS3Server(t)
  t.match(await look({ ...config, bucket: 'other' }), /to write failed \(.*NoSuchBucket/)
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  const away = await look({ ...config, endpoint: `http://127.0.0.1:${port}` })
  t.match(away, /^fail {2}bucket: .*to write failed \(.*ECONNREFUSED.*\n {6}→ Check AWS_S3_BUCKET/)
})
