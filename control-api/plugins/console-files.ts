// The console as it was built (scripts/build-console.ts): its assets, and its one page under every path that it has a page
// for. There is no data in either. A build that comes later is met without a restart.
import { randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from '#core/telemetry'
import type { HttpServer } from '../http-server.ts'
import { createBuiltConsole, type BuiltConsole } from './built-console.ts'
import { sendNotFound, sendProblem } from './problem-details.ts'
import { consolePolicy } from './security-headers.ts'

/** Opened by authentication.ts: they are of a plugin that cannot say so itself. */
export const CONSOLE_ASSETS = '/console/assets'

/** Where a path that nobody knows is a mistake of a program, whatever it accepts. */
const FOR_PROGRAMS = /^\/(?:api|webhooks?|twilio|console|docs|metrics)(?:\/|$)/
/** In index.html; another one with each answer. */
const NONCE_PLACE = '__CSP_NONCE__'
const NONCE_BYTES = 16
/** Flat, and nothing hidden. */
const ASSET_NAME = /^\/\w[\w.-]*$/
/** As scripts/build-console.ts compresses them. */
const COMPRESSED = ['', '.br', '.gz']

export interface ConsoleOptions {
  /** Of the build; undefined: there is no console. */
  readonly directory: string | undefined
  /** Where its players are sent to for photos and videos; undefined: nowhere but here. */
  readonly bucketOrigin: string | undefined
}

interface Page {
  readonly built: BuiltConsole | undefined
  readonly bucketOrigin: string | undefined
}

export async function installConsole(
  app: HttpServer,
  logger: Logger,
  { directory, bucketOrigin }: ConsoleOptions,
): Promise<void> {
  if (directory !== undefined) await installAssets(app, join(directory, 'assets'))
  const readBuilt = createBuiltConsole(directory, logger)
  app.get('/', { config: { access: 'open' }, schema: { hide: true } }, async (request, reply) =>
    answer(request, reply, { built: await readBuilt(), bucketOrigin }),
  )
  app.setNotFoundHandler(async (request, reply) => {
    const isAsked = request.method === 'GET' || request.method === 'HEAD'
    if (!isAsked) return sendNotFound(request, reply)
    return answer(request, reply, { built: await readBuilt(), bucketOrigin })
  })
}

async function installAssets(app: HttpServer, root: string): Promise<void> {
  await app.register(fastifyStatic, {
    root,
    prefix: CONSOLE_ASSETS,
    // It may be built later.
    suppressWarning: true,
    decorateReply: false,
    index: false,
    preCompressed: true,
    // A name is of the content.
    immutable: true,
    maxAge: '365d',
    allowedPath: (path) =>
      ASSET_NAME.test(path) && COMPRESSED.every((end) => isOwn(root + path + end)),
  })
}

/** A link would lead out of the folder; what is not there the plugin sees itself. */
function isOwn(path: string): boolean {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  return entry === undefined || entry.isFile()
}

function answer(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  const { built, bucketOrigin } = page
  const path = request.url.split('?', 1)[0] ?? '/'
  if (built?.hasPage(path) === true) return sendPage(reply, 200, { ...built, bucketOrigin })
  const wantsPage = acceptsHtml(request.headers.accept) && !FOR_PROGRAMS.test(path)
  // The page itself says that there is none.
  if (wantsPage && built) return sendPage(reply, 404, { ...built, bucketOrigin })
  if (wantsPage) return sendNotBuilt(reply)
  if (built || path !== '/') return sendNotFound(request, reply)
  const detail = 'The console is not built on this machine.'
  return sendProblem(request, reply, { code: 'CONSOLE_NOT_BUILT', detail })
}

function sendPage(
  reply: FastifyReply,
  status: number,
  { html, bucketOrigin }: Pick<BuiltConsole, 'html'> & Pick<Page, 'bucketOrigin'>,
): FastifyReply {
  const nonce = randomBytes(NONCE_BYTES).toString('base64')
  return (
    reply
      .status(status)
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', consolePolicy(nonce, bucketOrigin))
      // Or the back button would show it after the sign-out.
      .header('cache-control', 'no-store')
      .send(html.replaceAll(NONCE_PLACE, nonce))
  )
}

const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>voicegate: the console is not built</title>
  </head>
  <body>
    <h1>The console is not built</h1>
    <p>Calls and the API work without it. Run <code>npm run console</code> where voicegate is installed,
      then load this page again: no restart is needed.</p>
  </body>
</html>
`

const sendNotBuilt = (reply: FastifyReply): FastifyReply =>
  reply.status(503).header('content-type', 'text/html; charset=utf-8').send(NOT_BUILT_PAGE)

/** Named, and not with q=0 (RFC 9110 §12.5.1); curl's and fetch's `*` + `/*` is no wish for a page. */
const acceptsHtml = (accept: string | undefined): boolean =>
  (accept ?? '').split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === 'text/html' && !parameters.some((part) => /^q=0(?:\.0*)?$/.test(part))
  })
