/**
 * docker-compose.yml and Dockerfile where no engine runs: the rules of both that reading can prove,
 * and the image's stages acted out with its own COPY lines, so that a file that is not copied, or a
 * build that needs more than is copied, fails here.
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { kafkaVersion } from '../scripts/stack/kafka.ts'
import { registryVersion } from '../scripts/stack/registry.ts'
import { serverKinds } from '../scripts/stack/servers.ts'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const composeText = read('docker-compose.yml')
const conditionSchema = z.enum(['service_healthy', 'service_completed_successfully'])
const serviceSchema = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  entrypoint: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  healthcheck: z
    .union([
      z.strictObject({
        test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
        interval: z.string(),
        timeout: z.string(),
        retries: z.int(),
      }),
      z.strictObject({ disable: z.literal(true) }),
    ])
    .optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: conditionSchema })).optional(),
  deploy: z.strictObject({ replicas: z.int() }).optional(),
  restart: z.enum(['no', 'unless-stopped']).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
})
const compose = z
  .object({
    name: z.string(),
    services: z.record(z.string(), serviceSchema),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(composeText, { merge: true }))
type Composed = z.infer<typeof serviceSchema>
const services = Object.entries(compose.services)
const isServer = (name: string): boolean => serverKinds.some((kind) => kind === name)

const dockerfile = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
const stages = dockerfile.split(/^(?=FROM )/m).filter((stage) => stage.startsWith('FROM '))
const last = stages.at(-1)!
const pinned = /^[\w./-]+:(?!latest)[\w-]*\d+\.\d+[\w.-]*$/

describe('docker-compose.yml', () => {
  test('has the servers that npm run stack starts, two workers, a monitor and the console', () => {
    const names = services.map(([name]) => name)
    expect(names).toEqual(expect.arrayContaining([...serverKinds, 'worker', 'monitor', 'console']))
    expect(compose.services.worker!.deploy).toEqual({ replicas: 2 })
    expect(compose.services.worker!.command!.join(' ')).toMatch(/^run --store redis /)
  })

  test('has Kafka and the registry in the versions that the tests run against', () => {
    expect(compose.services.kafka!.image).toBe(`apache/kafka:${kafkaVersion}`)
    expect(compose.services.registry!.image.split(':')[1]).toBe(registryVersion)
  })

  const rules: readonly (readonly [string, (service: Composed, name: string) => boolean])[] = [
    ['an image names one version', ({ image }) => pinned.test(image)],
    [
      'what people reach has one port, on the loopback interface, that its variable may move',
      ({ ports }, name) => {
        const variable = `COUPONGUARD_${name.toUpperCase()}_PORT`
        const port = new RegExp(`^127\\.0\\.0\\.1:\\$\\{${variable}:-\\d+\\}:\\d+$`)
        const isReached = isServer(name) || name === 'console'
        return isReached ? ports?.length === 1 && port.test(ports[0]!) : ports === undefined
      },
    ],
    [
      'what it waits for exists and can become so',
      ({ depends_on }) =>
        Object.entries(depends_on ?? {}).every(([other, { condition }]) => {
          const awaited = compose.services[other]
          return condition === 'service_healthy'
            ? awaited?.healthcheck !== undefined && 'test' in awaited.healthcheck
            : awaited?.restart === 'no'
        }),
    ],
    [
      'its volumes are declared',
      ({ volumes }) => (volumes ?? []).every((volume) => volume.split(':')[0]! in compose.volumes),
    ],
    [
      'it tells its health, or is there once',
      ({ healthcheck, build, restart }) =>
        restart === 'no' ||
        (healthcheck === undefined
          ? build !== undefined && last.includes('HEALTHCHECK')
          : 'test' in healthcheck),
    ],
    [
      'what the caller may set has a default',
      (service) =>
        [...JSON.stringify(service).matchAll(/\$\{?\w+(:-)?/g)].every(([, or]) => or === ':-'),
    ],
    [
      'our own may do little',
      ({ build, read_only, cap_drop, security_opt }) =>
        build === undefined ||
        (read_only === true &&
          cap_drop?.join() === 'ALL' &&
          security_opt?.join() === 'no-new-privileges:true'),
    ],
  ]
  test.each(rules)('%s', (_, holds) => {
    expect(services.filter(([name, service]) => !holds(service, name))).toEqual([])
  })

  const commandLines = services
    .filter(([, { build }]) => build !== undefined)
    .map(([name, { command }]) => {
      // A shell's script ends with the program's words.
      const words = command!.join(' ').split('dist/main.js ').at(-1)!
      return [name, words.trim().split(' ')] as const
    })

  test.each(commandLines)('%s: the program knows what it is told: %s', (_, words) => {
    const options = words.filter((word) => word.startsWith('--'))
    const first = words.findIndex((word) => word.startsWith('-'))
    const path = first === -1 ? words : words.slice(0, first)
    const help = execFileSync(
      process.execPath,
      [join(root, 'dist', 'main.js'), ...path, '--help'],
      { encoding: 'utf8' },
    )
    expect(help).toMatch(new RegExp(`^Usage: couponguard ${path.join(' ')} `))
    for (const option of options) expect(help).toContain(`  ${option} `)
  })

  test('holds no password', () => {
    expect(composeText).not.toMatch(/password\s*[:=]|_PASSWORD|secret/i)
  })
})

describe('Dockerfile', () => {
  test('every stage starts from one pinned slim image', () => {
    const bases = stages.map((stage) => /^FROM (\S+)/.exec(stage)![1]!)
    expect(new Set(bases).size).toBe(1)
    expect(bases[0]).toMatch(pinned)
    expect(bases[0]).toMatch(/-slim$/)
    expect(stages.length).toBeGreaterThan(1)
  })

  test('the last stage ends as a user that is not root, and builds nothing', () => {
    expect([...last.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user)).toEqual(['node'])
    const [, after] = last.split(/^USER .*$/m)
    expect(after).not.toMatch(/^(?:RUN|COPY|ADD) /m)
    expect(last).not.toMatch(/npm|apt-get|curl/)
  })

  test('asks /healthz for its health', () => {
    expect(last).toMatch(/HEALTHCHECK .*\/healthz/)
  })

  test('takes neither secrets nor downloads', () => {
    expect(dockerfile).not.toMatch(
      /^ADD |^ARG |https?:\/\/(?!127\.0\.0\.1)|token|password|secret/im,
    )
  })

  test('whatever it copies exists, and .dockerignore lets it through', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    const sources = stages.flatMap((stage) => copiesOf(stage)).filter(({ stage }) => stage === null)
    for (const { from } of sources) {
      expect(existsSync(join(root, from)), from).toBe(true)
      expect(allowed).toContain(from)
    }
    expect(read('.dockerignore').split('\n')[0]).toBe('*')
  })

  test('holds all that package.json calls its files', () => {
    const { files } = z
      .object({ files: z.array(z.string()) })
      .parse(JSON.parse(read('package.json')))
    expect(copiesOf(last).map(({ to }) => to)).toEqual(
      expect.arrayContaining(files.map((file) => `./${file}`)),
    )
  })
})

describe('the image, acted out', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'image-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('builds from what it copies, and judges with what it holds', () => {
    const build = actOut(stages[0]!, join(folder, 'build'), null)
    const bin = join(root, 'node_modules', '.bin')
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: build, env, stdio: 'pipe' })
    const image = actOut(last, join(folder, 'image'), build)
    const words = ['dist/main.js', 'check', 'playbooks/default.yaml']
    const out = execFileSync(process.execPath, words, { cwd: image, encoding: 'utf8' })
    expect(out).toMatch(/default/)
  })
})

interface Copy {
  /** The stage that it is copied from; null for the repository. */
  readonly stage: string | null
  readonly from: string
  readonly to: string
}

function copiesOf(stage: string): readonly Copy[] {
  return [...stage.matchAll(/^COPY (?:--from=(\w+) )?(.+)$/gm)].flatMap(([, from, words]) => {
    const paths = words!.trim().split(/\s+/)
    const to = paths.at(-1)!
    return paths.slice(0, -1).map((path) => ({ stage: from ?? null, from: path, to }))
  })
}

/** Lays out a stage in a folder; what npm would install is a link to what is installed here. */
function actOut(stage: string, folder: string, build: string | null): string {
  mkdirSync(folder)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const { stage: other, from, to } of copiesOf(stage)) {
    if (from.endsWith('node_modules')) continue
    const source = other === null ? join(root, from) : join(build!, from.replace(/^\/app\//, ''))
    const target = to === './' ? join(folder, from) : join(folder, to)
    cpSync(source, target, { recursive: true })
  }
  return folder
}
