// Does the voicegate of this container answer? Exit code 0: yes. For HEALTHCHECK, where there is no curl.
const port = process.env.HTTP_PORT || '8000'
const host = process.env.HTTP_HOST || '127.0.0.1'
const reached = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? host
try {
  const signal = AbortSignal.timeout(2500)
  const response = await fetch(`http://${reached}:${port}/health`, { signal })
  process.exitCode = response.ok ? 0 : 1
} catch {
  // Nobody there, or too late: both are the answer no.
  process.exitCode = 1
}
