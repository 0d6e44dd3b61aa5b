// The folder of a run is gone with it: at its end, at its failure, and when the whole process is ended.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { withFolder } from '../../proof/temporary-folder.ts'

const MODULE = JSON.stringify(join(import.meta.dirname, '../../proof/temporary-folder.ts'))

t.test('it is there for as long as it is used, and no listener stays', async (t) => {
  const before = process.listenerCount('exit')
  const used = await withFolder('test', async (folder) => {
    t.ok(existsSync(folder))
    return folder
  })
  t.notOk(existsSync(used))
  await t.rejects(
    withFolder('test', () => Promise.reject(new Error('it broke'))),
    { message: 'it broke' },
  )
  t.equal(process.listenerCount('exit'), before)
})

t.test('a process that is told to end in the middle of it leaves nothing', async (t) => {
  const program = `
    const { withFolder } = await import(${MODULE})
    await withFolder('test', async (folder) => { console.log(folder); process.exit(0) })`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 })
  t.match(stdout, /voicegate-test-/)
  t.notOk(existsSync(stdout.trim()))
})
