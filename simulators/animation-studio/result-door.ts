// Where results are fetched, as from a bucket: whole, in ranges, or spoilt on purpose.
import type { ServerResponse } from 'node:http'
import { askedBytes } from '../byte-range.ts'
import type { JobFaultKind } from './job-faults.ts'
import type { ResultLinks } from './result-links.ts'
import { spoilt, type SpoiltKind } from './spoilt-result.ts'
import type { StudioJob } from './studio-job.ts'
import type { StudioRequest } from './studio-request.ts'

const PATH = /^\/results\/([\w-]+)\.mp4$/

export const resultPath = (jobId: string): string => `/results/${jobId}.mp4`
export const isResultPath = (pathname: string): boolean => pathname.startsWith('/results/')

const FAULTS: readonly JobFaultKind[] = ['gone', 'result-unavailable']
const SPOILT = [
  'truncated',
  'short',
  'wrong-length',
  'damaged',
  'html',
  'endless',
  'stalled',
] as const satisfies readonly SpoiltKind[]

export interface ResultDoorDeps {
  readonly links: ResultLinks
  readonly find: (jobId: string) => StudioJob | undefined
  readonly closing: AbortSignal
}

/** @returns the status */
export function serveResult(
  { links, find, closing }: ResultDoorDeps,
  { method, url, headers }: StudioRequest,
  response: ServerResponse,
): number {
  const [, jobId = ''] = PATH.exec(url.pathname) ?? []
  if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'MethodNotAllowed')
  if (!links.isGood(url)) return refuse(response, 403, 'AccessDenied')
  const job = find(jobId)
  if (job?.video == null) return refuse(response, 404, 'NoSuchKey')
  if (method === 'HEAD') return serve(response, job.video, { range: undefined, isHead: true })
  const fault = job.faults.take(...FAULTS, ...SPOILT)
  if (fault?.kind === 'gone') return refuse(response, 404, 'NoSuchKey')
  if (fault?.kind === 'result-unavailable') return refuse(response, 503, 'SlowDown')
  const kind = SPOILT.find((one) => one === fault?.kind)
  if (kind !== undefined) return spoilt(response, job.video, kind, closing)
  return serve(response, job.video, { range: headers.range, isHead: false })
}

/** As S3 words it. */
function refuse(response: ServerResponse, status: number, code: string): number {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`
  response.writeHead(status, {
    'content-type': 'application/xml',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
  return status
}

function serve(
  response: ServerResponse,
  video: Buffer,
  { range, isHead }: { readonly range: string | undefined; readonly isHead: boolean },
): number {
  const total = video.length
  const headers = { 'content-type': 'video/mp4', 'accept-ranges': 'bytes' }
  const asked = askedBytes(range, total)
  if (asked.kind === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${total}` }).end()
    return 416
  }
  if (asked.kind === 'all') {
    response.writeHead(200, { ...headers, 'content-length': total })
    response.end(isHead ? undefined : video)
    return 200
  }
  const { first, last } = asked
  response.writeHead(206, {
    ...headers,
    'content-length': last - first + 1,
    'content-range': `bytes ${first}-${last}/${total}`,
  })
  response.end(video.subarray(first, last + 1))
  return 206
}
