import type { Action, Call } from '../action.ts';
import { entityTarget, findEntity, userEntity } from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { userNameOf } from './users.ts';

interface NamesUser {
  readonly UserName?: string | undefined;
}

/** Kinds of credentials that users do not have here: Terraform looks for them before it deletes a user. */
const ofUsers = {
  ListMFADevices: 'MFADevices',
  ListSSHPublicKeys: 'SSHPublicKeys',
  ListSigningCertificates: 'Certificates',
  ListServiceSpecificCredentials: 'ServiceSpecificCredentials',
} as const;

const ofAccounts = {
  ListVirtualMFADevices: { VirtualMFADevices: [], IsTruncated: false },
  ListServerCertificates: { ServerCertificateMetadataList: [], IsTruncated: false },
  ListOpenIDConnectProviders: { OpenIDConnectProviderList: [] },
  ListSAMLProviders: { SAMLProviderList: [] },
} as const;

/** Of passwords, devices, certificates and identity providers there are never any. */
export function absentCredentialActions({
  resources,
}: IamParts): Readonly<Record<string, Action<NamesUser>>> {
  const targets = ({ UserName }: NamesUser, call: Call) => [
    entityTarget(resources, userEntity, userNameOf(call, UserName), call),
  ];
  const userIn = ({ UserName }: NamesUser, call: Call) =>
    findEntity(resources, placeOf(call), userEntity, userNameOf(call, UserName));
  const empty = (members: object) => ({ run: () => members });
  const emptyOfUser = (member: string): Action<NamesUser> => ({
    targets,
    run: (input, call) => {
      userIn(input, call);
      return { [member]: [], IsTruncated: false };
    },
  });
  const noPassword: Action<NamesUser> = {
    targets,
    run: (input, call) => {
      const { UserName } = userIn(input, call);
      throw errors.noSuchEntity(`Login Profile for User ${UserName} cannot be found.`);
    },
  };
  return {
    ...mapped(ofUsers, emptyOfUser),
    ...mapped(ofAccounts, empty),
    GetLoginProfile: noPassword,
    DeleteLoginProfile: noPassword,
  };
}

function mapped<Value>(
  table: Readonly<Record<string, Value>>,
  actionOf: (value: Value) => Action<NamesUser>,
): Record<string, Action<NamesUser>> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, actionOf(value)]));
}
