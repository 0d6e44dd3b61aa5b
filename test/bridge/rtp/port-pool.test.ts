// RTP ports: bounded, in pairs, rested after use, never leaked.
import t, { type Test } from 'tap'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { partitionPorts, PortPool } from '../../../bridge/rtp/port-pool.ts'
import { openRtpSocketPair } from '../../../bridge/rtp/rtp-socket.ts'

function stage(min: number, max: number) {
  const clock = { now: 0 }
  const pool = new PortPool({ min, max, quarantineMs: 5000, now: () => clock.now })
  const acquire = () => pool.acquire(async (port) => port)
  return { clock, pool, acquire }
}

t.test('even ports, each once, then MEDIA_EXHAUSTED', async (t) => {
  const { pool, acquire } = stage(20_001, 20_011)
  const ports = await Promise.all([acquire(), acquire(), acquire(), acquire(), acquire()])
  t.same([...ports].sort(), [20_002, 20_004, 20_006, 20_008, 20_010])
  t.equal(pool.inUse, 5)
  await t.rejects(acquire(), { code: 'MEDIA_EXHAUSTED' })
  t.equal(pool.inUse, 5)
})

t.test('a pair lies within the range whole', async (t) => {
  const { acquire } = stage(20_000, 20_002)
  t.equal(await acquire(), 20_000)
  await t.rejects(acquire(), { code: 'MEDIA_EXHAUSTED' }, 'RTCP of 20002 would be outside')
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

const HANDLERS = { onDatagram: () => undefined, onRtcp: () => undefined, onError: () => undefined }

/** A port of the system's choice, taken by somebody else until the test is over. */
async function takenPort(t: Test, wanted: 'even' | 'odd'): Promise<number> {
  for (;;) {
    const other = createSocket('udp4')
    other.bind(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address()
    if ((port % 2 === 0) === (wanted === 'even') && port < 65_000) {
      t.teardown(() => other.close())
      return port
    }
    other.close()
  }
}

for (const wanted of ['even', 'odd'] as const) {
  t.test(`a pair whose ${wanted} port another program holds is passed over`, async (t) => {
    const even = (await takenPort(t, wanted)) & ~1
    const tried: number[] = []
    const { pool } = stage(even, even + 11)
    const open = async () => {
      const pair = await pool.acquire((port) => {
        tried.push(port)
        return openRtpSocketPair('127.0.0.1', port, HANDLERS)
      })
      t.teardown(() => pair.close())
      return pair.port
    }
    const opened = await Promise.all([open(), open(), open()])
    t.notOk(opened.includes(even), 'never the half one')
    // The ring starts anywhere: all that is left is tried, the taken pair too.
    await t.rejects(Promise.all([open(), open(), open()]), { code: 'MEDIA_EXHAUSTED' })
    t.ok(tried.includes(even), 'though it was tried')
    const again = createSocket('udp4')
    again.bind(wanted === 'even' ? even + 1 : even, '127.0.0.1')
    await once(again, 'listening')
    again.close()
    t.pass('and its other port was given back')
  })
}

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
  t.throws(() => partitionPorts({ min: 20_000, max: 20_002 }, 2), { code: 'CONFIGURATION_INVALID' })
  t.throws(() => partitionPorts({ min: 20_000, max: 20_001 }, 2), { code: 'CONFIGURATION_INVALID' })
})
