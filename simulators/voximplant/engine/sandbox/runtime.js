// The globals of a scenario, made inside its own context, so that it never holds an object of the program outside. All
// that crosses the border is text: `bridge` takes a name and JSON and gives JSON; `deliver` takes JSON.
// Values as in voximplant.com/docs/references/voxengine (typings 28.0.0, read autumn 2026).
;(function install(bridge) {
  'use strict'
  const { parse, stringify } = JSON
  const global = globalThis

  function ask(operation, ...details) {
    let answer
    try {
      answer = parse(bridge(operation, stringify(details)))
    } catch {
      // A fault of the other side is an object of the other side.
      throw new Error('Internal error')
    }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value
  }

  /** `CallEvents` and the like: 'Call.' + the name. */
  const names = (prefix, list) =>
    Object.freeze(Object.fromEntries(list.split(' ').map((name) => [name, prefix + name])))

  const AppEvents = names('Application.', 'CallAlerting Terminating Terminated Started HttpRequest')
  const CallEvents = names(
    'Call.',
    'AudioStarted Connected Disconnected Failed FirstAudioPacketReceived PlaybackFinished PlaybackStarted ' +
      'RecordStarted RecordStopped RecordError Ringing ToneReceived',
  )
  const AgentsEvents = names(
    'ElevenLabs.Agents.',
    'Unknown HTTPResponse ConversationInitiationMetadata Ping UserTranscript AgentResponse ' +
      'AgentResponseCorrection Interruption ContextualUpdate ClientToolCall VadScore ' +
      'InternalTentativeAgentResponse WebSocketError ConnectorInformation AgentToolResponse',
  )
  const MediaEvents = names('ElevenLabs.Events.', 'WebSocketMediaStarted WebSocketMediaEnded')
  const DetectionEvents = names('AMD.Events.', 'DetectionComplete DetectionError')

  class Emitter {
    #listeners = new Map()
    addEventListener(name, listener) {
      // Anything but a function ends the session when it is called, as at the vendor.
      const others = (this.#listeners.get(name) || []).filter((other) => other !== listener)
      this.#listeners.set(name, [...others, listener])
    }
    removeEventListener(name, listener) {
      const kept =
        listener === undefined
          ? []
          : (this.#listeners.get(name) || []).filter((other) => other !== listener)
      this.#listeners.set(name, kept)
    }
    static emit(emitter, name, event) {
      for (const listener of emitter.#listeners.get(name) || []) run(() => listener(event))
    }
  }
  const { emit } = Emitter
  delete Emitter.emit

  function run(act) {
    try {
      act()
    } catch (error) {
      ask('broken', wordsOf(error))
    }
  }

  function wordsOf(error) {
    try {
      return String(error instanceof Error ? error.stack || error.message : error)
    } catch {
      return 'an error without words'
    }
  }

  const calls = new Map()
  const clients = new Map()
  const detectors = new Map()
  const promises = new Map()
  const timers = new Map()
  const closeListeners = new Map()
  let lastId = 0
  const nextId = () => (lastId += 1)
  const idOf = new WeakMap()
  const states = new Map()

  /** A promise that the other side settles. */
  function promised(operation, ...details) {
    const id = nextId()
    ask(operation, id, ...details)
    return new Promise((resolve, reject) => promises.set(id, { resolve, reject }))
  }

  class Call extends Emitter {
    #facts
    constructor(facts) {
      super()
      this.#facts = facts
      idOf.set(this, facts.id)
      calls.set(facts.id, this)
      states.set(facts.id, facts.state)
    }
    id = () => this.#facts.id
    number = () => this.#facts.number
    callerid = () => this.#facts.callerid
    incoming = () => this.#facts.incoming
    displayName = () => ''
    state = () => states.get(this.#facts.id)
    answer = () => ask('answer', this.id())
    reject = (code) => ask('reject', this.id(), code)
    decline = (code) => ask('reject', this.id(), code)
    hangup = () => ask('hangup', this.id())
    startEarlyMedia = () => ask('startEarlyMedia', this.id())
    record = (parameters) => ask('record', this.id(), parameters || {})
    say = (text) => ask('say', this.id(), String(text))
    startPlayback = (url) => ask('startPlayback', this.id(), String(url))
    stopPlayback = () => ask('stopPlayback', this.id())
    handleTones = (handle) => ask('handleTones', this.id(), handle === true)
    sendMediaTo = (unit) => ask('sendMedia', this.id(), idOf.get(unit))
    stopMediaTo = (unit) => ask('stopMedia', this.id(), idOf.get(unit))
  }

  class AgentsClient extends Emitter {
    #id
    constructor(id) {
      super()
      this.#id = id
      idOf.set(this, id)
      clients.set(id, this)
    }
    id = () => String(this.#id)
    webSocketId = () => String(this.#id)
    close = () => ask('agentClose', this.#id)
    sendMediaTo = (unit) => ask('sendMedia', this.#id, idOf.get(unit))
    stopMediaTo = (unit) => ask('stopMedia', this.#id, idOf.get(unit))
    clearMediaBuffer = () => ask('agentClear', this.#id)
    conversationInitiationClientData = (data) =>
      ask('agentSend', this.#id, 'conversation_initiation_client_data', data)
    clientToolResult = (data) => ask('agentSend', this.#id, 'client_tool_result', data)
    contextualUpdate = (data) => ask('agentSend', this.#id, 'contextual_update', data)
    userMessage = (data) => ask('agentSend', this.#id, 'user_message', data)
  }

  class AnsweringMachineDetector extends Emitter {
    constructor(parameters) {
      super()
      this.model = parameters.model
      this.timeout = parameters.timeout
      const id = nextId()
      idOf.set(this, id)
      detectors.set(id, this)
    }
    id = () => String(idOf.get(this))
  }

  const app = new Emitter()
  const VoxEngine = Object.freeze({
    addEventListener: (name, listener) => app.addEventListener(name, listener),
    removeEventListener: (name, listener) => app.removeEventListener(name, listener),
    callPSTN(number, callerid, parameters = {}) {
      const { amd } = parameters
      const detection = amd && { id: idOf.get(amd), timeoutMs: amd.timeout }
      return new Call(ask('callPSTN', String(number), String(callerid), detection))
    },
    customData: (data) => ask('customData', data === undefined ? null : String(data)),
    getSecretValue: (name) => ask('secret', String(name)) ?? undefined,
    sendMediaBetween(one, other) {
      ask('sendMedia', idOf.get(one), idOf.get(other))
      ask('sendMedia', idOf.get(other), idOf.get(one))
    },
    stopMediaBetween(one, other) {
      ask('stopMedia', idOf.get(one), idOf.get(other))
      ask('stopMedia', idOf.get(other), idOf.get(one))
    },
    terminate: () => ask('terminate'),
  })

  const ElevenLabs = Object.freeze({
    AgentsEvents,
    Events: MediaEvents,
    async createAgentsClient(parameters) {
      const { onWebSocketClose, ...plain } = parameters
      const clientId = nextId()
      if (onWebSocketClose !== undefined) closeListeners.set(clientId, onWebSocketClose)
      await promised('createAgent', clientId, plain, [...states.values()])
      return new AgentsClient(clientId)
    },
  })

  const AMD = Object.freeze({
    Events: DetectionEvents,
    Model: Object.freeze({
      ...{ BR: 'br', CL: 'cl', CO: 'colombia', KZ: 'kz', MX: 'mx', RU: 'ru' },
      ...{ PH: 'ph', PE: 'pe', US: 'us', EU_GENERAL: 'eu_general' },
    }),
    ResultClass: names('', 'VOICEMAIL HUMAN TIMEOUT CALL_ENDED'),
    ResultSubtype: names('', 'MIMIC NONE'),
    create: (parameters) => new AnsweringMachineDetector(parameters),
  })

  const Modules = Object.freeze({ AI: 'ai', ElevenLabs: 'elevenlabs' })
  const modules = { ai: { AMD }, elevenlabs: { ElevenLabs } }
  const hash = (algorithm) => (data) => ask('hash', algorithm, String(data))
  const voices = (list) => Object.freeze(Object.fromEntries(list.split(' ').map((n) => [n, {}])))

  Object.assign(global, {
    Modules,
    AppEvents,
    CallEvents,
    VoxEngine,
    require(module) {
      if (modules[module] === undefined) throw new Error('Unknown module ' + String(module))
      Object.assign(global, modules[module])
    },
    VoiceList: Object.freeze({
      Default: voices(
        'ru_RU_Female ru_RU_Male en_US_Female en_US_Male de_DE_Female de_DE_Male nl_NL_Female nl_NL_Male',
      ),
    }),
    Logger: Object.freeze({ write: (text) => ask('log', String(text).slice(0, 15000)) }),
    Crypto: Object.freeze({
      hmac_sha256: (key, data) => ask('hmac', String(key), String(data)),
      sha256: hash('sha256'),
      sha1: hash('sha1'),
      md5: hash('md5'),
    }),
    Net: Object.freeze({
      httpRequestAsync: (url, options = {}) => promised('http', String(url), options),
    }),
    setTimeout(callback, ms = 0) {
      const id = nextId()
      ask('setTimer', id, Number(ms) || 0)
      timers.set(id, callback)
      return id
    },
    clearTimeout(id) {
      if (timers.delete(id)) ask('clearTimer', id)
    },
  })
  // What the language has and the platform does not say anything of.
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'escape', 'unescape']) {
    delete global[name]
  }

  const arrivals = {
    app(event) {
      const data =
        event.call === undefined ? event.data : { ...event.data, call: new Call(event.call) }
      emit(app, AppEvents[event.name], { name: AppEvents[event.name], ...data })
    },
    call({ id, name, state, data }) {
      const call = calls.get(id)
      if (state !== undefined) states.set(id, state)
      emit(call, CallEvents[name], { call, id, name: CallEvents[name], ...data })
    },
    timer({ id }) {
      const callback = timers.get(id)
      timers.delete(id)
      if (callback !== undefined) run(() => callback())
    },
    settled({ id, value, error }) {
      const promise = promises.get(id)
      promises.delete(id)
      if (promise === undefined) return
      if (error === undefined) promise.resolve(value)
      else promise.reject(new Error(error))
    },
    agent({ id, name, payload }) {
      const client = clients.get(id)
      const full = AgentsEvents[name] || MediaEvents[name]
      if (client === undefined) return
      emit(client, full, { client, name: full, ...(payload && { data: { payload } }) })
    },
    agentClosed({ id, code, reason, wasClean }) {
      const listener = closeListeners.get(id)
      if (listener !== undefined) run(() => listener({ code, reason, wasClean }))
    },
    detection({ id, name, callId, data }) {
      const amd = detectors.get(id)
      const full = DetectionEvents[name]
      emit(amd, full, { amd, callId, call: calls.get(callId), name: full, ...data })
    },
  }

  // Called by a script of the other side after each arrival, within the time that a callback may take.
  Object.defineProperty(global, '__arrive', {
    value: () => {
      const event = ask('arrival')
      if (event !== null) arrivals[event.kind](event)
    },
  })
})
