// A request that was answered before all of it was read. Closed at once, its sender would lose the answer with the
// connection (RFC 9112 §9.6): so the rest is read into nothing for a moment, and then it is closed.
import type { IncomingMessage, ServerResponse } from 'node:http'

export function letGo(request: IncomingMessage, response: ServerResponse, lingerMs: number): void {
  if (request.readableEnded || request.destroyed) return
  request.unpipe()
  request.resume()
  const { socket } = request
  response.once('finish', () => {
    const timer = setTimeout(() => {
      if (!request.readableEnded) socket.destroy()
    }, lingerMs)
    for (const end of ['end', 'close'] as const) request.once(end, () => clearTimeout(timer))
  })
}
