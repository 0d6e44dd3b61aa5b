// Who asks: a service account by its token, or the account by its legacy key; and what the service account may do.
import { Refusal } from './vendor-errors.ts'
import type { ServiceAccount } from './service-token.ts'

export interface AccountNames {
  readonly accountId: number
  readonly accountName: string
  readonly accountEmail: string
  readonly apiKey: string
}

export interface Credentials {
  readonly authorization: string | undefined
  readonly params: ReadonlyMap<string, string>
}

export type Caller = 'service-account' | 'api-key'

export class KeyGuard {
  readonly #names: AccountNames
  readonly #serviceAccount: ServiceAccount
  readonly #forbidden = new Map<string, number>()

  constructor(names: AccountNames, serviceAccount: ServiceAccount) {
    this.#names = names
    this.#serviceAccount = serviceAccount
  }

  /** @throws Refusal 100, or what the token lacks */
  admit({ authorization, params }: Credentials, nowMs: number): Caller {
    if (authorization !== undefined) {
      const token = /^Bearer (.+)$/i.exec(authorization)?.[1]
      if (token === undefined) throw new Refusal(100)
      this.#serviceAccount.verify(token, nowMs)
      return 'service-account'
    }
    if (!this.#isAccount(params) || params.get('api_key') !== this.#names.apiKey)
      throw new Refusal(100)
    return 'api-key'
  }

  /** @throws Refusal 104, or 100 */
  permit(caller: Caller, command: string): void {
    const code = this.#forbidden.get(command)
    // The legacy key has all permissions: roles are of service accounts.
    if (code !== undefined && caller === 'service-account') throw new Refusal(code)
  }

  forbid(command: string, code: number): void {
    this.#forbidden.set(command, code)
  }

  allow(command: string): void {
    this.#forbidden.delete(command)
  }

  #isAccount(params: ReadonlyMap<string, string>): boolean {
    const { accountId, accountName, accountEmail } = this.#names
    return (
      params.get('account_id') === String(accountId) ||
      params.get('account_name') === accountName ||
      params.get('account_email') === accountEmail
    )
  }
}
