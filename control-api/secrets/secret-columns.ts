// Every column that holds secrets of others, once: what the start checks, and a rotation of keys goes through.

interface Columns<T extends string, I extends string, F extends string> {
  readonly table: T
  /** Its primary key: a text. */
  readonly id: I
  readonly fields: readonly F[]
}

export type SecretColumns =
  | Columns<'webhook_endpoints', 'endpoint_id', 'secret' | 'former_secret'>
  | Columns<'voximplant_accounts', 'account_id', 'credential'>
  | Columns<'voximplant_applications', 'application_id', 'elevenlabs_api_key' | 'signing_key'>
  | Columns<'animation_webhooks', 'provider', 'secret'>

export const SECRET_COLUMNS: readonly SecretColumns[] = [
  { table: 'webhook_endpoints', id: 'endpoint_id', fields: ['secret', 'former_secret'] },
  { table: 'voximplant_accounts', id: 'account_id', fields: ['credential'] },
  {
    table: 'voximplant_applications',
    id: 'application_id',
    fields: ['elevenlabs_api_key', 'signing_key'],
  },
  { table: 'animation_webhooks', id: 'provider', fields: ['secret'] },
]
