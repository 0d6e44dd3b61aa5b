// A client made from our OpenAPI document by a public tool, in a folder that is gone after the test.
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@hey-api/openapi-ts'
import type { Test } from 'tap'
import { temporaryFolder } from './process.ts'

export interface ClientAnswer {
  readonly data?: unknown
  /** The problem, when it was refused. */
  readonly error?: unknown
  readonly response: Response
}

export type ClientCall = (options?: {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly parseAs?: 'auto' | 'text' | 'stream'
}) => Promise<ClientAnswer>

export interface GeneratedClient {
  readonly folder: string
  /** By `operationId`. */
  readonly operations: Readonly<Record<string, ClientCall>>
}

const ROOT = join(import.meta.dirname, '../..')

/** @param key sent as a bearer wherever the document says that a key is needed */
export async function generateClient(
  t: Test,
  document: unknown,
  { baseUrl, key }: { readonly baseUrl: string; readonly key: string },
): Promise<GeneratedClient> {
  const folder = temporaryFolder(t, 'client')
  const input = join(folder, 'openapi.json')
  writeFileSync(input, JSON.stringify(document))
  // So that its types find Node's.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  await createClient({
    input,
    output: { path: join(folder, 'client'), module: { extension: '.ts' } },
    plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'],
    logs: { level: 'silent', file: false },
  })
  const base = join(folder, 'client')
  const { client } = (await import(join(base, 'client.gen.ts'))) as {
    client: { setConfig(config: object): void }
  }
  client.setConfig({ baseUrl, auth: () => key })
  const operations = (await import(join(base, 'sdk.gen.ts'))) as GeneratedClient['operations']
  return { folder, operations }
}
