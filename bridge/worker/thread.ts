// Entry of a media worker thread: nothing but the wiring.
import { parentPort, workerData } from 'node:worker_threads'
import { AppError } from '#core/errors'
import { createLogger, logThresholdOf, openEventLoopLag } from '#core/telemetry'
import { lookAhead } from '../elevenlabs/agent-lookup.ts'
import { createConversation } from '../elevenlabs/conversation.ts'
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts'
import { takePrecedence } from './precedence.ts'
import { SessionHost } from './session-host.ts'

const port = parentPort
if (port === null) throw new AppError('INVALID_STATE', 'thread.ts runs as a worker thread only')
takePrecedence()
const birth = workerData as WorkerBirth
const post = (message: FromWorker, transferred?: readonly ArrayBuffer[]): void =>
  port.postMessage(message, transferred)
const host = new SessionHost(
  {
    // Log lines are written by the main thread, so that one destination keeps them in order.
    logger: createLogger(logThresholdOf(birth.logThreshold), {
      write: (line) => post({ type: 'log', line }),
    }),
    lag: openEventLoopLag(),
    post,
    createConversation,
  },
  birth,
)
lookAhead(birth.agent)
port.on('message', (message: ToWorker) => host.receive(message))
post({ type: 'ready' })
