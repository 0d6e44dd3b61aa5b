// A registration on a SIP port played by the test, with time that passes only when the test says so.
import { mock } from 'node:test'
import type { Test } from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import type { RegisterOutcome, RegisterRequest } from '../../../gateway/sip/sip-port.ts'
import { startRegistration } from '../../../gateway/trunks/registration.ts'
import { accountTrunk } from '../../../core/config/account-trunk.ts'

export const USER = '883140776920289'
export const PASSWORD = 'planted-secret'

/** Asks the registrar has not answered yet, and those it has. */
export class FakeRegistrar {
  readonly asked: RegisterRequest[] = []
  readonly #waiting: PromiseWithResolvers<RegisterOutcome>[] = []
  isConnected = true

  register(request: RegisterRequest): Promise<RegisterOutcome> {
    this.asked.push(request)
    if (!this.isConnected) return Promise.reject(new AppError('SIP_UNAVAILABLE', 'away'))
    const answer = Promise.withResolvers<RegisterOutcome>()
    this.#waiting.push(answer)
    return answer.promise
  }

  /** Answers the request that has waited longest. */
  answer(status: number, more: Partial<RegisterOutcome> = {}): Promise<void> {
    const outcome = {
      expiresSeconds: 3600,
      minExpiresSeconds: undefined,
      retryAfterSeconds: undefined,
    }
    this.#waiting.shift()?.resolve({ status, ...outcome, ...more })
    return settle()
  }

  fail(code: 'SIP_UNAVAILABLE' | 'TIMED_OUT'): Promise<void> {
    this.#waiting.shift()?.reject(new AppError(code, 'as the test says'))
    return settle()
  }
}

/** Lets promises that are due run; setImmediate is not mocked. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export function stage(t: Test, { random = 0 }: { random?: number } = {}) {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let now = 1_700_000_000_000
  const clock = { ...createClock(), now: () => epochMs(now) }
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) })
  const metrics = createMetrics()
  const registrar = new FakeRegistrar()
  const domain = 'sip.exolve.example'
  const trunk = accountTrunk(
    { name: 'exolve', user: USER, password: PASSWORD, domain, proxy: 'sip:192.0.2.9' },
    'EXOLVE_SIP_USER and EXOLVE_SIP_PASS',
  )
  if (!trunk.account) throw new Error('an account')
  const deps = { logger, clock, metrics, sip: registrar, random: () => random }
  const registration = startRegistration(deps, trunk, trunk.account)
  return {
    registrar,
    registration,
    lines,
    now: () => now,
    word: () => registration.view().registration,
    /** Time passes, and what was due has happened. */
    pass: async (milliseconds: number): Promise<void> => {
      // In steps, so that a timer set by another finds the right time.
      for (let left = milliseconds; left > 0;) {
        const step = Math.min(left, 50)
        now += step
        mock.timers.tick(step)
        left -= step
      }
      await settle()
    },
    metric: async (): Promise<number> => {
      const { body } = await metrics.render()
      return Number(/^voicegate_trunk_registered\{trunk="exolve"\} (\d)/m.exec(body)?.[1])
    },
  }
}
