// What everything that acts on calls of Voximplant has in common.
import type { AgentDirectory, CallControl, CallJournal, CallSlot } from '#core/contracts'
import type { KeyedTurns } from '#core/lifecycle'
import type { CallRecorder } from '../../calls/recorder.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { VendorCallStore } from './call-store.ts'
import type { KnownApplications } from './known-applications.ts'
import type { SessionDoor } from './session-door.ts'
import type { VoximplantBook } from './voximplant-book.ts'
import type { VoximplantCallDeps } from './voximplant-call.ts'

export interface LiveDesk extends VoximplantCallDeps {
  readonly book: VoximplantBook
  readonly store: VendorCallStore
  readonly applications: KnownApplications
  readonly clients: VoximplantClients
  readonly door: SessionDoor
  readonly journal: CallJournal
  readonly recorder: Pick<CallRecorder, 'assign' | 'append' | 'find' | 'forgetAssigned'>
  readonly directory: AgentDirectory
  readonly calls: Pick<CallRepository, 'find' | 'events'>
  /** Messages of one session, one after the other. */
  readonly turns: KeyedTurns<string>
  /** Whoever admits calls of all kinds; undefined before the gateway is up. */
  readonly callControl: () => Pick<CallControl, 'admit'> | undefined
  isDraining: boolean
}

/** Of a call that an earlier run admitted, and of one that the vendor has already. */
export const NO_SLOT: CallSlot = { agentOver: () => undefined, release: () => undefined }

export const TRUNK = 'voximplant'
