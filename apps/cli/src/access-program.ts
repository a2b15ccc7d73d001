import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { parseAcl } from '@paddock/client';
import type { Acl, Credential } from '@paddock/client';
import { getAcl, setAcl, whoAmI } from './acl-commands.ts';
import type { SetAclFlags } from './acl-commands.ts';
import type { CommandContext } from './command-context.ts';
import { parseCredential } from './credential.ts';
import { withReadFlags } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';

type Act = (action: (context: CommandContext) => Promise<void>) => Promise<void>;

/** Who may do what, and who one is. */
export function addAccess(program: Command, act: Act, wholeNumber: (text: string) => number): void {
  const acl = program
    .command('acl')
    .description('who may do what with a znode')
    .addHelpText('after', ACL_HELP);
  withReadFlags(acl.command('get <path>').description('print its ACL, an entry a line')).action(
    (path: string, flags: ReadFlags) => act((context) => getAcl(context, path, flags)),
  );
  acl
    .command('set <path>')
    .description('replace its ACL')
    .argument('<acl>', 'such as world:anyone:r,auth::cdrwa', aclOf)
    .option('--if-version <n>', 'only if the ACL has this version', wholeNumber)
    .option('-r, --recursive', 'and those of all below it, one after the other')
    .action((path: string, entries: Acl, flags: SetAclFlags) =>
      act((context) => setAcl(context, path, entries, flags)),
    );
  program
    .command('whoami')
    .description('print who one is to the service')
    .action(() => act((context) => whoAmI(context)));
}

export function aclOf(text: string): Acl {
  const acl = parseAcl(text);
  if (acl !== undefined) return acl;
  throw new InvalidArgumentError('It takes entries scheme:id:permissions, separated by commas.');
}

/** For an option that may be given several times: adds one to those before it. */
export function credentialOf(text: string, before: readonly Credential[] = []): Credential[] {
  const credential = parseCredential(text);
  if (credential === undefined) throw new InvalidArgumentError('It takes scheme:credential.');
  return [...before, credential];
}

const ACL_HELP = `
An entry is scheme:id:permissions, the permissions are letters of "cdrwa": create and delete
children, read, write, administer the ACL. What one of the entries permits is permitted.
  world:anyone          everybody
  auth:                 who sets it, with all that --auth proves
  digest:user:hash      who has the password of that hash
  ip:10.0.0.0/8         whose connection comes from there
  x509:CN=alice         who shows that certificate
  jwt:alice             whose bearer token has that subject
  jwt-group:dev         whose bearer token names that group
--auth digest:user:password proves who one is; PADDOCK_AUTH does too, and no other user of
the machine sees it. --token and PADDOCK_TOKEN do it by a bearer token.
`;
