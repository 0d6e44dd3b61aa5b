// The simulated outside world (carrier, agent, Twilio, Voximplant, D-ID and HeyGen) in a thread of its own, so that it does not share one with what it tests.
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { FromWorld, ToWorld, WorldAddresses } from './messages.ts'

export interface World {
  readonly addresses: WorldAddresses
  close(): Promise<void>
}

const START_DEADLINE = ms(10_000)
const CLOSE_DEADLINE = ms(3000)

/** Starts all simulators on free loopback ports. @throws AppError `TIMED_OUT`; Error with the thread's own words. */
export async function startWorld(): Promise<World> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url))
  const ready = Promise.withResolvers<WorldAddresses>()
  const closed = Promise.withResolvers<undefined>()
  worker.on('message', (message: FromWorld) => {
    if (message.type === 'ready') ready.resolve(message.addresses)
    else if (message.type === 'failed') ready.reject(new Error(message.message))
    else closed.resolve(undefined)
  })
  worker.on('error', (error) => ready.reject(error))
  worker.on('exit', () => closed.resolve(undefined))
  const started = waitFor(ready.promise, { name: 'the simulators', timeout: START_DEADLINE })
  const addresses = await started.catch(async (error: unknown) => {
    await worker.terminate()
    throw error
  })
  const close = async (): Promise<void> => {
    worker.postMessage({ type: 'close' } satisfies ToWorld)
    // A simulator that hangs must not keep the product from stopping: the thread is ended either way.
    await waitFor(closed.promise, {
      name: 'the simulators to close',
      timeout: CLOSE_DEADLINE,
    }).catch(() => undefined)
    await worker.terminate()
  }
  return { addresses, close }
}
