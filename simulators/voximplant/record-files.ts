// The storage of recordings: `/records/<id>.mp3`, open to whoever has the address, or with the account's keys only.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { askedBytes } from '../byte-range.ts'
import { silentMp3 } from './silent-mp3.ts'

interface RecordFile {
  readonly seconds: number
  readonly isSecure: boolean
  /** Default: silence of that length. */
  readonly bytes: Buffer | undefined
  isDeleted: boolean
}

export interface RecordRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  /** Whether it carries a token or keys that are good. */
  readonly isAdmitted: boolean
}

const PATH = /^\/records\/(\d+)\.mp3$/
/** Recordings of hours are not made in memory. */
const MOST_SECONDS = 3600

export class RecordFiles {
  readonly #files = new Map<number, RecordFile>()
  readonly #baseUrl: () => string

  constructor(baseUrl: () => string) {
    this.#baseUrl = baseUrl
  }

  add(recordId: number, file: Omit<RecordFile, 'isDeleted'>): void {
    this.#files.set(recordId, { ...file, isDeleted: false })
  }

  urlOf(recordId: number): string {
    return `${this.#baseUrl()}/records/${recordId}.mp3`
  }

  /** Nothing once it was deleted. */
  shownUrlOf(recordId: number): string | undefined {
    return this.#files.get(recordId)?.isDeleted === true ? undefined : this.urlOf(recordId)
  }

  idOf(url: string): number | undefined {
    const path = URL.canParse(url) ? new URL(url).pathname : ''
    const id = PATH.exec(path)?.[1]
    return id === undefined ? undefined : Number(id)
  }

  delete(recordId: number): 'deleted' | 'gone' | 'unknown' {
    const file = this.#files.get(recordId)
    if (file === undefined) return 'unknown'
    if (file.isDeleted) return 'gone'
    file.isDeleted = true
    return 'deleted'
  }

  /** @returns the status */
  serve({ method, url, headers, isAdmitted }: RecordRequest, response: ServerResponse): number {
    const file = this.#files.get(Number(PATH.exec(url.pathname)?.[1]))
    if (file === undefined) return refuse(response, 403)
    if (file.isSecure && !isAdmitted) return refuse(response, 401)
    if (file.isDeleted) return refuse(response, 404)
    if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405)
    const bytes = file.bytes ?? silentMp3(Math.min(file.seconds, MOST_SECONDS))
    const asked = askedBytes(headers.range, bytes.length)
    if (asked.kind === 'unsatisfiable')
      return refuse(response, 416, { 'content-range': `bytes */${bytes.length}` })
    const isPart = asked.kind === 'part'
    const sent = isPart ? bytes.subarray(asked.first, asked.last + 1) : bytes
    const status = isPart ? 206 : 200
    response.writeHead(status, {
      'content-type': 'audio/mpeg',
      'content-length': sent.length,
      'accept-ranges': 'bytes',
      ...(isPart ? { 'content-range': `bytes ${asked.first}-${asked.last}/${bytes.length}` } : {}),
    })
    response.end(method === 'HEAD' ? undefined : sent)
    return status
  }
}

function refuse(response: ServerResponse, status: number, headers = {}): number {
  response.writeHead(status, { 'content-type': 'text/html', ...headers })
  response.end(`<html><body><h1>${status}</h1></body></html>`)
  return status
}
