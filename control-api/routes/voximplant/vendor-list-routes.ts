// What an account has at Voximplant, some seconds old at the most: for whoever links an application.
import { Type } from '@fastify/type-provider-typebox'
import type { HttpServer } from '../../http-server.ts'
import type { AccountDesk } from '../../voximplant/accounts/account-desk.ts'
import { LiveLists } from '../../voximplant/accounts/live-lists.ts'
import type {
  VendorApplication,
  VendorNumber,
  VendorRule,
} from '../../voximplant/vendor/vendor-answer.ts'
import { failures, tags } from './route-words.ts'
import { nullable } from '../../view-parts.ts'

interface VendorListDeps {
  readonly accountDesk: AccountDesk
}

const strict = { additionalProperties: false }
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const vendorId = Type.String({ pattern: '^\\d{1,20}$', description: 'The vendor’s' })

const applicationSchema = Type.Object(
  {
    voximplant_application_id: Type.String(),
    name: Type.String(),
    has_secure_records: Type.Boolean({ description: 'Recordings are had with a key alone' }),
  },
  strict,
)
const ruleSchema = Type.Object(
  {
    rule_id: Type.String(),
    name: Type.String(),
    pattern: Type.String({ description: 'Of the numbers whose calls it takes' }),
    scenarios: Type.Array(Type.Object({ scenario_id: Type.String(), name: Type.String() }, strict)),
  },
  strict,
)
const numberSchema = Type.Object(
  {
    number: Type.String(),
    voximplant_application_id: nullable(Type.String()),
    rule_id: nullable(Type.String()),
    is_usable: Type.Boolean(),
  },
  strict,
)

export function vendorListRoutes(app: HttpServer, deps: VendorListDeps): void {
  applicationsRoute(app, deps)
  rulesRoute(app, deps)
  numbersRoute(app, deps)
}

function applicationsRoute(app: HttpServer, { accountDesk }: VendorListDeps): void {
  const lists = new LiveLists<readonly VendorApplication[]>()
  const schema = {
    operationId: 'listVendorApplications',
    tags,
    summary: 'The applications that the account has at Voximplant',
    params,
    response: { 200: Type.Object({ items: Type.Array(applicationSchema) }, strict), ...failures },
  }
  app.get('/api/voximplant/accounts/:id/applications', { schema }, async (request) => {
    const all = await accountDesk.read(request.params.id, {
      lists,
      ask: (rest) => rest.applications(),
    })
    return {
      items: all.map((one) => ({
        voximplant_application_id: one.applicationId,
        name: one.name,
        has_secure_records: one.hasSecureRecords,
      })),
    }
  })
}

function rulesRoute(app: HttpServer, { accountDesk }: VendorListDeps): void {
  const lists = new LiveLists<readonly VendorRule[]>()
  const schema = {
    operationId: 'listVendorRules',
    tags,
    summary: 'The rules of an application at Voximplant, and the scenarios that are bound to them',
    params,
    querystring: Type.Object({ voximplant_application_id: vendorId }, strict),
    response: { 200: Type.Object({ items: Type.Array(ruleSchema) }, strict), ...failures },
  }
  app.get('/api/voximplant/accounts/:id/rules', { schema }, async (request) => {
    const { voximplant_application_id: applicationId } = request.query
    const all = await accountDesk.read(request.params.id, {
      lists,
      key: applicationId,
      ask: (rest) => rest.rules(applicationId),
    })
    return {
      items: all.map(({ ruleId, name, pattern, scenarios }) => ({
        rule_id: ruleId,
        name,
        pattern,
        scenarios: scenarios.map((each) => ({ scenario_id: each.scenarioId, name: each.name })),
      })),
    }
  })
}

function numbersRoute(app: HttpServer, { accountDesk }: VendorListDeps): void {
  const lists = new LiveLists<readonly VendorNumber[]>()
  const schema = {
    operationId: 'listVendorNumbers',
    tags,
    summary: 'The phone numbers that the account rents at Voximplant',
    params,
    response: { 200: Type.Object({ items: Type.Array(numberSchema) }, strict), ...failures },
  }
  app.get('/api/voximplant/accounts/:id/numbers', { schema }, async (request) => {
    const all = await accountDesk.read(request.params.id, {
      lists,
      ask: (rest) => rest.phoneNumbers(),
    })
    return {
      items: all.map((one) => ({
        number: one.number,
        voximplant_application_id: one.applicationId,
        rule_id: one.ruleId,
        is_usable: one.isUsable,
      })),
    }
  })
}
