// Peaks are read few at a time, once for all who ask, by a deadline, and kept no longer than their file.
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createPeakDesk, type PeakDeskConfig } from '../../../control-api/calls/peaks/peak-desk.ts'
import { ms, type OpenedMedia } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { eventually } from '../../support/build-app.ts'
import { wav } from '../../support/wav-file.ts'

/** A store of files that come when they are let. */
function slowStore(file: Buffer) {
  const waiting: (() => void)[] = []
  const opened: string[] = []
  const streams: Readable[] = []
  let most = 0
  const gone = new Set<string>()
  return {
    opened,
    gone,
    most: () => most,
    letOne: () => {
      const next = waiting.shift()
      next?.()
      return next !== undefined
    },
    store: {
      size: (key: string) => Promise.resolve(gone.has(key) ? undefined : file.length),
      open: (key: string) => {
        opened.push(key)
        const stream = new Readable({ read: () => undefined })
        waiting.push(() => {
          stream.push(file)
          stream.push(null)
        })
        streams.push(stream)
        most = Math.max(most, streams.filter(({ destroyed }) => !destroyed).length)
        return Promise.resolve({ stream, totalBytes: file.length, contentType: 'audio/wav' })
      },
    },
  }
}

function slowDesk(t: Test, config: Partial<PeakDeskConfig> = {}) {
  const slow = slowStore(
    wav(
      0.1,
      () => 1000,
      () => 2000,
    ),
  )
  const deps = { mediaStore: slow.store, logger: createLogger('silent') }
  const desk = createPeakDesk(deps, { deadline: ms(2000), comparedEvery: ms(20), ...config })
  t.teardown(() => desk.close())
  const ask = (key: string, sha256 = 'x') => desk.peaksOf({ key, sha256 })
  return { ...slow, desk, ask }
}

t.test('two at a time, one file once, and a line that ends', async (t) => {
  const { ask, opened, letOne, most } = slowDesk(t, { waiting: 2 })
  const [a, sameA, b, c, d] = [ask('a'), ask('a'), ask('b'), ask('c'), ask('d')]
  await t.rejects(ask('e'), { code: 'TOO_MANY_REQUESTS' })
  await sleep(20)
  t.same(opened, ['a', 'b'], 'one file is opened once, two files at a time')
  letOne()
  t.equal(await sameA, await a)
  await eventually('the next', () => Promise.resolve(opened.length === 3))
  for (let left = 0; left < 3; left += 1) {
    letOne()
    await sleep(20)
  }
  await Promise.all([b, c, d])
  t.equal(most(), 2)
  t.equal((await ask('a'))?.agent[0], 2000)
  t.same(opened, ['a', 'b', 'c', 'd'], 'what is kept is not read again')
})

t.test('who takes too long is let go, in the line too', async (t) => {
  const { ask, opened, letOne } = slowDesk(t, { deadline: ms(60), atOnce: 1 })
  const answers = await Promise.allSettled([ask('a'), ask('b')])
  for (const one of answers)
    t.match(one, { status: 'rejected', reason: { code: 'STORAGE_UNAVAILABLE' } })
  const again = ask('c')
  await eventually('the place is free', () => Promise.resolve(opened.includes('c')))
  while (letOne()) continue
  t.equal((await again)?.caller[0], 1000)
})

t.test('a store that opens nothing holds nobody up', async (t) => {
  const opening: ((file: OpenedMedia) => void)[] = []
  const mediaStore = {
    size: () => Promise.resolve(1),
    open: () => new Promise<OpenedMedia>((resolve) => void opening.push(resolve)),
  }
  const deps = { mediaStore, logger: createLogger('silent') }
  const desk = createPeakDesk(deps, { deadline: ms(60), atOnce: 1 })
  t.teardown(() => desk.close())
  const ask = () => desk.peaksOf({ key: 'a', sha256: 'x' })
  await t.rejects(ask(), { code: 'STORAGE_UNAVAILABLE' })
  const again = t.rejects(ask(), { code: 'STORAGE_UNAVAILABLE' })
  await eventually('the place is free', () => Promise.resolve(opening.length === 2))
  const stream = new Readable({ read: () => undefined })
  opening[0]?.({ stream, totalBytes: 1, contentType: 'audio/wav' })
  await eventually('what came too late is closed', () => Promise.resolve(stream.destroyed))
  await again
})

t.test('what is compared is the file that was kept', async (t) => {
  const sizes: (() => void)[] = []
  const { store, letOne, opened } = slowStore(
    wav(
      0.1,
      () => 1,
      () => 1,
    ),
  )
  const size = () => new Promise<undefined>((resolve) => sizes.push(() => resolve(undefined)))
  const deps = { mediaStore: { ...store, size }, logger: createLogger('silent') }
  const desk = createPeakDesk(deps, { comparedEvery: ms(10) })
  t.teardown(() => desk.close())
  const read = async (sha256: string) => {
    const asked = desk.peaksOf({ key: 'a', sha256 })
    await sleep(5)
    letOne()
    await asked
  }
  await read('x')
  await eventually('it is compared', () => Promise.resolve(sizes.length === 1))
  await sleep(50)
  t.equal(sizes.length, 1, 'not twice at once')
  await read('y')
  sizes[0]?.()
  await sleep(5)
  await read('y')
  t.equal(opened.length, 2, 'another one took its place, and stays')
})

t.test('what is kept: few, of one checksum, and no longer than the file', async (t) => {
  const { ask, desk, opened, letOne, gone } = slowDesk(t, { kept: 2 })
  const read = async (key: string, sha256?: string) => {
    const before = opened.length
    const asked = ask(key, sha256)
    await sleep(5)
    if (opened.length > before) letOne()
    await asked
    return opened.length > before
  }
  t.equal(await read('a'), true)
  t.equal(await read('a'), false)
  t.equal(await read('a', 'y'), true, 'another file of this name')
  t.equal(await read('b'), true)
  t.equal(await read('a', 'y'), false)
  t.equal(await read('c'), true)
  t.equal(await read('a', 'y'), false, 'asked for lately')
  t.equal(await read('b'), true, 'the oldest was let go')
  gone.add('b')
  await sleep(80)
  gone.delete('b')
  t.equal(await read('b'), true, 'its file was away meanwhile')
  desk.forget('b')
  t.equal(await read('b'), true)
  const running = ask('d')
  await sleep(5)
  desk.forget('d')
  letOne()
  await running
  t.equal(await read('d'), true, 'forgotten while it was read')
  const last = ask('e')
  await sleep(5)
  desk.close()
  await t.rejects(last, { code: 'STORAGE_UNAVAILABLE' })
  await t.rejects(ask('f'), { code: 'STORAGE_UNAVAILABLE' })
})

t.test('a file that cannot be read to its end', async (t) => {
  const { promise: destroyed, resolve } = Promise.withResolvers<undefined>()
  const broken = new Readable({ read: () => undefined })
  broken.push(
    wav(
      0.1,
      () => 1,
      () => 1,
    ).subarray(0, 100),
  )
  broken.once('close', () => resolve(undefined))
  const mediaStore = {
    size: () => Promise.resolve(1),
    open: () => Promise.resolve({ stream: broken, totalBytes: 5000, contentType: 'audio/wav' }),
  }
  const desk = createPeakDesk({ mediaStore, logger: createLogger('silent') })
  const asked = desk.peaksOf({ key: 'a', sha256: 'x' })
  setTimeout(() => broken.destroy(new Error('EIO')), 20)
  await t.rejects(asked, { code: 'STORAGE_UNAVAILABLE' })
  await destroyed
})
