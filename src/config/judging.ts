/**
 * What the commands that judge share: --playbook, --lists, --campaigns and --config, and what they
 * load. A flag wins over the configuration file; the file may set all of them and the kill switch.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { CommandError } from '../cli/exit.ts'
import type { Keys } from '../core/event/keyed-hash.ts'
import type { Playbook } from '../core/rules/playbook.ts'
import { type Facts, noFacts } from '../facts.ts'
import { loadLists } from '../lists/lists-directory.ts'
import { fileProblem } from '../recording/file-problem.ts'
import { type Campaigns, loadCampaigns } from './campaigns-file.ts'
import { connectionKeys } from './connection-settings.ts'
import { readPlainYaml } from './plain-yaml.ts'
import { defaultPlaybookPath, loadPlaybook } from './playbook-file.ts'
import type { ModelSources } from './playbook-models.ts'

export interface JudgingOptions {
  readonly playbook?: string
  readonly model?: readonly string[]
  readonly lists?: string
  readonly campaigns?: string
  readonly config?: string
}

export interface Judging {
  readonly playbook: Playbook
  /** Names the playbook's models in the header of a recording; null without any. */
  readonly modelHash: string | null
  readonly facts: Facts
  /** Null without a file of them. */
  readonly campaigns: Campaigns | null
  /** Names lists, feeds and campaigns in the header of a recording; null without any. */
  readonly listsHash: string | null
}

const configSchema = z.strictObject({
  playbook: z.string().optional(),
  model: z.array(z.string()).optional(),
  lists: z.string().optional(),
  campaigns: z.string().optional(),
  switch: z.enum(['none', 'review', 'shadow']).default('none'),
  // Where the servers are: connections.ts reads and checks these.
  ...Object.fromEntries(connectionKeys.map((key) => [key, z.unknown().optional()])),
})
type Config = z.infer<typeof configSchema>

export const collectModels = (value: string, before: readonly string[] = []) => [...before, value]

export function addJudgingOptions(command: Command): Command {
  command.option(
    '--model <DIR>',
    'a model that the playbook names; any other is put beside it in shadow; may be repeated',
    collectModels,
  )
  return addRuleOptions(command)
}

/** For commands that look at what rules say, and have a use of their own for models. */
export function addRuleOptions(command: Command): Command {
  return command
    .option('--playbook <P>', 'rules to judge by (default: playbooks/default.yaml)')
    .option('--lists <DIR>', 'lists and address feeds, as lists import makes them')
    .option('--campaigns <FILE>', 'what the campaigns are: stores, tiers, validity, domains')
    .option('--config <FILE>', 'YAML with playbook, model, lists, campaigns and switch')
}

/** Loads all of it, or throws the one line that says what is wrong. */
export function loadJudging(
  options: JudgingOptions,
  keys: Keys,
  watching: Pick<ModelSources, 'watch'> = {},
): Judging {
  const config = options.config === undefined ? configSchema.parse({}) : readConfig(options.config)
  const models = { folders: options.model ?? config.model ?? [], ...watching }
  const playbook = loadPlaybook(options.playbook ?? config.playbook ?? defaultPlaybookPath, models)
  const listsPath = options.lists ?? config.lists
  const campaignsPath = options.campaigns ?? config.campaigns
  const loaded = listsPath === undefined ? null : loadLists(listsPath, keys)
  const campaigns = campaignsPath === undefined ? null : loadCampaigns(campaignsPath)
  const facts: Facts = {
    lists: loaded === null ? noFacts.lists : (event, at) => loaded.lists.match(event, at),
    address: loaded === null ? noFacts.address : (ip) => loaded.feeds.facts(ip),
    campaign: campaigns === null ? noFacts.campaign : (event) => campaigns.facts(event),
    switchState: () => config.switch,
  }
  const names = listsHash(loaded?.hash, campaignsPath)
  return { playbook, modelHash: modelHash(playbook), facts, campaigns, listsHash: names }
}

function modelHash({ models }: Playbook): string | null {
  if (models.length === 0) return null
  const hash = createHash('sha256')
  for (const { checksum } of models) hash.update(checksum)
  return hash.digest('hex')
}

function listsHash(lists: string | undefined, campaignsPath: string | undefined): string | null {
  if (lists === undefined && campaignsPath === undefined) return null
  const hash = createHash('sha256').update(lists ?? '')
  if (campaignsPath !== undefined) hash.update(readFileSync(campaignsPath))
  return hash.digest('hex')
}

/** Paths in the file are relative to it. */
function readConfig(path: string): Config {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw fileProblem(path, error)
  }
  const read = configSchema.safeParse(readPlainYaml(text, path, false) ?? {})
  if (!read.success) {
    const problems = read.error.issues.map(
      ({ path: at, message }) => `${path}: ${at.join('.') || 'file'}: ${message}`,
    )
    throw new CommandError(problems.join('\ncouponguard: '))
  }
  const from = (file: string | undefined) =>
    file === undefined ? undefined : resolve(dirname(path), file)
  const { playbook, model, lists, campaigns } = read.data
  return {
    ...read.data,
    playbook: from(playbook),
    model: model?.map((one) => resolve(dirname(path), one)),
    lists: from(lists),
    campaigns: from(campaigns),
  }
}
