// The console page: shows live calls, places one, shows what happened on it. Plain JavaScript, same origin only.
const REFRESH_MS = 2000

const find = (id) => document.getElementById(id)
/** Whose session this is; null: nobody's, or nobody needs one. */
let signedIn = null
let selectedCall = null
/** What the list is narrowed to: a number, words, or nothing; null after a search that was refused. */
let searched = {}

/** Refusals whose advice is about headers and fields: here somebody typed something. */
const FOR_PROGRAMS = new Set(['REQUEST_INVALID', 'UNAUTHENTICATED'])

/** The answer's JSON; throws an Error in words, with `status`, otherwise. The session's cookie goes along by itself. */
async function request(path, options = {}) {
  let response
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(10_000) })
  } catch {
    throw new Error('The server cannot be reached. Is it still running?')
  }
  if (response.status === 204) return null
  if (response.ok) return response.json()
  const body = await response.json().catch(() => ({}))
  const todo = FOR_PROGRAMS.has(body.code) ? undefined : body.what_to_do
  const words = [body.detail ?? `The server answered ${response.status}.`, todo]
  throw Object.assign(new Error(words.filter(Boolean).join(' ')), { status: response.status })
}

/** A repeated click must not ring twice. (crypto.randomUUID needs https; this does not.) */
const randomKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('-')

function say(element, text, kind = '') {
  element.className = `notice ${kind}`.trim()
  // A screen reader repeats a status whenever it is set: leave it alone while it says the same.
  if (element.textContent !== text) element.textContent = text
  element.hidden = text === ''
}

const cell = (text, className = '') => part('td', text, className)

function button(text, label, onClick) {
  const element = part('button', text, 'plain')
  element.type = 'button'
  element.setAttribute('aria-label', label)
  element.addEventListener('click', onClick)
  return element
}

function row(...cells) {
  const element = document.createElement('tr')
  element.append(...cells)
  return element
}

/** The time alone says nothing about yesterday. */
function moment(time) {
  const date = new Date(time)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? date.toLocaleTimeString() : date.toLocaleString()
}

const TRUNK_KINDS = { registered: 'good', failing: 'error' }

function trunkText({ name, registration, since, last_failure: failure, health }) {
  if (health.reach === 'down')
    return `trunk ${name}: no answer since ${moment(health.since)}: ${health.sip_status ?? health.detail}`
  if (registration === 'none') return `trunk ${name}: answers`
  if (registration !== 'failing') return `trunk ${name}: ${registration}`
  const why = failure === null ? '' : `: ${failure.sip_status ?? failure.detail}`
  return `trunk ${name}: failing since ${moment(since)}${why}`
}

function showTrunks(trunks, sipServerAway = false) {
  const ofTrunks = trunks
    .filter(({ registration, health }) => registration !== 'none' || health.reach !== 'unasked')
    .map((trunk) => {
      const isDown = trunk.health.reach === 'down'
      const isUp = trunk.registration === 'none' && trunk.health.reach === 'up'
      const kind = isDown ? 'error' : isUp ? 'good' : (TRUNK_KINDS[trunk.registration] ?? '')
      return part('p', trunkText(trunk), `badge ${kind}`.trim())
    })
  const away = 'the SIP server is away: no call comes or goes'
  const badges = sipServerAway ? [part('p', away, 'badge error'), ...ofTrunks] : ofTrunks
  const text = badges.map((badge) => badge.textContent).join()
  const shown = [...find('trunks').children].map((badge) => badge.textContent).join()
  if (text !== shown) find('trunks').replaceChildren(...badges)
}

function showHowTo(howTo) {
  find('key-section').hidden = true
  find('try-section').hidden = false
  find('rehearsal').hidden = !howTo.rehearsal
  // A node that costs money invites nobody.
  if (howTo.rehearsal)
    find('call-in-hint').textContent =
      'Call this address with any softphone (no registration, PCMU or PCMA):'
  find('sip-uri').textContent = howTo.sip_uri || 'the SIP server is starting …'
  find('example-curl').textContent = signedIn
    ? howTo.example_curl.replace(' -H', ' -H "Authorization: Bearer $API_KEY" -H')
    : howTo.example_curl
  find('demo').hidden = howTo.demo_numbers.length === 0
  const rows = howTo.demo_numbers.map(({ number, what }) => {
    const dial = button(number, `Use ${number}`, () => {
      find('number').value = number
      find('number').focus()
    })
    const first = cell('', 'number')
    first.append(dial)
    return row(first, cell(what))
  })
  find('demo-rows').replaceChildren(...rows)
}

async function showWho() {
  const who = await request('/api/session')
  // In rehearsal nobody has to say who they are.
  signedIn = who.key_id === 'rehearsal' ? null : who
  find('who').hidden = signedIn === null
  find('who-text').textContent = `${who.name ?? who.key_id} (${who.role})`
  find('debug-link').hidden = who.role !== 'admin'
}

