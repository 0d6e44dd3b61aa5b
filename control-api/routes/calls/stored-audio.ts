// Sound from the media store, as routes of calls send it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { MediaStore } from '#core/contracts'
import { AppError } from '#core/errors'
import {
  describeStored,
  fileResponses,
  rangeHeaders,
  sendStored,
  type StoredFile,
} from '../stored-file.ts'

export interface StoredAudio extends StoredFile {
  readonly contentType: 'audio/wav' | 'audio/mpeg'
}

export const audioHeaders = rangeHeaders('recording')

export const audioResponses = (...contentTypes: readonly StoredAudio['contentType'][]) =>
  fileResponses('recording', contentTypes)

export const DELETED = 'The recording of this call was deleted.'

export const noRecording = (why: string): AppError => new AppError('RECORDING_NOT_FOUND', why)

const SENT_AS = { what: 'The recording', missing: () => noRecording(DELETED) }

/** @throws AppError `RECORDING_NOT_FOUND`, `RANGE_NOT_SATISFIABLE`, `STORAGE_UNAVAILABLE`. */
export const sendAudio = (
  store: MediaStore,
  audio: StoredAudio,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => sendStored(store, audio, SENT_AS, { request, reply })

export const describeAudio: (reply: FastifyReply, audio: StoredAudio) => FastifyReply =
  describeStored
