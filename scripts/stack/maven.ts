/**
 * Java programs from Maven Central, fetched once into `$XDG_CACHE_HOME/couponguard` (by default
 * below `~/.cache`) by the machine's own mvn, with its settings and mirrors. A folder there is
 * whole or absent: it is filled beside its place and then renamed.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { requireCommand, Unavailable } from './available.ts'

export interface MavenBundle {
  /** Name of its folder in the cache: program and version. */
  readonly name: string
  readonly artifacts: readonly MavenArtifact[]
}

export interface MavenArtifact {
  /** `group:artifact:version`. */
  readonly coordinates: string
  readonly type?: string
  readonly classifier?: string
  /** Without what it depends on. */
  readonly alone?: boolean
}

export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'couponguard')
}

/**
 * The folder that holds the bundle's files. The first call for a bundle downloads, says so on
 * stderr and may take minutes; throws Unavailable where mvn is missing or fails.
 */
export function fetchBundle(bundle: MavenBundle): string {
  const folder = join(cacheFolder(), bundle.name)
  if (existsSync(folder)) return folder
  const mvn = requireCommand('mvn', 'maven')
  mkdirSync(cacheFolder(), { recursive: true })
  const filling = mkdtempSync(join(cacheFolder(), `.${bundle.name}-`))
  try {
    process.stderr.write(`fetching ${bundle.name} through Maven, once\n`)
    writeFileSync(join(filling, 'pom.xml'), pomOf(bundle))
    const output = `-DoutputDirectory=${join(filling, 'files')}`
    const words = ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', output]
    execFileSync(mvn, words, { cwd: filling, stdio: 'pipe', encoding: 'utf8' })
    unpackArchives(join(filling, 'files'), bundle)
    if (!existsSync(folder)) renameSync(join(filling, 'files'), folder)
    return folder
  } catch (error) {
    throw new Unavailable(`Maven cannot fetch ${bundle.name}: ${firstErrorOf(error)}`)
  } finally {
    rmSync(filling, { recursive: true, force: true })
  }
}

function unpackArchives(folder: string, { artifacts }: MavenBundle): void {
  for (const { coordinates, type, classifier } of artifacts) {
    if (type !== 'tar.gz') continue
    const [, artifact, version] = coordinates.split(':')
    const suffix = classifier === undefined ? '' : `-${classifier}`
    const archive = `${artifact}-${version}${suffix}.tar.gz`
    execFileSync('tar', ['-xzf', archive], { cwd: folder, stdio: 'pipe' })
    rmSync(join(folder, archive))
  }
}

function pomOf({ artifacts }: MavenBundle): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>couponguard</groupId>
  <artifactId>stack</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
${artifacts.map(dependencyOf).join('\n')}
  </dependencies>
</project>
`
}

function dependencyOf({ coordinates, type, classifier, alone }: MavenArtifact): string {
  const [groupId, artifactId, version] = coordinates.split(':')
  const everything = '<exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion>'
  const fields = [
    `<groupId>${groupId}</groupId>`,
    `<artifactId>${artifactId}</artifactId>`,
    `<version>${version}</version>`,
    ...(type === undefined ? [] : [`<type>${type}</type>`]),
    ...(classifier === undefined ? [] : [`<classifier>${classifier}</classifier>`]),
    ...(alone === true ? [`<exclusions>${everything}</exclusions>`] : []),
  ]
  return `    <dependency>${fields.join('')}</dependency>`
}

function firstErrorOf(error: unknown): string {
  const stdout = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
  const line = stdout.split('\n').find((one) => one.includes('[ERROR]'))
  return (
    line?.replace(/\[ERROR\]\s*/, '') ?? (error instanceof Error ? error.message : String(error))
  )
}