function askForKey(error) {
  find('key-section').hidden = false
  find('try-section').hidden = true
  find('calls-table').hidden = true
  say(find('calls-state'), 'Enter the key to see calls.')
  find('who').hidden = true
  say(find('key-error'), signedIn ? error.message : '', 'error')
  signedIn = null
}

const seconds = (value) => (value === null ? '' : `${value.toFixed(1)} s`)
const cents = (cost) => (cost === null ? '' : `$${(cost.amount_minor / 100).toFixed(2)}`)
const afterAnswer = (agent) =>
  agent.open_ms_after_answer === null ? '' : `+${agent.open_ms_after_answer.toFixed(1)} ms`

function statusOf(call) {
  if (call.status !== 'ended') return cell(call.status, 'good')
  const reason = call.termination?.reason ?? ''
  const ok = call.termination?.result === 'success'
  return cell(
    reason && reason !== call.outcome ? `${call.outcome} (${reason})` : `${call.outcome}`,
    ok ? '' : 'error',
  )
}

function callRow(call) {
  const time = new Date(call.created_at).toLocaleTimeString()
  const open = button(time, `Timeline of the call of ${time}`, () => selectCall(call.call_id))
  open.dataset.focus = `open ${call.call_id}`
  const first = cell('', 'number')
  first.append(open)
  const action = cell('')
  if (call.status !== 'ended') {
    const end = button('Hang up', `Hang up the call of ${time}`, () => hangUp(call.call_id))
    end.dataset.focus = `end ${call.call_id}`
    action.append(end)
  }
  return row(
    first,
    cell(call.direction),
    cell(call.from ?? 'anonymous', 'number'),
    cell(call.to, 'number'),
    statusOf(call),
    cell(seconds(call.duration_seconds), 'number'),
    cell(afterAnswer(call.agent), 'number'),
    cell(cents(call.cost), 'number'),
    action,
  )
}

/** By POST: numbers belong in no address. */
const findCalls = (narrowed) =>
  request('/api/calls/search', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ limit: 20, ...narrowed }),
  })

const NUMBER = /^[+\d\s().\-/]+$/

function searchOf(typed) {
  if (typed === '') return {}
  return NUMBER.test(typed) ? { number: typed } : { text: typed }
}

async function showCalls() {
  const narrowed = searched
  if (narrowed === null) return
  const { items, next_cursor: next } = await findCalls(narrowed)
  // Another search was begun meanwhile: its answer comes next.
  if (narrowed !== searched) return
  const live = items.filter((call) => call.status !== 'ended').length
  const isNarrowed = Object.keys(narrowed).length > 0
  const none = isNarrowed
    ? 'No call is found. Words are found once their call has ended.'
    : 'No calls yet. Place one above, or call in.'
  const some = isNarrowed
    ? `${items.length} found${next === null ? '.' : ': the newest; there are more.'}`
    : `${live} live, the newest ${items.length} shown.`
  say(find('calls-state'), items.length === 0 ? none : some)
  find('calls-table').hidden = items.length === 0
  // The rows are made anew; whoever works by keyboard stays where they were.
  const focused = document.activeElement?.dataset?.focus
  find('calls-rows').replaceChildren(...items.map(callRow))
  if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus()
}

async function hangUp(callId) {
  try {
    await request(`/api/calls/${callId}/hangup`, { method: 'POST' })
  } catch (error) {
    say(find('calls-state'), error.message, 'error')
    return
  }
  await refresh()
}

const detailsOf = ({ at: _at, offset_ms: _offset, type: _type, ...rest }) =>
  Object.entries(rest)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(' · ')

function part(name, text, className = '') {
  const element = document.createElement(name)
  element.textContent = text
  element.className = className
  return element
}

const inSeconds = (ms) => `${(ms / 1000).toFixed(1)} s`

/** What was heard plain, what was not struck; what a listener cannot see is said as well. */
function wordsCell(turn) {
  const element = cell('', 'words')
  const text =
    turn.text ??
    turn.heard_text ??
    (turn.prompt_id ? `(message “${turn.prompt_id}”)` : '(no words known)')
  const aside = (words) => part('span', ` ${words}`, 'aside')
  if (turn.tentative) element.append(part('span', text), aside('not settled'))
  else if (turn.heard === 'nothing') element.append(part('s', text), aside('nobody heard it'))
  else if (turn.heard !== 'part') {
    element.append(part('span', text))
    if (turn.heard === 'unknown') element.append(aside('how much was heard is not known'))
  } else {
    const heard = turn.heard_text
    if (heard !== null && text.startsWith(heard))
      element.append(part('span', heard), part('s', text.slice(heard.length)))
    else if (heard !== null) element.append(part('span', heard), part('span', ' '), part('s', text))
    else element.append(part('span', text))
    const of = turn.spoken_ms === null ? '' : ` of ${inSeconds(turn.spoken_ms)}`
    element.append(aside(`cut off: ${inSeconds(turn.heard_ms)}${of} heard`))
  }
  return element
}

