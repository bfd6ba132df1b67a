/**
 * Labels of the real world, from the file to a judged model: clicks whose label is an attribution,
 * and card payments in the layout of a public data set, made by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRecording } from '../../src/recording/read.ts'
import {
  problemLines,
  repoRoot,
  runCli,
  runWell,
  scratchFolder,
  sharedData,
} from '../support/run-cli.ts'

const mapping = (name: string) => join(repoRoot, 'mappings', `${name}.yaml`)

test('real clicks are imported, trained on and evaluated, and called attribution', async () => {
  const folder = scratchFolder()
  const [clicks, model] = [join(folder, 'clicks.avro'), join(folder, 'attribution')]
  const file = join(sharedData, 'ad_clicks', 'clicks.csv.gz')
  await runWell(['import', '--mapping', mapping('ad_clicks_attribution'), file, '--out', clicks])
  await runWell(['train', clicks, '--out', model, '--trees', '20'], { msMax: 200_000 })
  const card = readFileSync(join(model, 'card.md'), 'utf8')
  expect(card).toContain('Its labels say **attribution**')
  expect(card).toContain('| | rows | of them attribution |')

  const words = ['evaluate', clicks, '--model', model]
  const report = JSON.parse((await runWell([...words, '--json'])).stdout)
  expect(report).toMatchObject({ target: 'attribution', labelled: 100_000, frauds: 227 })
  const ofModel = report.ways.find(({ way }: { way: string }) => way === 'model')
  expect(ofModel.rocAuc).toBeGreaterThan(0.8)
}, 240_000)

const columns = [
  ...['', 'trans_date_trans_time', 'cc_num', 'merchant', 'category', 'amt', 'first', 'last'],
  ...['gender', 'street', 'city', 'state', 'zip', 'lat', 'long', 'city_pop', 'job', 'dob'],
  ...['trans_num', 'unix_time', 'merch_lat', 'merch_long', 'is_fraud'],
]

function payment(number: number, changes: Readonly<Record<string, string>>): string {
  const plain: Readonly<Record<string, string>> = {
    '': String(number),
    trans_date_trans_time: '2019-03-01 12:00:18',
    cc_num: '4000000000000002',
    merchant: 'Corner Bakery',
    category: 'food_dining',
    amt: '4.97',
    first: 'Ada',
    last: 'Example',
    street: '1 Some Street',
    dob: '1988-03-09',
    merch_lat: '36.011293',
    merch_long: '-82.048315',
    is_fraud: '0',
  }
  return columns.map((column) => changes[column] ?? plain[column] ?? '').join(',')
}

function paymentsFile(folder: string, rows: readonly Readonly<Record<string, string>>[]): string {
  const path = join(folder, 'payments.csv')
  const lines = rows.map((changes, at) => payment(at, changes))
  writeFileSync(path, `${[columns.join(','), ...lines].join('\n')}\n`)
  return path
}

test('card payments become labelled redemptions, without a name or a number of anybody', async () => {
  const folder = scratchFolder()
  const out = join(folder, 'payments.avro')
  const file = paymentsFile(folder, [
    {},
    { cc_num: '4000000000000010', amt: '977.01', category: 'shopping_net', is_fraud: '1' },
  ])
  await runWell(['import', '--mapping', mapping('card_payments'), file, '--out', out])
  const rows = []
  for await (const some of (await openRecording(out)).rows()) rows.push(...some)
  expect(rows.map(({ event, labels }) => [event, labels])).toMatchObject([
    [
      { kind: 'redemption', merchant: 'Corner Bakery', category: 'food_dining', orderAmount: 497 },
      { fraud: false, target: null },
    ],
    [{ currency: 'USD', orderAmount: 97_701, category: 'shopping_net' }, { fraud: true }],
  ])
  expect(rows[0]!.event!.occurredAt).toBe(Date.parse('2019-03-01T12:00:18Z'))
  const bytes = readFileSync(out, 'latin1')
  for (const personal of ['4000000000000002', '4000000000000010', 'Ada', 'Some Street', '1988'])
    expect(bytes).not.toContain(personal)

  const trained = await runCli(['train', out, '--out', join(folder, 'cards')])
  expect([trained.code, problemLines(trained)]).toEqual([
    1,
    [expect.stringMatching(/rows to train on, \d of them fraud/)],
  ])
})
