// What the simulated D-ID and HeyGen have in common: jobs that take their time, real videos, faults. The wire formats are theirs.
export { pageOf, sendAnswer } from './answer-sender.ts'
export { type VendorWords } from './desk.ts'
export { formOf, type FormFile } from './form-data.ts'
export {
  JOB_FAULTS,
  faultsIn,
  type JobFault,
  type JobFaultKind,
  type TaskFaults,
} from './job-faults.ts'
export { pageOfNewest } from './page.ts'
export { pictureShape, type PictureShape } from './picture-shape.ts'
export { printJobs } from './print-jobs.ts'
export { type RequestFault, type RequestFaultOptions } from './request-faults.ts'
export { type RequestRecord } from './request-log.ts'
export { partOf, Routes } from './routes.ts'
export { soundShape } from './sound-shape.ts'
export {
  type JobFailure,
  type JobRecord,
  type JobState,
  type OnSubmit,
  type StudioJob,
} from './studio-job.ts'
export {
  type StudioVendor,
  type StudioVendorOptions,
  type SubmissionRecord,
} from './studio-options.ts'
export { DAY_MS, StudioPlatform } from './studio-platform.ts'
export { jsonOf, Refusal, type Answer, type StudioRequest } from './studio-request.ts'
export { fateOf, type RefusalKind } from './submission-fate.ts'
export { whenToldFirst, type Telling } from './telling.ts'
export { UploadStore, type Upload } from './upload-store.ts'
export {
  boundedSeconds,
  createVideoRenderer,
  type Shot,
  type VideoRenderer,
} from './video-renderer.ts'
export { isWebhookUrl } from './webhook-url.ts'
export { type WebhookRecord } from './webhook-sender.ts'
