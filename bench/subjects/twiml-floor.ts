// The floor of the menu's webhooks: a bare Fastify route that reads the form and answers with a fixed document, each time
// the next of five, and keeps nothing.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { serve } from '../process/serve.ts'

const HOST = '127.0.0.1'
const STEPS = ['consent', 'order', 'order_confirm', 'help'] as const
const WORDS =
  'Bitte geben Sie Ihre Bestellnummer ein, und drücken Sie dann die Raute-Taste. '.repeat(6)

const app = fastify()
app.addContentTypeParser(
  'application/x-www-form-urlencoded',
  { parseAs: 'string' },
  (_request, body, done) => done(null, new URLSearchParams(body.toString())),
)
app.post<{ Params: { step: string } }>('/webhook/:step', (request, reply) => {
  const next = STEPS[STEPS.findIndex((step) => step === request.params.step) + 1]
  const then =
    next === undefined
      ? `<Say>${WORDS}</Say><Hangup/>`
      : `<Gather input="dtmf" action="/webhook/${next}"><Say>${WORDS}</Say></Gather>`
  return reply.type('text/xml').send(`<?xml version="1.0"?><Response>${then}</Response>`)
})

const commands = {
  async start() {
    await app.listen({ host: HOST, port: 0 })
    const address = app.addresses()[0] as AddressInfo | undefined
    return { httpPort: address?.port ?? 0 }
  },
  close: () => app.close(),
}

export type TwimlFloor = typeof commands

serve(commands)
