// A library of media on a fresh data folder, with its routes on a server of their own: what the whole control API makes of
// it, without the rest.
import { mkdir, readdir } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import fastify from 'fastify'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { Test } from 'tap'
import { openAuditLog } from '../../../../control-api/access/audit-log.ts'
import { openDatabase } from '../../../../control-api/db/database.ts'
import { createAnnouncements } from '../../../../control-api/events/announcements.ts'
import type { Platform } from '../../../../control-api/features.ts'
import type { HttpServer } from '../../../../control-api/http-server.ts'
import { SqlJobQueue } from '../../../../control-api/jobs/sql-job-queue.ts'
import {
  openMediaLibrary,
  type LibraryOptions,
} from '../../../../control-api/media-jobs/library/open-library.ts'
import {
  openVideoTools,
  type VideoToolsDeps,
} from '../../../../control-api/media-jobs/video/open-video-tools.ts'
import { workFolderOf } from '../../../../control-api/media-jobs/work-folder.ts'
import {
  HTTP_LIMITS,
  httpLimitOptions,
  installHttpLimits,
  installPlainBodies,
  parserLimits,
  type HttpLimits,
} from '../../../../control-api/plugins/http-limits.ts'
import { installProblemDetails } from '../../../../control-api/plugins/problem-details.ts'
import { installSecurityHeaders } from '../../../../control-api/plugins/security-headers.ts'
import { openDiskStore } from '../../../../control-api/storage/disk-store.ts'
import { ms, type MediaStore } from '../../../../core/contracts/index.ts'
import { createLogger, createMetrics } from '../../../../core/telemetry/index.ts'
import { createClock } from '../../../../core/time/index.ts'
import {} from '../../../support/build-app.ts'
import { migratedDataDir } from '../../../support/data-folder.ts'

export interface StageOptions {
  readonly dataDir?: string
  readonly uploads?: LibraryOptions['uploads']
  readonly httpLimits?: Partial<HttpLimits>
  readonly video?: Partial<VideoToolsDeps>
  readonly around?: (store: MediaStore) => MediaStore
  /** False: jobs wait. */
  readonly jobs?: boolean
}

export type Stage = Awaited<ReturnType<typeof openStage>>

export async function openStage(t: Test, options: StageOptions = {}) {
  const dataDir = options.dataDir ?? (await migratedDataDir(t))
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const logger = createLogger('debug', sink)
  const [metrics, clock] = [createMetrics(), createClock()]
  const database = await openDatabase(logger, { dataDir })
  const media = join(dataDir, 'media')
  await mkdir(media, { recursive: true })
  const disk = await openDiskStore(media)
  const mediaStore = options.around?.(disk) ?? disk
  const audit = await openAuditLog(database, clock)
  const jobs = new SqlJobQueue(
    { database, clock, logger, metrics },
    { pollEvery: ms(20), backOff: { firstMs: 20, maxMs: 50 } },
  )
  const announced: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[] =
    []
  const announcements = createAnnouncements(clock, (error) => t.error(error))
  announcements.subscribe((one) => announced.push(one))
  // What the library asks of it.
  const platform = { logger, metrics, clock, database, mediaStore, audit, jobs, announcements }
  const workFolder = workFolderOf({ dataDir })
  const video = openVideoTools({ workFolder, ...options.video })
  const library = await openMediaLibrary(platform as unknown as Platform, {
    config: { dataDir },
    video,
    ...(options.uploads === undefined ? {} : { uploads: options.uploads }),
  })
  const limits = { ...HTTP_LIMITS, ...options.httpLimits }
  const ownPace = new WeakSet<Socket>()
  const app = fastify({
    logger: false,
    bodyLimit: 64 * 1024,
    forceCloseConnections: 'idle',
    ...httpLimitOptions(limits, metrics, ownPace),
    http: parserLimits(limits),
  }) as unknown as HttpServer
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.setSerializerCompiler(() => (body) => JSON.stringify(body))
  installProblemDetails(app, logger)
  installSecurityHeaders(app)
  installHttpLimits(app, limits, metrics, { ownPace })
  app.decorateRequest('principal')
  app.addHook('onRequest', (request, _reply, done) => {
    const { 'x-test-key': keyId = 'key_test' } = request.headers
    request.principal = { keyId: String(keyId), role: 'operator', by: 'key' }
    done()
  })
  installPlainBodies(app, metrics)
  library.routes(app)
  if (options.jobs !== false) jobs.start()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => (closing ??= closeAll())
  async function closeAll(): Promise<void> {
    await library.close()
    await video.close()
    app.server.closeAllConnections()
    await app.close()
    await jobs.close()
    await database.close()
  }
  t.teardown(close)
  return {
    dataDir,
    url,
    target: { host: '127.0.0.1', port },
    database,
    library,
    video,
    metrics,
    announced,
    jobs,
    mediaStore,
    workFolder,
    close,
    logged: () => lines.join(''),
    request: (path: string, init?: RequestInit) => fetch(url + path, init),
    /** Files on their way. */
    working: () => readdir(workFolder),
    /** Files that are kept. */
    stored: async () =>
      (await readdir(media, { recursive: true, withFileTypes: true }))
        .filter((one) => one.isFile())
        .map(({ name }) => name)
        .sort(),
    rows: () => database.query.selectFrom('media_items').selectAll().execute(),
    upload: (bytes: Uint8Array | string, { name = 'x.bin', memorial = 'mem-1' } = {}) => {
      const form = new FormData()
      form.append('file', new Blob([Buffer.from(bytes)]), name)
      return fetch(`${url}/api/v1/memorials/${memorial}/media/upload`, {
        method: 'POST',
        body: form,
      })
    },
  }
}

/** Waits until it holds; a minute, for programs run on machines with much else to do. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`never came true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
