// Where a provider was told to send its webhooks, and by what it signs them: sealed.
import type { Clock } from '#core/time'
import type { Database } from '../../../db/database.ts'
import type { Vault } from '../../../secrets/vault.ts'

export interface KeptEndpoint {
  readonly endpointId: string
  readonly url: string
  readonly secret: string
}

export interface EndpointStore {
  /** @throws AppError `SECRETS_KEY_MISSING`: nothing could be kept */
  checkKey(): void
  find(): Promise<
    (Pick<KeptEndpoint, 'endpointId' | 'url'> & { readonly sealed: string }) | undefined
  >
  /** @throws AppError `SECRETS_KEY_MISSING`, `INTERNAL` of one that was altered */
  open(sealed: string): string
  keep(endpoint: KeptEndpoint): Promise<void>
}

export interface EndpointStoreDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly vault: Pick<Vault, 'seal' | 'open'>
  readonly clock: Pick<Clock, 'now'>
}

const PROVIDER = 'heygen'
const PLACE = { table: 'animation_webhooks', id: PROVIDER, field: 'secret' }

export function createEndpointStore({ database, vault, clock }: EndpointStoreDeps): EndpointStore {
  const { query, write } = database
  return {
    checkKey() {
      vault.seal('a secret', PLACE)
    },
    async find() {
      const row = await query
        .selectFrom('animation_webhooks')
        .selectAll()
        .where('provider', '=', PROVIDER)
        .executeTakeFirst()
      return row && { endpointId: row.endpoint_id, url: row.url, sealed: row.secret }
    },
    open: (sealed) => vault.open(sealed, PLACE),
    async keep({ endpointId: endpoint_id, url, secret }) {
      const values = {
        endpoint_id,
        url,
        secret: vault.seal(secret, PLACE),
        created_at: clock.now(),
      }
      await write([
        query
          .insertInto('animation_webhooks')
          .values({ provider: PROVIDER, ...values })
          .onConflict((conflict) => conflict.column('provider').doUpdateSet(values)),
      ])
    },
  }
}
