// Somebody who listens to GET /api/events of a test's application.
import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import { eventually, type BuiltApp } from './build-app.ts'

export interface EventMessage {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly call_id: string | null
  readonly data: Record<string, unknown>
}

export class EventListener {
  readonly messages: EventMessage[] = []
  readonly socket: WebSocket

  constructor(socket: WebSocket, ignored: readonly string[]) {
    this.socket = socket
    socket.on('message', (text: Buffer) => {
      const message = JSON.parse(text.toString()) as EventMessage
      if (!ignored.includes(message.type)) this.messages.push(message)
    })
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type)
  }

  of(type: string): EventMessage[] {
    return this.messages.filter((message) => message.type === type)
  }

  /** Waits for so many, of one type when it is named. */
  heard(count: number, type?: string): Promise<void> {
    const some = (): readonly unknown[] => (type === undefined ? this.messages : this.of(type))
    const what = `${count} messages ${type ?? ''}, there are ${this.types.join()}`
    return eventually(what, () => Promise.resolve(some().length >= count))
  }

  async close(): Promise<void> {
    this.socket.close()
    await once(this.socket, 'close')
  }
}

/** @param ignored types that come when they like */
export async function listenToEvents(
  t: Test,
  app: BuiltApp,
  query = '',
  ignored: readonly string[] = [],
): Promise<EventListener> {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/api/events${query}`)
  t.teardown(() => socket.terminate())
  const listener = new EventListener(socket, ignored)
  await once(socket, 'open')
  return listener
}
