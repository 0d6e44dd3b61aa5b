// Ends as the out-of-memory killer ends it.
process.kill(process.pid, 'SIGKILL')
