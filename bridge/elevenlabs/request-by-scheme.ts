// How an address is asked: plain or by TLS, as it says.
import { request as httpsRequest } from 'node:https'

// Imported, node:http shows all that it has, and for that loads fetch, which nobody uses here: 30 ms of each media thread.
const { request: httpRequest } = process.getBuiltinModule('node:http')

export const requestByScheme = ({ protocol }: URL): typeof httpRequest =>
  protocol === 'https:' ? httpsRequest : httpRequest