function showTranscript(transcript) {
  find('transcript').hidden = transcript === null
  const rows = (transcript?.items ?? []).map((turn) =>
    row(cell(inSeconds(turn.offset_ms), 'number'), cell(turn.role, 'number'), wordsCell(turn)),
  )
  find('transcript-rows').replaceChildren(...rows)
}

async function selectCall(callId) {
  selectedCall = callId
  find('timeline-section').hidden = false
  find('timeline-rows').replaceChildren()
  say(find('timeline-state'), 'Loading the timeline …')
  find('debug-link').href = `/api/calls/${callId}/debug`
  find('recording-link').href = `/api/calls/${callId}/recording`
  find('recording-link').hidden = true
  showTranscript(null)
  await showTimeline()
  find('timeline-title').focus()
}

async function showTimeline() {
  if (selectedCall === null) return
  const callId = selectedCall
  try {
    const [call, { items }] = await Promise.all([
      request(`/api/calls/${callId}`),
      request(`/api/calls/${callId}/timeline`),
    ])
    const transcript = call.has_transcript ? await request(`/api/calls/${callId}/transcript`) : null
    if (callId !== selectedCall) return
    find('recording-link').hidden = !call.has_recording
    showTranscript(transcript)
    say(
      find('timeline-state'),
      items.length === 0 ? `${callId}: nothing has happened yet.` : callId,
    )
    find('timeline-rows').replaceChildren(
      ...items.map((item) =>
        row(
          cell(`${item.offset_ms < 0 ? '' : '+'}${item.offset_ms.toFixed(0)} ms`, 'number'),
          cell(item.type, 'number'),
          cell(detailsOf(item), 'details'),
        ),
      ),
    )
  } catch (error) {
    say(find('timeline-state'), error.message, 'error')
  }
}

let refreshing = false
async function refresh() {
  if (refreshing) return
  refreshing = true
  try {
    const howTo = await request('/api/how-to')
    showTrunks(howTo.trunks, howTo.sip_server_away)
    if (find('try-section').hidden || find('sip-uri').textContent.endsWith('…')) {
      await showWho()
      showHowTo(howTo)
    }
    await showCalls()
    await showTimeline()
  } catch (error) {
    // Nobody told how they stand: what was last known would pass for now.
    if (error.status === undefined || error.status === 401) showTrunks([])
    if (error.status === 401) askForKey(error)
    else say(find('calls-state'), error.message, 'error')
  } finally {
    refreshing = false
  }
}

find('key-form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const key = find('key').value.trim()
  find('key').value = ''
  try {
    await request('/api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key }),
    })
  } catch (error) {
    say(find('key-error'), error.message, 'error')
    return
  }
  say(find('key-error'), '')
  await refresh()
})

find('sign-out').addEventListener('click', async () => {
  try {
    await request('/api/session', { method: 'DELETE' })
  } catch (error) {
    if (error.status !== 401) return say(find('calls-state'), error.message, 'error')
  }
  signedIn = null
  selectedCall = null
  find('timeline-section').hidden = true
  find('timeline-rows').replaceChildren()
  find('calls-rows').replaceChildren()
  showTranscript(null)
  showTrunks([])
  askForKey(new Error('Signed out.'))
})

find('call-form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const result = find('call-result')
  const submit = event.target.querySelector('button')
  submit.disabled = true
  say(result, 'Calling …')
  try {
    const call = await request('/api/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomKey() },
      body: JSON.stringify({ phone_number: find('number').value }),
    })
    say(result, `The call is ${call.status}; it stands in the list below.`, 'good')
    await refresh()
  } catch (error) {
    say(result, error.message, 'error')
  } finally {
    submit.disabled = false
  }
})

find('search-form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const narrowed = searchOf(find('search').value.trim())
  searched = narrowed
  try {
    await showCalls()
  } catch (error) {
    if (narrowed !== searched) return
    if (error.status === 401) return askForKey(error)
    // It stays refused: its reason is left standing, not asked for again.
    if (error.status === 400) searched = null
    say(find('calls-state'), error.message, 'error')
    find('calls-table').hidden = true
  }
})

find('timeline-close').addEventListener('click', () => {
  const callId = selectedCall
  selectedCall = null
  find('timeline-section').hidden = true
  document.querySelector(`[data-focus="open ${CSS.escape(callId ?? '')}"]`)?.focus()
})

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})
setInterval(() => {
  // Signed out there is nothing to ask for; hidden, nobody looks.
  if (!document.hidden && find('key-section').hidden) refresh()
}, REFRESH_MS)
refresh()
