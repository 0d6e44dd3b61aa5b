// /api/voximplant/accounts: accounts of Voximplant, and what the vendor has in them.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../../http-server.ts'
import type { AccountDesk } from '../../voximplant/accounts/account-desk.ts'
import type { AccountRow } from '../../voximplant/accounts/account-store.ts'
import type { ApplicationStore } from '../../voximplant/applications/application-store.ts'
import type { RehearsalAccount } from '../../voximplant/voximplant-config.ts'
import {
  accountChangeSchema,
  accountKeySchema,
  accountSchema,
  newAccountSchema,
  rehearsalAccountSchema,
  testedSchema,
  viewAccount,
  viewRehearsalAccount,
  viewTested,
} from './account-view.ts'
import { vendorListRoutes } from './vendor-list-routes.ts'
import { failures, tags } from './route-words.ts'

export interface AccountRoutesDeps {
  readonly accountDesk: AccountDesk
  readonly applications: Pick<ApplicationStore, 'list'>
  readonly rehearsalAccount: RehearsalAccount | undefined
}

const config = { access: 'admin' } as const
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const strict = { additionalProperties: false }

export function accountRoutes(app: HttpServer, deps: AccountRoutesDeps): void {
  listRoute(app, deps)
  addRoute(app, deps)
  tryRoute(app, deps)
  readRoute(app, deps)
  changeRoute(app, deps)
  removeRoute(app, deps)
  retestRoute(app, deps)
  vendorListRoutes(app, deps)
}

async function view({ applications }: AccountRoutesDeps, row: AccountRow) {
  return viewAccount(row, (await applications.list(row.account_id)).length)
}

function listRoute(app: HttpServer, deps: AccountRoutesDeps): void {
  const { accountDesk, applications, rehearsalAccount } = deps
  const schema = {
    operationId: 'listVoximplantAccounts',
    tags,
    summary: 'Accounts of Voximplant, oldest first',
    response: {
      200: Type.Object(
        {
          items: Type.Array(accountSchema),
          next_cursor: Type.Null(),
          rehearsal_account: rehearsalAccountSchema,
        },
        strict,
      ),
      ...failures,
    },
  }
  app.get('/api/voximplant/accounts', { schema }, async () => {
    const [rows, all] = await Promise.all([accountDesk.list(), applications.list()])
    const countOf = (id: string): number => all.filter((one) => one.account_id === id).length
    return {
      items: rows.map((row) => viewAccount(row, countOf(row.account_id))),
      next_cursor: null,
      rehearsal_account: viewRehearsalAccount(rehearsalAccount),
    }
  })
}

function addRoute(app: HttpServer, deps: AccountRoutesDeps): void {
  const schema = {
    operationId: 'addVoximplantAccount',
    tags,
    summary: 'Add an account; its key is tried first, kept encrypted, and never shown',
    body: newAccountSchema,
    response: { 201: accountSchema, ...failures },
  }
  app.post('/api/voximplant/accounts', { config, schema }, async (request, reply) => {
    const row = await deps.accountDesk.add(request.principal, request.body)
    return reply
      .status(201)
      .header('location', `/api/voximplant/accounts/${row.account_id}`)
      .send(viewAccount(row, 0))
  })
}

function tryRoute(app: HttpServer, { accountDesk }: AccountRoutesDeps): void {
  const schema = {
    operationId: 'tryVoximplantAccount',
    tags,
    summary: 'What a key may do, before it is kept; nothing is stored',
    body: accountKeySchema,
    response: { 200: testedSchema, ...failures },
  }
  app.post('/api/voximplant/accounts/test', { config, schema }, async (request) =>
    viewTested(await accountDesk.try(request.body)),
  )
}

function readRoute(app: HttpServer, deps: AccountRoutesDeps): void {
  const schema = {
    operationId: 'getVoximplantAccount',
    tags,
    summary: 'One account, as it was told of last',
    params,
    response: { 200: accountSchema, ...failures },
  }
  app.get('/api/voximplant/accounts/:id', { schema }, async (request) =>
    view(deps, await deps.accountDesk.find(request.params.id)),
  )
}

function changeRoute(app: HttpServer, deps: AccountRoutesDeps): void {
  const schema = {
    operationId: 'changeVoximplantAccount',
    tags,
    summary: 'Rename an account, deactivate it, or give it another key, which is tried first',
    params,
    body: accountChangeSchema,
    response: { 200: accountSchema, ...failures },
  }
  app.patch('/api/voximplant/accounts/:id', { config, schema }, async (request) => {
    const { body, principal } = request
    return view(deps, await deps.accountDesk.change(principal, request.params.id, body))
  })
}

function removeRoute(app: HttpServer, { accountDesk }: AccountRoutesDeps): void {
  const schema = {
    operationId: 'removeVoximplantAccount',
    tags,
    summary: 'Remove an account that no application uses; nothing changes at the vendor',
    params,
    response: { 204: Type.Null(), ...failures },
  }
  app.delete('/api/voximplant/accounts/:id', { config, schema }, async (request, reply) => {
    await accountDesk.remove(request.principal, request.params.id)
    return reply.status(204).send(null)
  })
}

function retestRoute(app: HttpServer, { accountDesk }: AccountRoutesDeps): void {
  const schema = {
    operationId: 'testVoximplantAccount',
    tags,
    summary:
      'Ask the vendor for the account’s name and balance, and what its key may do; it is kept',
    params,
    response: { 200: testedSchema, ...failures },
  }
  app.post('/api/voximplant/accounts/:id/test', { config, schema }, async (request) =>
    viewTested(await accountDesk.retest(request.params.id)),
  )
}
