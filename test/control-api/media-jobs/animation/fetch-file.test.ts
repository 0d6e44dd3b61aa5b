// Files of the internet: how slowly they may come, and what room there must be for them.
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  fetchFile,
  PHOTO_LIMITS,
  RESULT_LIMITS,
  type FetchLimits,
} from '../../../../control-api/media-jobs/animation/fetch-file.ts'
import { createEndpointPolicy } from '../../../../control-api/webhooks/endpoint-policy.ts'
import { freshDataDir } from '../../../support/build-app.ts'

const policy = createEndpointPolicy({ allowHosts: [], allowLoopback: true })

async function startServer(t: Test, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
}

/** A byte now and then: never idle, never done. */
function trickle(t: Test, response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 10)
  t.teardown(() => clearInterval(timer))
}

async function fetched(t: Test, url: string, limits: FetchLimits, maxBytes = 1e6) {
  const folder = await freshDataDir(t)
  const signal = AbortSignal.timeout(20_000)
  const file = { url, path: join(folder, 'one'), maxBytes, signal }
  return { folder, answer: fetchFile(policy, file, limits) }
}

t.test('what comes too slowly on average is given up, though it is never idle', async (t) => {
  const url = await startServer(t, (response) => trickle(t, response))
  const leastRate = { afterMs: 100, bytesPerSecond: 64 * 1024 }
  const { answer } = await fetched(t, url, { ...RESULT_LIMITS, leastRate })
  t.same(await answer, { kind: 'failed', why: 'it comes too slowly' })
})

t.test('what is quick enough comes, however long it takes', async (t) => {
  const url = await startServer(t, (response) => {
    response.write('x'.repeat(100))
    setTimeout(() => response.end('y'), 200)
  })
  const leastRate = { afterMs: 50, bytesPerSecond: 1 }
  const { answer } = await fetched(t, url, { ...RESULT_LIMITS, leastRate })
  t.match(await answer, { kind: 'fetched', bytes: 101 })
})

t.test('all of it has a deadline', async (t) => {
  const url = await startServer(t, (response) => trickle(t, response))
  const { answer } = await fetched(t, url, { ...PHOTO_LIMITS, totalMs: 200 })
  t.same(await answer, { kind: 'failed', why: 'it was not there within 0.2 s' })
})

t.test('a link to a photo holds nobody up for long; a result may take its time', async (t) => {
  t.match(PHOTO_LIMITS, { idleMs: 10_000, totalMs: 45_000 })
  t.match(RESULT_LIMITS, { totalMs: 600_000, leastRate: { afterMs: 60_000 } })
})

t.test('nothing is begun for which the disk has no room', async (t) => {
  const long = 2 ** 52
  const url = await startServer(t, (response) => {
    response.writeHead(200, { 'content-length': long })
    response.write('x')
  })
  const told = await fetched(t, url, RESULT_LIMITS, long)
  await t.rejects(told.answer, { code: 'STORAGE_UNAVAILABLE' })
  t.same(await readdir(told.folder), [])
  const silent = await startServer(t, (response) => response.end('x'))
  const untold = await fetched(t, silent, RESULT_LIMITS, long)
  t.match(await untold.answer, { kind: 'fetched' }, 'a short one tells its length')
  const chunked = await startServer(t, (response) => trickle(t, response))
  const unending = await fetched(t, chunked, RESULT_LIMITS, long)
  await t.rejects(unending.answer, { code: 'STORAGE_UNAVAILABLE' })
})
