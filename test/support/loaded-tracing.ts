// Loaded before a program (NODE_OPTIONS): says on stderr when any thread of it loads what traces are made with.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    if (/^@opentelemetry\/(?!api)/.test(specifier)) process.stderr.write(`loads ${specifier}\n`)
    return next(specifier, context)
  },
})
