// Takes the place of drachtio-srf's test/sipp.js: runs the local sipp instead of a docker container.
'use strict'
const { spawn } = require('node:child_process')
const path = require('node:path')

/** What sipp said last may still be on its way when it ends, and the tests hang up at once. */
const ON_ITS_WAY_MS = 250

const network = process.env.SUITE_NETWORK
let output = ''
let index = 1

function runSipp(file, address, more) {
  // Two may run at once (refer.js): each has ports of its own.
  const port = 6100 + index * 10
  index += 1
  const args = ['-sf', path.join(__dirname, 'scenarios', file), '-i', address, '-mi', address]
  args.push(
    '-t',
    process.env.SIPP_MODE || 'u1',
    '-m',
    '1',
    '-nostdin',
    '-mp',
    String(port + 2000),
    ...more(port),
  )
  output = ''
  return new Promise((resolve, reject) => {
    const child = spawn('sipp', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TERM: 'dumb' },
    })
    const collect = (data) => {
      output += data.toString('latin1')
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0) setTimeout(resolve, ON_ITS_WAY_MS)
      else {
        console.log(`sipp ${file} exited with ${code ?? signal}`)
        reject(new Error(`sipp ${file} exited with ${code ?? signal}`))
      }
    })
  })
}

module.exports = () => ({
  output: () => output,
  sippUac: (file) =>
    runSipp(file, `${network}50`, (port) => [
      '-sleep',
      '1',
      '-p',
      String(port),
      '-cid_str',
      `%u-%p@%s-${index}`,
      `${network}10`,
    ]),
  sippUas: (file) => runSipp(file, `${network}51`, () => ['-p', '5060']),
})
