// What ffprobe and ffmpeg 5 are told (ffmpeg.org/ffmpeg-all.html). The whitelists are the control: without that of formats,
// a playlist by another name reads files of ours.
import type { VideoContainer } from './video-facts.ts'

/** By the bytes of the file, so that nothing is guessed. */
const DEMUXER: Readonly<Record<VideoContainer, string>> = {
  mp4: 'mov',
  mov: 'mov',
  avi: 'avi',
  mkv: 'matroska',
  webm: 'matroska',
}

/** 8192 × 4096. */
export const MAX_PIXELS = 33_554_432
export const MAX_STREAMS = 16
/** Of the decoder: a frame each is held in memory. */
const THREADS = '2'

/** Pictures: by the name that ffprobe gives them. */
export const VIDEO_CODECS: readonly string[] = [
  'av1',
  'dvvideo',
  'h263',
  'h264',
  'hevc',
  'mjpeg',
  'mpeg1video',
  'mpeg2video',
  'mpeg4',
  'msmpeg4v2',
  'msmpeg4v3',
  'prores',
  'vp8',
  'vp9',
]
/** Other names of the same among decoders, sound, words, cover pictures. */
const MORE_DECODERS: readonly string[] = [
  ...['libdav1d', 'libaom-av1', 'msmpeg4', 'libvpx', 'libvpx-vp9'],
  ...['aac', 'ac3', 'eac3', 'alac', 'flac', 'mp2', 'mp2float', 'mp3', 'mp3float'],
  ...['opus', 'libopus', 'vorbis', 'libvorbis', 'amrnb', 'amrwb', 'adpcm_ms', 'adpcm_ima_wav'],
  ...['pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le', 'pcm_u8', 'pcm_f32le'],
  ...['pcm_alaw', 'pcm_mulaw', 'adpcm_ima_qt', 'wmav1', 'wmav2'],
  ...['mov_text', 'subrip', 'srt', 'ass', 'ssa', 'webvtt', 'png', 'ccaption', 'cc_dec'],
]

/** Before `-i`: what may be opened, and how much of it. */
const input = (path: string, container: VideoContainer): readonly string[] => [
  ...['-protocol_whitelist', 'file'],
  ...['-format_whitelist', 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi'],
  ...['-codec_whitelist', [...VIDEO_CODECS, ...MORE_DECODERS].join(',')],
  ...['-probesize', '10M', '-analyzeduration', '10M'],
  ...['-max_streams', String(MAX_STREAMS), '-max_pixels', String(MAX_PIXELS)],
  // A name that begins with a dash, or holds a colon, is a name all the same.
  ...['-f', DEMUXER[container], '-i', `file:${path}`],
]

export const probeArguments = (path: string, container: VideoContainer): readonly string[] => [
  ...['-hide_banner', '-v', 'error', '-of', 'json', '-show_format', '-show_streams'],
  ...input(path, container),
]

const FFMPEG = ['-nostdin', '-hide_banner', '-v', 'error', '-nostats', '-filter_threads', '1']
const PROGRESS = ['-progress', 'pipe:1', '-stats_period', '0.5']
/** No covers, words or data. */
const PICTURE = ['-map', '0:V:0', '-sn', '-dn']

interface Timed {
  readonly cpuSeconds: number
}

/** Decodes all of it, and keeps nothing. */
export const decodeArguments = (
  path: string,
  container: VideoContainer,
  { cpuSeconds }: Timed,
): readonly string[] => [
  ...[...FFMPEG, '-xerror', '-threads', THREADS],
  ...input(path, container),
  ...[...PICTURE, '-map', '0:a?', '-timelimit', String(cpuSeconds)],
  ...[...PROGRESS, '-f', 'null', '-'],
]

const inside = (side: number, more = ''): string =>
  `scale='min(${side},iw)':'min(${side},ih)':force_original_aspect_ratio=decrease${more}`

const PREVIEW_SIDE = 1280

/** One frame as a JPEG. */
export const previewArguments = (
  path: string,
  container: VideoContainer,
  { atSeconds, target }: { readonly atSeconds: number; readonly target: string },
): readonly string[] => [
  ...[...FFMPEG, '-y', '-threads', '1', '-ss', String(atSeconds)],
  ...input(path, container),
  ...[...PICTURE, '-an', '-frames:v', '1', '-map_metadata', '-1', '-vf', inside(PREVIEW_SIDE)],
  ...['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p', '-update', '1'],
  ...['-f', 'image2', `file:${target}`],
]

const WEB_SIDE = 1920

/** For every browser: H.264 of even sizes, AAC, index in front; without what a telephone writes beside (places). */
export const transcodeArguments = (
  path: string,
  container: VideoContainer,
  { target, cpuSeconds }: Timed & { readonly target: string },
): readonly string[] => [
  ...[...FFMPEG, '-y', '-threads', THREADS],
  ...input(path, container),
  ...[...PICTURE, '-map', '0:a:0?', '-map_metadata', '-1', '-map_chapters', '-1'],
  ...['-vf', inside(WEB_SIDE, ':force_divisible_by=2')],
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-maxrate', '8M', '-bufsize', '16M'],
  ...['-pix_fmt', 'yuv420p', '-threads', THREADS],
  ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', '-timelimit', String(cpuSeconds)],
  ...[...PROGRESS, '-movflags', '+faststart', '-f', 'mp4', `file:${target}`],
]
