import type {
  CreateAccessKeyRequest,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  ListAccessKeysRequest,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import { type AccessKeyResource, accessKeys, keysOf, putAccessKey } from '../../iam/index.ts';
import { globalPlace, type ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { entityTarget, findEntity, userEntity } from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { markedPage } from './marked-page.ts';
import { userNameOf } from './users.ts';

const mostKeysPerUser = 2;
/** LastUsedDate is told by the quarter of an hour, as AWS brings it up to date now and then only. */
const useStepMs = 15 * 60_000;

export function accessKeyActions({ resources, vault, credentials }: IamParts) {
  const ofUser = ({ UserName }: { readonly UserName?: string | undefined }, call: Call) => [
    entityTarget(resources, userEntity, userNameOf(call, UserName), call),
  ];
  const CreateAccessKey: Action<Checked<CreateAccessKeyRequest>> = {
    targets: ofUser,
    run: (input, call) =>
      resources.write((draft) => {
        const { accountId } = placeOf(call);
        const { UserName } = findEntity(draft, placeOf(call), userEntity, userNameOf(call, input.UserName));
        if (keysOf(draft, accountId, UserName).length >= mostKeysPerUser) {
          throw errors.overQuota('AccessKeysPerUser', mostKeysPerUser);
        }
        const CreateDate = nowText(call);
        const key = putAccessKey(draft, vault, { accountId, userName: UserName, CreateDate });
        const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = key;
        return { AccessKey: { UserName, AccessKeyId, Status: 'Active', SecretAccessKey, CreateDate } };
      }),
  };
  const ListAccessKeys: Action<Checked<ListAccessKeysRequest>> = {
    targets: ofUser,
    run: (input, call) => {
      const { UserName } = findEntity(resources, placeOf(call), userEntity, userNameOf(call, input.UserName));
      const keys = keysOf(resources, placeOf(call).accountId, UserName);
      const page = markedPage(keys, ({ AccessKeyId }) => AccessKeyId, input, call, UserName);
      return { AccessKeyMetadata: page.items.map(listed), ...page.marks };
    },
  };
  const UpdateAccessKey: Action<Checked<UpdateAccessKeyRequest>> = {
    targets: ofUser,
    run: (input, call) =>
      resources.write((draft) => {
        const key = findKey(draft, input, call);
        if (input.Status !== 'Active' && input.Status !== 'Inactive') {
          throw errors.invalidInput('The status of a key can be set to Active or Inactive.');
        }
        draft.put(accessKeys, globalPlace, key.AccessKeyId, { ...key, Status: input.Status });
      }),
  };
  const DeleteAccessKey: Action<Checked<DeleteAccessKeyRequest>> = {
    targets: ofUser,
    run: (input, call) =>
      resources.write((draft) => {
        draft.remove(accessKeys, globalPlace, findKey(draft, input, call).AccessKeyId);
      }),
  };
  const GetAccessKeyLastUsed: Action<Checked<GetAccessKeyLastUsedRequest>> = {
    targets: ({ AccessKeyId }, call) => {
      const key = resources.get(accessKeys, globalPlace, AccessKeyId);
      return [entityTarget(resources, userEntity, key?.UserName ?? '*', call)];
    },
    run: ({ AccessKeyId }, call) => {
      const key = resources.get(accessKeys, globalPlace, AccessKeyId);
      if (key?.accountId !== placeOf(call).accountId) throw missing(AccessKeyId);
      const use = credentials.lastUse(AccessKeyId);
      const AccessKeyLastUsed = use
        ? {
            LastUsedDate: new Date(use.atMs - (use.atMs % useStepMs)),
            ServiceName: use.service,
            Region: use.region,
          }
        : { ServiceName: 'N/A', Region: 'N/A' };
      return { UserName: key.UserName, AccessKeyLastUsed };
    },
  };
  return { CreateAccessKey, ListAccessKeys, UpdateAccessKey, DeleteAccessKey, GetAccessKeyLastUsed };
}

function findKey(
  view: ResourceView,
  input: { readonly AccessKeyId: string; readonly UserName?: string | undefined },
  call: Call,
): AccessKeyResource {
  const { accountId } = placeOf(call);
  const { UserName } = findEntity(view, placeOf(call), userEntity, userNameOf(call, input.UserName));
  const key = view.get(accessKeys, globalPlace, input.AccessKeyId);
  if (key?.accountId !== accountId || key.UserName !== UserName) throw missing(input.AccessKeyId);
  return key;
}

function missing(accessKeyId: string) {
  return errors.noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
}

function listed({ UserName, AccessKeyId, Status, CreateDate }: AccessKeyResource) {
  return { UserName, AccessKeyId, Status, CreateDate };
}
