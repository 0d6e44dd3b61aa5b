// A recording whose writer is killed, or whose disk takes no more: what is in the file can be played as it is.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import t, { type Test } from 'tap'
import { repairWav } from '../../../bridge/record/spool.ts'
import { readWav } from '../../support/wav-reading.ts'
import { decoded, noise } from './stage.ts'

const CHILD = new URL('recording-child.ts', import.meta.url).pathname
const FLAGS = ['--disable-warning=ExperimentalWarning', CHILD]

async function freshPath(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-crash-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'one.wav')
}

function startChild(t: Test, command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

async function* linesOf({ stdout }: { readonly stdout: Readable | null }): AsyncGenerator<string> {
  if (stdout === null) return
  for await (const line of createInterface({ input: stdout })) yield line
}

/** The child says 500 frames over and over, beginning with the second. */
function expectedAudio(samples: number): Int16Array {
  const said = decoded(noise(160 * 500))
  return Int16Array.from({ length: samples }, (_, at) => said[(at + 160) % said.length] ?? 0)
}

t.test('killed at any moment, the file can be played up to a second or two before', async (t) => {
  for (const lastSecond of [3, 7, 12]) {
    const path = await freshPath(t)
    const child = startChild(t, process.execPath, [...FLAGS, path])
    for await (const line of linesOf(child)) if (line === `second ${lastSecond}`) break
    child.kill('SIGKILL')
    await once(child, 'exit')
    const { rate, channels } = await readWav(path)
    const [caller, agent] = channels
    const seconds = (caller?.length ?? 0) / rate
    t.ok(seconds >= lastSecond - 2, `${seconds} of ${lastSecond} s`)
    t.same(caller, expectedAudio(caller?.length ?? 0), 'the caller, sample for sample')
    t.equal(agent?.length, caller?.length)
    const mended = await repairWav(path)
    t.ok((mended?.durationMs ?? 0) >= seconds * 1000, 'mending loses nothing')
    t.equal((await stat(path)).size, mended?.bytes)
    await readWav(path)
  }
})

t.test('a worker that is ended leaves a file that can be mended, and no open one', async (t) => {
  const path = await freshPath(t)
  const worker = new Worker(CHILD, { argv: [path], stdout: true })
  t.teardown(() => worker.terminate())
  for await (const line of linesOf(worker)) if (line === 'second 4') break
  t.ok(await isOpen(path), 'it was open')
  await worker.terminate()
  t.notOk(await isOpen(path), 'and is no more')
  const mended = await repairWav(path)
  t.ok((mended?.durationMs ?? 0) >= 2000)
  const { channels } = await readWav(path)
  t.same(channels[0], expectedAudio((mended?.durationMs ?? 0) * 8))
})

async function isOpen(path: string): Promise<boolean> {
  const handles = await readdir('/proc/self/fd')
  const names = await Promise.all(
    // The one of this very listing is gone by now.
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  )
  return names.includes(path)
}

t.test('a disk that is full: told once, what was written stays, and nothing breaks', async (t) => {
  const path = await freshPath(t)
  // 200 blocks of 512 bytes: three seconds and a bit.
  const limited = 'ulimit -f 200; exec "$0" "$@"'
  const child = startChild(t, 'bash', ['-c', limited, process.execPath, ...FLAGS, path])
  const told: string[] = []
  for await (const line of linesOf(child)) if (!line.startsWith('second')) told.push(line)
  t.match(told[0], /^failed (EFBIG|ENOSPC)$/)
  t.match(told[1], /^kept \d+$/)
  t.equal(told.length, 2)
  const { size } = await stat(path)
  t.equal(told[1], `kept ${size}`)
  t.ok(size > 60_000, `${size} bytes`)
  const { channels } = await readWav(path)
  t.same(channels[0], expectedAudio((size - 44) / 4))
})
