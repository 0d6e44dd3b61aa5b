// The REST API of 2010, as far as we use it: who may ask, which resource is asked for.
import type { LiveCall } from './live-call.ts'
import type { RestOperation } from './options.ts'
import type { Recordings } from './recordings.ts'
import { restError, type RestAnswer } from './rest-answer.ts'
import { createCall, listCalls, updateCall, type CallsDeps } from './rest-calls.ts'
import {
  createRecording,
  listRecordings,
  recordingMedia,
  updateRecording,
} from './rest-recordings.ts'
import { accountPath, callView, pageView, recordingView } from './rest-views.ts'

export interface RestDeps extends CallsDeps {
  readonly accountSid: string
  readonly authToken: () => string
  readonly recordings: Recordings
  readonly number: () => { readonly sid: string; voiceUrl: string; statusCallback: string }
}

export interface RestRequest {
  readonly method: string
  readonly url: URL
  readonly form: URLSearchParams
  readonly authorization: string | undefined
}

export interface Routed {
  readonly operation: RestOperation
  /** Does what is asked for. */
  readonly run: () => RestAnswer
}

const NOT_FOUND: Routed = { operation: 'other', run: () => restError(20404) }

export function routeRest(deps: RestDeps, request: RestRequest): Routed {
  const { accountSid, authToken } = deps
  const wanted = `Basic ${Buffer.from(`${accountSid}:${authToken()}`).toString('base64')}`
  if (request.authorization !== wanted) return { operation: 'other', run: () => restError(20003) }
  const base = accountPath(accountSid)
  const { pathname } = request.url
  if (pathname === `${base}.json`) return account(accountSid)
  if (!pathname.startsWith(`${base}/`)) return NOT_FOUND
  const [resource, sid, sub, subSid] = pathname
    .slice(base.length + 1)
    .replace(/\.json$/, '')
    .split('/')
  if (resource === 'Calls') {
    if (sid === undefined) return allCalls(deps, request)
    const call = deps.calls.find((each) => each.sid === sid)
    if (call === undefined) return NOT_FOUND
    if (sub === undefined) return oneCall(deps, request, call)
    return sub === 'Recordings' ? recordingsOfCall(deps, request, call, subSid) : NOT_FOUND
  }
  if (resource === 'Recordings') return recordings(deps, request, sid)
  return resource === 'IncomingPhoneNumbers' ? numbers(deps, request, sid) : NOT_FOUND
}

const account = (sid: string): Routed => ({
  operation: 'other',
  run: () => ({
    status: 200,
    body: { sid, friendly_name: 'Simulated', status: 'active', type: 'Full', auth_token: null },
  }),
})

function allCalls(deps: RestDeps, { method, url, form }: RestRequest): Routed {
  if (method === 'POST') return { operation: 'calls.create', run: () => createCall(deps, form) }
  if (method === 'GET') return { operation: 'calls.list', run: () => listCalls(deps, url) }
  return NOT_FOUND
}

function oneCall(deps: RestDeps, { method, form }: RestRequest, call: LiveCall): Routed {
  if (method === 'POST')
    return { operation: 'calls.update', run: () => updateCall(deps, call, form) }
  if (method !== 'GET') return NOT_FOUND
  const run = (): RestAnswer => ({ status: 200, body: callView(call, deps.view()) })
  return { operation: 'calls.fetch', run }
}

function recordingsOfCall(
  deps: RestDeps,
  request: RestRequest,
  call: LiveCall,
  sid: string | undefined,
): Routed {
  const { method, form, url } = request
  if (sid === undefined && method === 'POST') {
    const run = (): RestAnswer => createRecording(deps.recordings, call, form, deps.view())
    return { operation: 'recordings.create', run }
  }
  if (sid === undefined) {
    const run = (): RestAnswer => listRecordings(deps.recordings.all(call.sid), url, deps.view())
    return { operation: 'recordings.list', run }
  }
  if (method !== 'POST') return recordings(deps, request, sid)
  return {
    operation: 'recordings.update',
    run: () => updateRecording(deps.recordings, call, sid, form, deps.view()),
  }
}

function recordings(deps: RestDeps, request: RestRequest, name: string | undefined): Routed {
  const { method, url } = request
  if (name === undefined) {
    const run = (): RestAnswer => listRecordings(deps.recordings.all(), url, deps.view())
    return { operation: 'recordings.list', run }
  }
  const isDescription = url.pathname.endsWith('.json')
  const record = deps.recordings.find(name.replace(/\.(wav|mp3)$/, ''))
  if (record === undefined) return NOT_FOUND
  if (method === 'DELETE') {
    const run = (): RestAnswer =>
      deps.recordings.delete(record.sid) ? { status: 204 } : restError(20404)
    return { operation: 'recordings.delete', run }
  }
  if (isDescription) {
    const run = (): RestAnswer => ({ status: 200, body: recordingView(record, deps.view()) })
    return { operation: 'recordings.fetch', run }
  }
  return { operation: 'recordings.media', run: () => recordingMedia(record, deps.view().now) }
}

/** The one number we have: looked up, and told where its calls go. */
function numbers(deps: RestDeps, { method, url, form }: RestRequest, sid?: string): Routed {
  const number = deps.number()
  const view = (): unknown => ({
    sid: number.sid,
    account_sid: deps.accountSid,
    phone_number: deps.phoneNumber,
    friendly_name: deps.phoneNumber,
    capabilities: { voice: true, sms: false, mms: false, fax: false },
    voice_url: number.voiceUrl,
    voice_method: 'POST',
    status_callback: number.statusCallback,
  })
  if (sid === undefined) {
    const asked = url.searchParams.get('PhoneNumber')
    const all = asked === null || asked === deps.phoneNumber ? [view()] : []
    const body = pageView('incoming_phone_numbers', all, (each) => each, url)
    return { operation: 'other', run: () => ({ status: 200, body }) }
  }
  if (sid !== number.sid) return NOT_FOUND
  const run = (): RestAnswer => {
    if (method === 'POST') {
      number.voiceUrl = form.get('VoiceUrl') ?? number.voiceUrl
      number.statusCallback = form.get('StatusCallback') ?? number.statusCallback
    }
    return { status: 200, body: view() }
  }
  return { operation: 'other', run }
}
