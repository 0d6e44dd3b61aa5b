// The reader of MySQL dumps: literals as MySQL writes them, wherever the stream cuts them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { readDump, type DumpRow } from '../../../../control-api/voximplant/old-panel/dump-file.ts'
import {
  DumpStatements,
  type DumpValue,
} from '../../../../control-api/voximplant/old-panel/dump-statements.ts'
import { DumpTokens } from '../../../../control-api/voximplant/old-panel/dump-tokens.ts'
import { temporaryFolder } from '../../../support/process.ts'

interface Read {
  readonly rows: readonly (readonly [string, readonly string[], readonly DumpValue[]])[]
  readonly isWhole: boolean
}

/** In pieces of so many letters. */
function read(dump: string, size = dump.length, wanted = (table: string) => table !== 'no'): Read {
  const rows: [string, readonly string[], readonly DumpValue[]][] = []
  const statements = new DumpStatements({
    isWanted: wanted,
    onTable: () => undefined,
    onRow: (...row) => rows.push(row),
  })
  const tokens = new DumpTokens(statements.take)
  for (let at = 0; at < dump.length; at += size) tokens.push(dump.slice(at, at + size))
  const isWhole = tokens.end()
  return { rows, isWhole: isWhole && statements.end() }
}

const DUMP = String.raw`/*M!999999\- enable the sandbox mode */
-- Host: localhost; Database: 'panel
# another ; comment "
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS ${'`one`'};
CREATE TABLE IF NOT EXISTS ${'`db`.`one`'} (
  ${'`id`'} int(11) NOT NULL AUTO_INCREMENT COMMENT 'a, ; ) "key" ''quoted''',
  ${'`we``ird`'} enum('a','b),','c') DEFAULT 'a',
  plain decimal(5,2) DEFAULT -1.5 CHECK (plain > (0 - 2)),
  PRIMARY KEY (${'`id`'}), KEY ${'`k`'} (${'`plain`'}, id),
  CONSTRAINT c FOREIGN KEY (id) REFERENCES other (id)
) ENGINE=InnoDB COMMENT='x;y' /*!50100 PARTITION BY HASH (id) */;
LOCK TABLES one WRITE;
INSERT INTO ${'`one`'} VALUES (1,'it\'s \"so\"\\ \n\r\t\0\Z\b\%\_\q','x'),(-2,'it''s -- no /* comment */ ; # ''',NULL),
(3, "double \" ""quoted"" 'single'" , -1.5e-3);
INSERT IGNORE INTO db.one (plain, id) VALUES (_binary 'raw\0', 0x4142),(x'c3a9',b'101'),(NOW(3,(4)),null);
INSERT INTO no VALUES (1,'never (told');
REPLACE INTO "ansi" ("a","b") VALUES (_utf8mb4 'ü🙂',TRUE) ON DUPLICATE KEY UPDATE a = VALUES(a);
INSERT INTO one SELECT * FROM other;
DELIMITER ;;
/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON one FOR EACH ROW SET @a = 'x;' */;;
DELIMITER ;
--
-- Dump completed`

const ONE = ['id', 'we`ird', 'plain']
const ROWS = [
  ['one', ONE, ['1', 'it\'s "so"\\ \n\r\t\0\x1A\b\\%\\_q', 'x']],
  ['one', ONE, ['-2', "it's -- no /* comment */ ; # '", null]],
  ['one', ONE, ['3', `double " "quoted" 'single'`, '-1.5e-3']],
  ['one', ['plain', 'id'], ['raw\0', 'AB']],
  ['one', ['plain', 'id'], ['é', '5']],
  ['one', ['plain', 'id'], [null, null]],
  ['ansi', ['a', 'b'], ['ü🙂', 'TRUE']],
]

t.test('every kind of literal, comment and statement, cut anywhere', (t) => {
  const whole = read(DUMP)
  t.same(whole.rows, ROWS)
  t.ok(whole.isWhole)
  for (const size of [1, 2, 3, 5, 7, 64]) t.same(read(DUMP, size), whole, `pieces of ${size}`)
  t.end()
})

t.test('what is cut off is not whole; what does not fit is refused', (t) => {
  const insert = 'CREATE TABLE a (x int, y int);INSERT INTO a VALUES (1,2),(3'
  t.match(read(insert), { isWhole: false, rows: { length: 1 } })
  t.notOk(read(`${insert},'4`).isWhole, 'in a text')
  t.notOk(read(`${insert},4)`).isWhole, 'before the semicolon')
  t.notOk(read('/* for ever').isWhole)
  t.ok(read('-- for ever').isWhole)
  t.throws(() => read('CREATE TABLE a (x int);INSERT INTO a VALUES (1,2);'), {
    code: 'CONFIGURATION_INVALID',
    message: /2 or more values for 1 columns/,
  })
  const endless = 'CREATE TABLE a (x int, y int);INSERT INTO a VALUES (1,2,3,'
  t.throws(() => read(endless), { message: /3 or more values for 2 columns/ }, 'before it ends')
  t.throws(() => read('CREATE TABLE a (x int, y int);INSERT INTO a VALUES (1);'), {
    message: /has 1 values for 2 columns/,
  })
  t.same(read("INSERT INTO no VALUES (1,2,3,'x');").rows, [], 'where it does not matter')
  t.throws(() => read('INSERT INTO a VALUES (1);'), { message: /--no-create-info/ })
  t.same(read("INSERT INTO no VALUES (1,'x');").rows, [], 'of no interest')
  t.end()
})

async function rowsOf(path: string): Promise<readonly DumpRow[]> {
  const rows = []
  for await (const row of readDump(path, { isWanted: (table) => table !== 'no' })) rows.push(row)
  return rows
}

t.test(
  'a file, plain or gzip, however long its lines; none, half of one, no gzip',
  async (t: Test) => {
    const folder = temporaryFolder(t, 'dump')
    const values = Array.from({ length: 30_000 }, (_, n) => `(${n},'Größe ${n} \\'')`).join(',')
    const dump = `CREATE TABLE a (n int, text text);INSERT INTO a VALUES ${values};`
    const plain = join(folder, 'dump.sql')
    writeFileSync(plain, dump)
    writeFileSync(`${plain}.gz`, gzipSync(dump))
    for (const path of [plain, `${plain}.gz`]) {
      const rows = await rowsOf(path)
      t.equal(rows.length, 30_000)
      t.ok(rows.every(({ values: [n, text] }) => text === `Größe ${n} '`))
    }
    writeFileSync(`${plain}.gz`, gzipSync(dump).subarray(0, 5000))
    await t.rejects(rowsOf(`${plain}.gz`), {
      code: 'CONFIGURATION_INVALID',
      message: /cannot be read/,
    })
    writeFileSync(`${plain}.gz`, dump)
    await t.rejects(rowsOf(`${plain}.gz`), { message: /cannot be read: incorrect header/ })
    writeFileSync(plain, dump.slice(0, -20))
    await t.rejects(rowsOf(plain), { message: /in the middle of a statement/ })
    await t.rejects(rowsOf(join(folder, 'none.sql')), { message: /ENOENT/ })
    await t.rejects(rowsOf(folder), { message: /it is no file/ })
  },
)
