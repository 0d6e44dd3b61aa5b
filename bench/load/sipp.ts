// Debian's SIPp as the caller and as the peer: its own last line of statistics says how a run went.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pinned } from '../process/pinning.ts'
import { processCpuMs } from '../report/machine.ts'

export const hasSipp = spawnSync('sipp', ['-v']).error === undefined

const HOST = '127.0.0.1'
/** What is not over by then was not kept up, whatever becomes of it. */
const GRACE_SECONDS = 2
/** SIPp binds before it says so; nothing else tells. */
const UAS_START_MS = 500
/** SIPp's own limit of calls at a time would lower the rate in silence. */
const CALLS_AT_A_TIME = 100_000

export interface SippOrder {
  readonly port: number
  /** Calls a second. */
  readonly rate: number
  readonly seconds: number
  /** ACK to BYE. */
  readonly holdMs: number
  readonly core?: number | undefined
}

export interface SippResult {
  readonly created: number
  readonly successful: number
  readonly failed: number
  readonly retransmissions: number
  /** INVITE to 200 OK, the mean. */
  readonly answerMs: number
  /** 255 is a time-out. */
  readonly exitCode: number | null
  /** Calls a second really begun, by SIPp's own clock. */
  readonly rate: number
  /** Every call went through, and SIPp was not held back. */
  readonly clean: boolean
}

/** SIPp's built-in caller for so many seconds, to the end of its last call. */
export async function callWithSipp(order: SippOrder): Promise<SippResult> {
  const { holdMs, port, rate, seconds } = order
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-sipp-'))
  const total = Math.round(rate * seconds)
  const args = [
    ...['-sn', 'uac', `${HOST}:${port}`, '-i', HOST, '-p', String(await freePort())],
    ...['-mp', String(await freePort()), '-s', '4930111222', '-d', String(holdMs), '-nostdin'],
    ...['-r', String(rate), '-m', String(total), '-l', String(CALLS_AT_A_TIME)],
    // Without `timeout_error` it waits for the last retransmission after the time-out: half a minute.
    ...['-timeout', String(seconds + holdMs / 1000 + GRACE_SECONDS), '-timeout_error'],
    ...['-trace_stat', '-stf', 'statistics.csv', '-fd', '1'],
  ]
  const startedAt = performance.now()
  const child = start(args, folder, order.core)
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  const lastedSeconds = (performance.now() - startedAt) / 1000
  try {
    const counts = readStatistics(join(folder, 'statistics.csv'))
    // It begins calls for `seconds`, then waits for the last; a caller that was held back begins them for longer.
    const begunWithin = Math.max(seconds, lastedSeconds - holdMs / 1000)
    const keptUp = begunWithin < seconds * KEPT_UP_WITHIN + KEPT_UP_GRACE_SECONDS
    const clean = exitCode === 0 && counts.failed === 0 && counts.successful === total && keptUp
    return { ...counts, exitCode, rate: counts.created / begunWithin, clean }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A backlog that is worked off after the last call is no rate that was kept. */
const KEPT_UP_WITHIN = 1.02
const KEPT_UP_GRACE_SECONDS = 0.3

export interface SippServer {
  readonly port: number
  cpuMs(): number
  stop(): Promise<void>
}

/** SIPp's built-in answering side: what the exchange costs in C++. */
export async function answerWithSipp(core: number | undefined): Promise<SippServer> {
  const folder = mkdtempSync(join(tmpdir(), 'voicegate-sipp-'))
  const port = await freePort()
  const args = ['-sn', 'uas', '-i', HOST, '-p', String(port), '-mp', String(await freePort())]
  const child = start([...args, '-nostdin'], folder, core)
  const exited = once(child, 'exit')
  await sleep(UAS_START_MS)
  return {
    port,
    cpuMs: () => processCpuMs(child.pid ?? 0),
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function start(args: readonly string[], cwd: string, core: number | undefined): ChildProcess {
  const [command = '', ...rest] = pinned(['sipp', ...args], core)
  return spawn(command, rest, { cwd, stdio: 'ignore' })
}

function readStatistics(file: string): Omit<SippResult, 'exitCode' | 'rate' | 'clean'> {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const names = lines[0]?.split(';') ?? []
  const values = lines.at(-1)?.split(';') ?? []
  const text = (name: string): string => values[names.indexOf(name)] ?? ''
  const count = (name: string): number => Number(text(name))
  return {
    created: count('TotalCallCreated'),
    successful: count('SuccessfulCall(C)'),
    failed: count('FailedCall(C)'),
    retransmissions: count('Retransmissions(C)'),
    answerMs: milliseconds(text('ResponseTime1(C)')),
  }
}

/** `00:00:00:006000`: hours, minutes, seconds, microseconds. */
function milliseconds(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0, micros = 0] = text.split(':').map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + micros / 1000
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
