export { CertificateAuthority } from './certificates.ts';
export type { CertificatePaths, CertificateWish, CertifiedKey } from './certificates.ts';
export { DiskCrash, MemoryDisk } from './memory-disk.ts';
export type { CrashChoice, DiskStep } from './memory-disk.ts';
export type { KeptBytes, UnsyncedWrite } from './memory-inode.ts';
export { TOKEN_AUDIENCE, TOKEN_ISSUER, TokenIssuer } from './token-issuer.ts';
export type { TokenClaims } from './token-issuer.ts';
