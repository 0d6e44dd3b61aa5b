// Buckets of histograms, chosen for the range of what they measure.

/** Post-dial delay: a good trunk rings within two seconds, callers give up after ten. */
export const PDD_SECONDS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 30]

/** From the INVITE to the 200 OK: a telephone rings for half a minute, and a minute at most. */
export const ANSWER_SECONDS = [0.5, 1, 2, 3, 5, 7.5, 10, 15, 20, 25, 30, 45, 60, 120]

/** Talk times. */
export const CALL_SECONDS = [1, 5, 10, 20, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600]

/** Sub-frame latencies: 0.1 ms to 1 s around the 20 ms frame. */
export const FRAME_SECONDS = [0.0001, 0.0003, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1]

/** Interarrival jitter: a tenth of a frame to a second. */
export const JITTER_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.5, 1]

/** The grades of ITU-T G.107 annex B: 4.34 very satisfied, 4.03 satisfied, 3.6 some, 3.1 many, 2.58 nearly all not. */
export const MOS_GRADES = [1.5, 2, 2.58, 3.1, 3.6, 3.8, 4.03, 4.2, 4.34, 4.5]

/** Requests and agent set-up. */
export const REQUEST_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]

/** Upgrade request to the first agent audio: fine where a caller begins to wonder whether anybody is there. */
export const FIRST_AUDIO_SECONDS = [0.2, 0.3, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7, 10]
