// What REST answers: JSON, or bytes; errors as the vendor writes them (detail.status, detail.message).
import type { ServerResponse } from 'node:http'

export type Answer = { readonly status: number } & (
  | { readonly body: unknown }
  | { readonly type: string; readonly bytes: Buffer }
)

export const problem = (status: number, slug: string, message: string): Answer => ({
  status,
  body: { detail: { status: slug, message } },
})

export function send(response: ServerResponse, answer: Answer): void {
  const isJson = 'body' in answer
  const bytes = isJson ? Buffer.from(JSON.stringify(answer.body)) : answer.bytes
  response.writeHead(answer.status, {
    'content-type': isJson ? 'application/json' : answer.type,
    'content-length': bytes.length,
    ...(answer.status === 429 ? { 'retry-after': '1' } : {}),
  })
  response.end(bytes)
}
