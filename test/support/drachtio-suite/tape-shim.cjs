// A stand-in for "tape" with just what drachtio-srf's tests use; tape itself is not among our dependencies.
'use strict'

let count = 0
let failed = 0

function report(ok, name) {
  count += 1
  if (!ok) failed += 1
  process.stdout.write(`${ok ? 'ok' : 'not ok'} ${count} ${name}\n`)
}

module.exports = function test(name, run) {
  process.stdout.write(`# ${name}\n`)
  let deadline
  const finish = () => {
    clearTimeout(deadline)
    process.stdout.write(`1..${count}\n`)
    // The tests leave reconnect timers behind; what counts has been printed.
    setTimeout(() => process.exit(failed === 0 ? 0 : 1), 50)
  }
  const t = {
    timeoutAfter(ms) {
      deadline = setTimeout(() => {
        report(false, `timed out after ${ms} ms`)
        finish()
      }, ms)
    },
    pass: (message) => report(true, message),
    fail: (message) => report(false, message),
    ok: (value, message) => report(Boolean(value), message),
    notOk: (value, message) => report(!value, message),
    equal: (actual, expected, message) => report(actual === expected, `${message} (got ${actual})`),
    error: (error) => {
      if (error) report(false, `error: ${error.message ?? error}`)
    },
    end: (error) => {
      if (error) report(false, `ended with ${error.message ?? error}`)
      finish()
    },
  }
  run(t)
}
