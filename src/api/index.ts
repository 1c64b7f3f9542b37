/**
 * The actions of AWS's services, each over the rooms that do the work. They are given decoded, checked input and give
 * AWS's shapes; HTTP and protocols are `wire`'s and `server`'s.
 */
export type { Action, Call, ServiceApi, Target } from './action.ts';
export { ec2Api } from './ec2/ec2-api.ts';
export { regionCodes } from './ec2/regions.ts';
export { emptyServices } from './empty-services.ts';
export { firehoseApi } from './firehose/firehose-api.ts';
export { iamApi } from './iam/iam-api.ts';
export { logsApi } from './logs/logs-api.ts';
export { s3Api } from './s3/s3-api.ts';
export { s3ControlApi } from './s3control/s3-control-api.ts';
export { stsApi } from './sts/sts-api.ts';
