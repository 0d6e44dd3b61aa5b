// Where the lanes stand, in pixels from the top of the axis: one column for those that draw and those that name them.
export const LEVELS = {
  ruler: { top: 0, height: 26 },
  state: { top: 30, height: 22 },
  ladder: { top: 58, height: 146 },
  sound: { top: 224, height: 100 },
  'caller-words': { top: 330, height: 26 },
  'agent-words': { top: 358, height: 26 },
  agent: { top: 392, height: 26 },
  call: { top: 420, height: 26 },
  silence: { top: 454, height: 24 },
} as const

/** What the guard has to say stands between the ladder and the sound. */
export const GUARD_LABEL_TOP = 205

export const STAGE_HEIGHT = 486

/** From the ladder's top. */
export const LIFELINES = { carrier: 14, gateway: 62, agent: 110 } as const
/** The agent's session hangs below its line: where money flows. */
export const SESSION = { top: 114, height: 26 } as const

/** Two marks begin no closer than this. */
export const GAPS = { ladder: 34, marks: 26, blocks: 10, silences: 10, sound: 3 } as const
