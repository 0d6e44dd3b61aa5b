// Whether this machine itself asks.
import type { FastifyRequest } from 'fastify'
import { isLoopback } from '#core/config'

const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']

/** From this machine, and not by a proxy on it, which brings strangers whether it was named to us or not. */
export const isFromHere = ({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): boolean =>
  isLoopback(ip) && FORWARDED.every((name) => headers[name] === undefined)
