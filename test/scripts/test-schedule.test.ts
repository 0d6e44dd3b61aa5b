// The order in which npm test runs its files: none is lost or run twice, and what the list names is there.
import { existsSync } from 'node:fs'
import t from 'tap'
import {
  allTestFiles,
  createSchedule,
  LEFT_TO_PROOF,
  LONG,
  TIMED,
} from '../../scripts/test-schedule.ts'

t.test('every file runs once', async (t) => {
  const files = allTestFiles()
  t.ok(files.length > 300, `${files.length} files`)
  const { first, timed, browsers } = createSchedule(files)
  t.same([...first.flat(), ...timed, ...browsers.flat()].toSorted(), files)
})

t.test(
  'the long ones first and alone, the short ones together, sound and browsers apart',
  async (t) => {
    const { first, timed, browsers } = createSchedule(allTestFiles())
    const inFirst = LONG.filter((file) => !file.startsWith('test/browser/'))
    t.same(
      first.slice(0, inFirst.length),
      inFirst.map((file) => [file]),
    )
    const together = first.filter(({ length }) => length > 1)
    t.ok(together.length > 20, `${together.length} processes of several files`)
    const folderOf = (file: string) => file.split('/').slice(1, -1)[0]
    t.same(
      together.filter((unit) => new Set(unit.map(folderOf)).size > 1),
      [],
      'neighbours',
    )
    t.same(
      timed,
      TIMED.filter((file) => !LEFT_TO_PROOF.includes(file)),
    )
    t.ok(browsers.flat().every((file) => file.startsWith('test/browser/')))
    t.equal(browsers.length, browsers.flat().length, 'a browser each')
  },
)

t.test('what the lists name is there, once', async (t) => {
  for (const list of [
    [...LONG, ...TIMED],
    [...LONG, ...LEFT_TO_PROOF],
  ]) {
    t.same(
      list.filter((file) => !existsSync(file)),
      [],
    )
    t.equal(new Set(list).size, list.length)
  }
  t.equal(allTestFiles().filter((file) => LEFT_TO_PROOF.includes(file)).length, 0, 'left out')
})
