export { CertificateAuthority } from './certificates.ts';
export type { CertificatePaths, CertificateWish, CertifiedKey } from './certificates.ts';
export { describeDisk } from './disk.ts';
export type { DiskFixture } from './disk.ts';
export { describeLink, LINK_SUITE_LIMITS } from './link.ts';
export type { LinkFixture } from './link.ts';
export { TOKEN_AUDIENCE, TOKEN_ISSUER, TokenIssuer } from './token-issuer.ts';
export type { TokenClaims } from './token-issuer.ts';
