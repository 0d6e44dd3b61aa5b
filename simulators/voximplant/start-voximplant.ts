// The simulator with its engine.
import { runSession } from './engine/index.ts'
import type { VoximplantOptions, VoximplantSimulator } from './options.ts'
import { openVoximplant } from './simulator.ts'

export const startVoximplant = (options: VoximplantOptions = {}): Promise<VoximplantSimulator> =>
  openVoximplant(options, runSession)
