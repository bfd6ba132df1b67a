/**
 * `campaigns import` and `remove`: what the platform tells us about its campaigns, written to
 * risk.campaigns, which every worker follows.
 */
import type { Command } from 'commander'
import { loadCampaigns } from '../config/campaigns-file.ts'
import type { Campaign } from '../core/schema.gen.ts'
import { ceTypes } from '../log/kafka/headers.ts'
import { type KeyedChange, writeKeyed } from '../log/kafka/keyed-writer.ts'
import { systemClock } from '../runtime/clock.ts'
import { addServersOptions, type ServersOptions, withServers } from './servers.ts'

interface CampaignsOptions extends ServersOptions {
  readonly json?: boolean
}

const importExamples = `
Example:
  npx couponguard campaigns import campaigns.yaml
The file is the one that --campaigns takes. It is written whole or, where anything in it is wrong, not
at all. Every worker knows within two seconds; campaigns that the file does not name stay.
`
const removeExamples = `
Example:
  npx couponguard campaigns remove spring-2025
`

export function registerCampaigns(program: Command): void {
  const campaigns = program
    .command('campaigns')
    .description('What the campaigns are: stores, tiers, validity, domains, for all workers.')
  addServersOptions(campaigns.command('import'))
    .description('Write the campaigns of a file to risk.campaigns.')
    .argument('<FILE>', 'YAML or JSON with a list under campaigns:')
    .option('--json', 'print one JSON document')
    .addHelpText('after', importExamples)
    .action(importFile)
  addServersOptions(campaigns.command('remove'))
    .description('Take campaigns away from risk.campaigns.')
    .argument('<ID...>', 'ids of campaigns')
    .option('--json', 'print one JSON document')
    .addHelpText('after', removeExamples)
    .action(remove)
}

async function importFile(path: string, options: CampaignsOptions): Promise<void> {
  const { all } = loadCampaigns(path)
  const at = systemClock.now()
  await write(
    options,
    all.map((campaign) => ({ key: campaign.id, record: campaign, at })),
  )
  if (options.json === true) process.stdout.write(`${JSON.stringify({ written: all.length })}\n`)
  else process.stdout.write(`risk.campaigns: written, ${all.length} campaigns\n`)
}

async function remove(ids: readonly string[], options: CampaignsOptions): Promise<void> {
  const at = systemClock.now()
  await write(
    options,
    ids.map((key) => ({ key, record: null, at })),
  )
  if (options.json === true) process.stdout.write(`${JSON.stringify({ removed: ids })}\n`)
  else for (const id of ids) process.stdout.write(`removed  ${id}\n`)
}

function write(options: ServersOptions, changes: readonly KeyedChange<Campaign>[]): Promise<void> {
  const topic = { topic: 'risk.campaigns', type: ceTypes.campaign } as const
  return withServers(options, ({ kafka, registry, connections: { topicPrefix } }) =>
    writeKeyed({ kafka, registry, topicPrefix }, topic, changes),
  )
}
