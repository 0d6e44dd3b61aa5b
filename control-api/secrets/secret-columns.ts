// Every column that holds secrets of others, once: what the start checks, and a rotation of keys goes through.

export interface SecretColumns {
  readonly table: 'webhook_endpoints'
  /** Its primary key: a text. */
  readonly id: 'endpoint_id'
  readonly fields: readonly ('secret' | 'former_secret')[]
}

export const SECRET_COLUMNS: readonly SecretColumns[] = [
  { table: 'webhook_endpoints', id: 'endpoint_id', fields: ['secret', 'former_secret'] },
]
