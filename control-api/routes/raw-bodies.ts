// Requests of vendors, whose bodies are read as they come: they are signed so.
import { AppError, systemCodeOf } from '#core/errors'
import type { HttpServer } from '../http-server.ts'

/** Adds routes whose bodies are Buffers, whatever type they claim; one that is larger is `PAYLOAD_TOO_LARGE`. */
export function rawBodies(
  app: HttpServer,
  mostBytes: number,
  add: (scope: HttpServer) => void,
): void {
  void app.register((scope: HttpServer, _options, done) => {
    scope.removeAllContentTypeParsers()
    const asTheyCome = { parseAs: 'buffer', bodyLimit: mostBytes } as const
    scope.setErrorHandler((error) => {
      throw systemCodeOf(error) === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge(mostBytes) : error
    })
    scope.addContentTypeParser('*', asTheyCome, (_request, body, parsed) => parsed(null, body))
    add(scope)
    done()
  })
}

const tooLarge = (mostBytes: number): AppError =>
  new AppError('PAYLOAD_TOO_LARGE', `The request body is larger than ${mostBytes / 1024} KiB.`)
