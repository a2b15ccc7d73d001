/** A front-end's connection. Answers that come late go nowhere, also where the driver uses its number again. */
export interface FrontendLink {
  readonly link: number;
  live: boolean;
}
