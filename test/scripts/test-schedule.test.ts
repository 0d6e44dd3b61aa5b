// The order in which npm test runs its files: none is lost or run twice, and what the lists name is there.
import { existsSync } from 'node:fs'
import t from 'tap'
import {
  allTestFiles,
  createSchedule,
  LONG,
  WAITING,
  type Lane,
  type Schedule,
} from '../../scripts/test-schedule.ts'

const workingLane = ({ working: [first] }: Schedule): Lane => first ?? (() => undefined)
const waitingLane = ({ waiting: [first] }: Schedule): Lane => first ?? (() => undefined)

const browserLane = ({ browsers: [first] }: Schedule): Lane => first ?? (() => undefined)

const drain = (next: Lane): string[] => {
  const files: string[] = []
  for (let file = next(); file !== undefined; file = next()) files.push(file)
  return files
}

t.test('every file runs once, whichever lane is first', async (t) => {
  const files = allTestFiles()
  t.ok(files.length > 300, `${files.length} files`)
  const both = createSchedule(files)
  const waiting = drain(waitingLane(both))
  const working = drain(workingLane(both))
  const browsers = drain(browserLane(both))
  t.same([...working, ...browsers, ...waiting].toSorted(), files)
  t.ok(
    browsers.every((file) => file.startsWith('test/browser/')),
    'those with a browser apart',
  )
  t.same(waiting, WAITING)
  const long = LONG.filter((file) => !browsers.includes(file))
  t.same(working.slice(0, long.length), long, 'the longest first')
  const shared = createSchedule(files)
  const helped = [shared.helping(), shared.helping(), ...drain(workingLane(shared))]
  const others = [...drain(waitingLane(shared)), ...drain(browserLane(shared))]
  t.same([...helped, ...others].toSorted(), files, 'with help')
  t.notOk(LONG.includes(helped[0] ?? ''), 'the help takes short ones')
})

t.test('what the lists name is there, and in one of them only', async (t) => {
  const named = [...LONG, ...WAITING]
  t.same(
    named.filter((file) => !existsSync(file)),
    [],
  )
  t.equal(new Set(named).size, named.length)
})

t.test('files that are asked for run in the order they are given', async (t) => {
  const asked = ['test/b.test.ts', 'test/a.test.ts']
  t.same(drain(workingLane(createSchedule(asked))), asked)
})
