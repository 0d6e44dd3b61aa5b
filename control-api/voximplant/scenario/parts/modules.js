// One VoxEngine session: a phone call joined with an ElevenLabs agent, inbound or outbound, reported to voicegate.
require(Modules.ElevenLabs)
try {
  // Answering machine detection; where it is missing, calls go on without it.
  require(Modules.AI)
} catch (error) {
  Logger.write('voicegate: no module for answering machine detection')
}
