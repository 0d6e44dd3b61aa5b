// /v3/webhooks: endpoints with their secrets, event types, and what was delivered.
import { randomBytes } from 'node:crypto'
import {
  isWebhookUrl,
  jsonOf,
  partOf,
  type Answer,
  type StudioRequest,
} from '#simulators/animation-studio'
import { dataOf, invalid, notFound } from './words.ts'

export const EVENT_TYPES = [
  'avatar_video.success',
  'avatar_video.fail',
  'avatar_video_gif.success',
  'avatar_video_gif.fail',
  'video_translate.success',
  'video_translate.fail',
  'batch.finished',
] as const

export interface Endpoint {
  readonly id: string
  readonly createdAt: number
  readonly entityId: string | null
  url: string
  events: readonly string[]
  isEnabled: boolean
  secret: string
}

export interface EndpointRules {
  readonly now: () => number
  readonly allowHttpLoopback: boolean
  /** False: it does not answer, and is not registered. */
  readonly probe: (url: string) => Promise<boolean>
}

const MOST_ENDPOINTS = 100
const ID_PART = 4

export class WebhookEndpoints {
  readonly all = new Map<string, Endpoint>()
  readonly #rules: EndpointRules

  constructor(rules: EndpointRules) {
    this.#rules = rules
  }

  /** @throws Refusal */
  async add({ body }: StudioRequest): Promise<Answer> {
    const fields = jsonOf(body) ?? {}
    const url = this.#urlOf(fields['url'])
    const events = eventsOf(fields['events'])
    if (this.all.size >= MOST_ENDPOINTS) throw invalid('url', 'there are too many endpoints')
    if (!(await this.#rules.probe(url))) throw invalid('url', 'the endpoint does not answer')
    const entityId = fields['entity_id']
    const endpoint: Endpoint = {
      id: randomBytes(16).toString('hex'),
      createdAt: this.#rules.now(),
      entityId: typeof entityId === 'string' ? entityId : null,
      url,
      events,
      isEnabled: true,
      secret: newSecret(),
    }
    this.all.set(endpoint.id, endpoint)
    return dataOf({ ...viewOf(endpoint), secret: endpoint.secret })
  }

  list(): Answer {
    return dataOf([...this.all.values()].map(viewOf), { has_more: false, next_token: null })
  }

  /** @throws Refusal */
  change({ url: address, body }: StudioRequest): Answer {
    const endpoint = this.#find(address)
    const fields = jsonOf(body) ?? {}
    const { url, events, status } = { ...fields } as Readonly<Record<string, unknown>>
    if (status !== undefined && status !== 'enabled' && status !== 'disabled')
      throw invalid('status', 'must be enabled or disabled')
    if (url !== undefined) endpoint.url = this.#urlOf(url)
    if (events !== undefined) endpoint.events = eventsOf(events)
    if (status !== undefined) endpoint.isEnabled = status === 'enabled'
    return dataOf(viewOf(endpoint))
  }

  /** @throws Refusal */
  remove({ url }: StudioRequest): Answer {
    const { id } = this.#find(url)
    this.all.delete(id)
    return dataOf({ endpoint_id: id, deleted: true })
  }

  /** The old one is worth nothing from now on. @throws Refusal */
  rotate({ url }: StudioRequest): Answer {
    const endpoint = this.#find(url)
    endpoint.secret = newSecret()
    return dataOf({ ...viewOf(endpoint), secret: endpoint.secret })
  }

  /** @throws Refusal */
  #find(url: URL): Endpoint {
    const endpoint = this.all.get(partOf(url, ID_PART))
    if (endpoint === undefined) throw notFound('endpoint')
    return endpoint
  }

  #urlOf(url: unknown): string {
    if (typeof url !== 'string' || !isWebhookUrl(url, this.#rules.allowHttpLoopback))
      throw invalid('url', 'must be https')
    return url
  }
}

const newSecret = (): string => `whsec_${randomBytes(24).toString('base64url')}`

function eventsOf(value: unknown): readonly string[] {
  const events: readonly unknown[] = Array.isArray(value) ? value : []
  const known = EVENT_TYPES.filter((type) => events.includes(type))
  if (events.length === 0 || known.length !== new Set(events).size)
    throw invalid('events', `must be some of ${EVENT_TYPES.join(', ')}`)
  return known
}

/** Without the secret: that is shown when it is made, and never again. */
const viewOf = ({ id, url, events, isEnabled, createdAt, entityId }: Endpoint): object => ({
  endpoint_id: id,
  url,
  events,
  status: isEnabled ? 'enabled' : 'disabled',
  created_at: new Date(createdAt).toISOString(),
  entity_id: entityId,
})
