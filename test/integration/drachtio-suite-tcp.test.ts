// drachtio-srf's own tests, from its npm tarball, against the embedded server, carried by TCP: the same 48 assertions.
import { testDrachtioSuite } from '../support/drachtio-suite/run-suite.ts'

testDrachtioSuite('tcp')
