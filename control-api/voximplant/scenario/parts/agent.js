// The agent: opened by an answered call alone, once, and closed with it.

/** @param {Call} answered */
async function openAgent(answered) {
  if (agentAsked || !isTalking()) return
  agentAsked = true
  known.at.agent_requested = Date.now()
  const tooLate = setTimeout(() => hangUp(WITHOUT_AGENT), AGENT_OPENS_WITHIN_MS)
  let client
  try {
    client = await ElevenLabs.createAgentsClient({
      xiApiKey: VoxEngine.getSecretValue('ELEVENLABS_API_KEY') || '',
      agentId: plan.agentId,
      includeConversationId: true,
      // What is said belongs into no log of the platform.
      privacy: true,
      onWebSocketClose: onAgentClosed,
    })
  } catch (error) {
    Logger.write('voicegate: no agent')
    hangUp(WITHOUT_AGENT)
    return
  } finally {
    clearTimeout(tooLate)
  }
  agent = client
  known.at.agent_opened = Date.now()
  if (!isTalking()) {
    closeAgent()
    return
  }
  // Must be the first that the agent is sent, so nothing may be awaited before.
  client.conversationInitiationClientData(initiationData())
  listenToAgent(client)
  VoxEngine.sendMediaBetween(answered, client)
}

function initiationData() {
  /** @type {Record<string, unknown>} */
  const data = { dynamic_variables: plan.dynamicVariables }
  if (plan.configOverride !== null) data.conversation_config_override = plan.configOverride
  return data
}

/** @param {ElevenLabs.AgentsClient} client */
function listenToAgent(client) {
  client.addEventListener(ElevenLabs.AgentsEvents.ConversationInitiationMetadata, (event) => {
    const payload = payloadOf(event)
    const metadata = payload.conversation_initiation_metadata_event || payload
    if (typeof metadata.conversation_id === 'string') {
      known.conversation_id = metadata.conversation_id
      nameConversation(metadata.conversation_id)
    }
    report('agent')
  })
  client.addEventListener(ElevenLabs.AgentsEvents.Interruption, () => client.clearMediaBuffer())
  client.addEventListener(ElevenLabs.AgentsEvents.ClientToolCall, (event) => {
    // Nobody else answers, and without `is_error` the connection is closed with 1008.
    const { tool_call_id } = payloadOf(event).client_tool_call || {}
    client.clientToolResult({ tool_call_id, result: 'not available here', is_error: true })
  })
  client.addEventListener(ElevenLabs.Events.WebSocketMediaStarted, () => {
    if (known.at.first_audio === null) known.at.first_audio = Date.now()
  })
}

/** In the history, too: what was said is found by it should every message be lost. @param {string} id */
function nameConversation(id) {
  const data = JSON.stringify(known.token === null ? { c: id } : { t: known.token, c: id })
  if (data.length <= MOST_CUSTOM_DATA) VoxEngine.customData(data)
}

/** The vendor's message as it is. @param {ElevenLabs._AgentsEvent} event @returns {any} */
function payloadOf(event) {
  return (event.data && event.data.payload) || {}
}

/** @param {{ code?: number, reason?: string, wasClean?: boolean }} event */
function onAgentClosed(event) {
  if (known.at.agent_closed === null) known.at.agent_closed = Date.now()
  if (known.agent_close === null) {
    const reason = String(event.reason || '').slice(0, 200)
    known.agent_close = { code: numberOrNull(event.code), reason, clean: event.wasClean === true }
  }
  if (!isTalking()) return
  leaving = AGENT_LEFT
  setTimeout(() => hangUp(AGENT_LEFT), FAREWELL_MS)
}
