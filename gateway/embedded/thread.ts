// The worker's entry: opens the server, then obeys its starter. SIP's timers run here, whatever the application does.
import { parentPort, workerData } from 'node:worker_threads'
import { openEmbeddedServer } from './embedded-server.ts'
import type { ServerConfig } from './server-options.ts'
import type { FromThread, ToThread } from './thread-messages.ts'

if (parentPort === null) throw new Error('This file is the entry of a worker thread.')
const port = parentPort
const tell = (message: FromThread): void => {
  port.postMessage(message)
}

const onFault = (error: unknown): void => {
  tell({
    kind: 'fault',
    text: error instanceof Error ? (error.stack ?? error.message) : String(error),
  })
}

// The last net, under `guarded`: every call hangs on this thread, so no single defect may end it.
process.on('uncaughtException', onFault)
process.on('unhandledRejection', onFault)

try {
  const server = await openEmbeddedServer(workerData as ServerConfig, onFault)
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'stats':
        tell({ kind: 'stats', id: message.id, stats: server.stats() })
        return
      case 'trace':
        void server
          .trace(message.callId)
          .then((trace) => tell({ kind: 'trace', id: message.id, trace }), onFault)
        return
      case 'call-off':
        void server
          .callOff(message.invite)
          .then((outcome) => tell({ kind: 'called-off', id: message.id, outcome }), onFault)
        return
      case 'guard':
        server.guard(message.gate)
        return
      case 'close':
        // Ends the thread only, with whatever timer or probe is still under way.
        void server.close().finally(() => process.exit(0))
        return
      default:
        message satisfies never
    }
  })
  tell({ kind: 'listening', adminPort: server.adminPort, addresses: server.addresses })
} catch (error) {
  const { code } = error as NodeJS.ErrnoException
  tell({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) })
  port.close()
}
