/**
 * A certificate authority of one folder and a server certificate for the loopback interface signed
 * by it, made with openssl in a second and good for a day: for tests of TLS, never for more.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface CertificateFiles {
  /** PEM; the key is PKCS#8 without a pass phrase. */
  readonly keyFile: string
  readonly certificateFile: string
  readonly caFile: string
  /** What `caFile` holds, for clients. */
  readonly ca: string
}

export function makeCertificates(folder: string): CertificateFiles {
  mkdirSync(folder, { recursive: true })
  const path = (name: string) => join(folder, name)
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  writeFileSync(path('names.cnf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const key = ['-newkey', 'rsa:2048', '-nodes']
  const ca = ['-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=couponguard test CA']
  openssl('req', '-x509', ...key, '-days', '1', ...ca)
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1']
  const named = ['-extfile', 'names.cnf', '-out', 'server.pem']
  openssl('x509', '-req', '-in', 'server.csr', ...signed, ...named)
  return {
    keyFile: path('server.key'),
    certificateFile: path('server.pem'),
    caFile: path('ca.pem'),
    ca: readFileSync(path('ca.pem'), 'utf8'),
  }
}
