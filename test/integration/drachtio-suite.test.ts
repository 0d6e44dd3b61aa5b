// drachtio-srf's own tests, from its npm tarball, against the embedded server: 48 assertions over UDP, and the same over
// TCP beside them, since most of their time is waiting.
import t from 'tap'
import { testDrachtioSuite } from '../support/drachtio-suite/run-suite.ts'

t.jobs = 2
testDrachtioSuite('udp')
testDrachtioSuite('tcp')
