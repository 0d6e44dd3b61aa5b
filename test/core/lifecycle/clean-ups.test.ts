import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { ms } from '../../../core/contracts/index.ts'
import { CleanUps } from '../../../core/lifecycle/index.ts'

const never = new Promise<never>(() => undefined)

function build() {
  const ran: string[] = []
  const failed: unknown[] = []
  const cleanUps = new CleanUps((error, name) => failed.push([name, (error as Error).message]))
  const add = (name: string, run: () => unknown = () => undefined) =>
    cleanUps.add({
      name,
      within: ms(30),
      run: () => {
        ran.push(name)
        return run()
      },
    })
  return { ran, failed, cleanUps, add }
}

t.test('what was opened last is closed first, once', async (t) => {
  const { ran, cleanUps, add } = build()
  add('database')
  add('media', () => sleep(5))
  add('gateway')
  await Promise.all([cleanUps.run(), cleanUps.run()])
  await cleanUps.run()
  t.same(ran, ['gateway', 'media', 'database'])
  t.equal(cleanUps.current, undefined)
})

t.test('one that throws and one that hangs are told by name, and the rest is closed', async (t) => {
  const { ran, failed, cleanUps, add } = build()
  add('database')
  add('recorder', () => Promise.reject(new Error('disk full')))
  add('media', () => never)
  add('gateway', () => {
    throw new Error('a defect')
  })
  const closing = cleanUps.run()
  await sleep(10)
  t.equal(cleanUps.current, 'media', 'a watchdog can say what hangs')
  await t.rejects(closing, { message: '3 clean-ups failed' })
  t.same(ran, ['gateway', 'media', 'recorder', 'database'])
  t.same(failed, [
    ['gateway', 'a defect'],
    ['media', 'closing media took longer than 30 ms'],
    ['recorder', 'disk full'],
  ])
  await t.rejects(cleanUps.run(), 'and whoever asks again learns the same')
  t.equal(ran.length, 4)
})
