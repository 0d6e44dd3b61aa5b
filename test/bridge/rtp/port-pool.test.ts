// RTP ports: bounded, even, rested after use, never leaked.
import t from 'tap'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { partitionPorts, PortPool } from '../../../bridge/rtp/port-pool.ts'
import { openRtpSocket } from '../../../bridge/rtp/rtp-socket.ts'

function stage(min: number, max: number) {
  const clock = { now: 0 }
  const pool = new PortPool({ min, max, quarantineMs: 5000, now: () => clock.now })
  const acquire = () => pool.acquire(async (port) => port)
  return { clock, pool, acquire }
}

t.test('even ports, each once, then MEDIA_EXHAUSTED', async (t) => {
  const { pool, acquire } = stage(20_001, 20_010)
  const ports = await Promise.all([acquire(), acquire(), acquire(), acquire(), acquire()])
  t.same([...ports].sort(), [20_002, 20_004, 20_006, 20_008, 20_010])
  t.equal(pool.inUse, 5)
  await t.rejects(acquire(), { code: 'MEDIA_EXHAUSTED' })
  t.equal(pool.inUse, 5)
})

t.test('a port rests five seconds; releasing it twice is harmless', async (t) => {
  const { clock, pool, acquire } = stage(20_000, 20_001)
  const port = await acquire()
  pool.release(port)
  pool.release(port)
  pool.release(1)
  t.equal(pool.inUse, 0)
  clock.now = 4999
  await t.rejects(acquire(), { code: 'MEDIA_EXHAUSTED' })
  clock.now = 5000
  t.equal(pool.available, 1)
  t.equal(await acquire(), port)
})

t.test('starts differ', async (t) => {
  const starts = new Set<number>()
  for (let round = 0; round < 20; round += 1) starts.add(await stage(20_000, 29_999).acquire())
  t.ok(starts.size > 10)
})

t.test('a port another program holds is passed over', async (t) => {
  const other = createSocket('udp4')
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const taken = other.address().port
  const even = taken - (taken % 2)
  const tried: number[] = []
  const { pool } = stage(even, even + 3)
  const handlers = { onDatagram: () => undefined, onError: () => undefined }
  const socket = await pool.acquire((port) => {
    tried.push(port)
    // The odd neighbour stands for the even port, so that the test need not find a free pair.
    return openRtpSocket('127.0.0.1', port === even ? taken : port, handlers)
  })
  t.equal(socket.port, even + 2)
  t.equal(pool.inUse, 1)
  await socket.close()
  await socket.close()
})

t.test('any other failure gives the port back', async (t) => {
  const { clock, pool } = stage(20_000, 20_001)
  await t.rejects(
    pool.acquire(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  )
  t.equal(pool.inUse, 0)
  clock.now = 5000
  t.equal(pool.available, 1)
})

t.test('ten thousand calls later the pool is full', async (t) => {
  const { clock, pool, acquire } = stage(20_000, 20_199)
  for (let call = 0; call < 10_000; call += 1) {
    clock.now += 51
    pool.release(await acquire())
  }
  clock.now += 5000
  t.equal(pool.available, 100)
})

t.test('parts of a range are even, disjoint and complete', async (t) => {
  t.same(partitionPorts({ min: 20_000, max: 20_009 }, 2), [
    { min: 20_000, max: 20_003 },
    { min: 20_004, max: 20_009 },
  ])
  t.same(partitionPorts({ min: 20_001, max: 20_004 }, 1), [{ min: 20_002, max: 20_004 }])
  t.throws(() => partitionPorts({ min: 20_000, max: 20_001 }, 2), { code: 'CONFIGURATION_INVALID' })
})
